//! Shipping bundles through the binary: to files and to the sandbox's registry, and taking them in again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::{Outcome, run, taskwright};
use serde_json::Value;

fn export(bundle: &Path, to: &str, options: &[&str]) -> Result<Outcome> {
    let bundle = bundle.to_string_lossy().into_owned();
    let mut arguments = vec!["export", &bundle, "--to", to];
    arguments.extend(options);
    run(taskwright(&arguments))
}

fn template(folder: &Path, name: &str) -> Result<PathBuf> {
    let bundle = folder.join(name);
    let at = bundle.to_string_lossy().into_owned();
    run(taskwright(&["new", &at, "--template", name]))?.expect(0)?;
    Ok(bundle)
}

fn templates() -> Result<Vec<String>> {
    let listed = run(taskwright(&["new", "--list", "--output", "json"]))?.expect(0)?;
    let listed: Vec<Value> = serde_json::from_str(&listed.stdout)?;
    let names = listed.iter().filter_map(|one| one["name"].as_str());
    Ok(names.map(str::to_owned).collect())
}

#[test]
fn every_template_is_refused_unproven_and_exported_by_force() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for name in templates()? {
        let bundle = template(folder.path(), &name)?;
        let at = |file: &str| {
            folder
                .path()
                .join(format!("{name}{file}"))
                .to_string_lossy()
                .into_owned()
        };
        let refused = export(&bundle, &at(".taskbundle"), &[])?.expect(1)?;
        ensure!(
            refused.stderr.contains("never proven") && refused.stderr.contains("--force"),
            "{refused:?}"
        );
        ensure!(!Path::new(&at(".taskbundle")).exists(), "something was written");
        export(&bundle, &at(".taskbundle"), &["--force"])?.expect(0)?;
        export(&bundle, &at(".again"), &["--force"])?.expect(0)?;
        ensure!(
            fs::read(at(".taskbundle"))? == fs::read(at(".again"))?,
            "{name} has other bytes"
        );
        let report = run(taskwright(&["verify", &at(".taskbundle"), "--output", "json"]))?.expect(1)?;
        let report: Value = serde_json::from_str(&report.stdout)?;
        ensure!(report["problems"] == Value::Array(Vec::new()), "{report:#}");
        ensure!(
            report["forced"]
                .as_array()
                .is_some_and(|forced| !forced.is_empty()),
            "{report:#}"
        );
        run(taskwright(&["pull", &at(".taskbundle"), &at(".pulled")]))?.expect(0)?;
        let same = Command::new("diff")
            .args(["-r", &at(""), &at(".pulled")])
            .output()?;
        ensure!(same.status.success(), "{}", String::from_utf8_lossy(&same.stdout));
        export(Path::new(&at(".pulled")), &at(".third"), &["--force"])?.expect(0)?;
        ensure!(
            fs::read(at(".taskbundle"))? == fs::read(at(".third"))?,
            "{name} changed on its way"
        );
    }
    Ok(())
}

fn keys(folder: &Path, name: &str) -> Result<(String, String)> {
    let at = |file: &str| {
        folder
            .join(format!("{name}{file}"))
            .to_string_lossy()
            .into_owned()
    };
    let (private, public) = (at(".pem"), at(".pub.pem"));
    let made = Command::new("openssl")
        .args(["genpkey", "-algorithm", "ed25519", "-out", &private])
        .status()?;
    ensure!(made.success());
    let made = Command::new("openssl")
        .args(["pkey", "-in", &private, "-pubout", "-out", &public])
        .status()?;
    ensure!(made.success());
    Ok((private, public))
}

#[test]
fn a_signature_holds_for_a_file_and_for_an_artifact() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let bundle = template(folder.path(), "blank")?;
    let ((private, public), (_, other)) = (keys(folder.path(), "mine")?, keys(folder.path(), "other")?);
    let status = run(taskwright(&["sandbox", "status", "--output", "json"]))?.expect(0)?;
    let status: Value = serde_json::from_str(&status.stdout)?;
    let registry = status["sandbox"]["registry"].as_str().context("no registry")?;
    let file = folder
        .path()
        .join("blank.taskbundle")
        .to_string_lossy()
        .into_owned();
    for to in [file.clone(), format!("oci://{registry}/e2e/blank:v1")] {
        let made = export(&bundle, &to, &["--force", "--sign", &private, "--output", "json"])?.expect(0)?;
        let made: Value = serde_json::from_str(&made.stdout)?;
        ensure!(made["signature"].is_string(), "{made:#}");
        let signed = run(taskwright(&[
            "pull",
            &to,
            &format!("{file}.pulled"),
            "--key",
            &public,
        ]))?
        .expect(0)?;
        ensure!(signed.stdout.contains("signed with sha256:"), "{signed:?}");
        fs::remove_dir_all(format!("{file}.pulled"))?;
        let forged = run(taskwright(&[
            "pull",
            &to,
            &format!("{file}.pulled"),
            "--key",
            &other,
        ]))?
        .expect(1)?;
        ensure!(forged.stdout.contains("not made with this key"), "{forged:?}");
        ensure!(
            !Path::new(&format!("{file}.pulled")).exists(),
            "something was written"
        );
    }
    let mut bytes = fs::read(&file)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes)?;
    let bad = run(taskwright(&["verify", &file, "--key", &public]))?.expect(1)?;
    ensure!(bad.stdout.contains("changed after it was exported"), "{bad:?}");
    Ok(())
}

#[test]
fn what_cannot_be_done_says_so_with_its_code() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let bundle = template(folder.path(), "blank")?;
    let file = folder.path().join("x.taskbundle").to_string_lossy().into_owned();
    for (to, options, code, words) in [
        ("s3://bucket/x", &[][..], 2, "oci://REGISTRY"),
        ("https://platform.example.org", &[], 2, "platform"),
        (&file, &["--images"], 2, "registry"),
        (&file, &["--sign", "/dev/null"], 2, "/dev/null"),
        ("/nowhere/at/all/x.taskbundle", &[], 1, "failed to write"),
        ("oci://127.0.0.1:1/x:1", &[], 3, "cannot be reached"),
    ] {
        let mut options = options.to_vec();
        options.push("--force");
        let refused = export(&bundle, to, &options)?.expect(code)?;
        ensure!(refused.stderr.contains(words), "{to}: {refused:?}");
    }
    run(taskwright(&["verify", "/nowhere"]))?.expect(1)?;
    let at = bundle.to_string_lossy().into_owned();
    export(&bundle, &file, &["--force"])?.expect(0)?;
    let occupied = run(taskwright(&["pull", &file, &at]))?.expect(1)?;
    ensure!(occupied.stderr.contains("not an empty folder"), "{occupied:?}");
    Ok(())
}
