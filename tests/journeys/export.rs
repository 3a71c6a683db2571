//! Shipping bundles through the binary: to files and to the sandbox's registry, and taking them in again.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use e2e::registry::{self, copy, oras};
use e2e::{Outcome, run, taskwright};
use serde_json::Value;
use sha2::{Digest, Sha256};

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
    let registry = registry::address()?;
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
fn oras_reads_copies_and_finds_what_was_pushed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let bundle = template(folder.path(), "postgres-recovery")?;
    let (private, public) = keys(folder.path(), "mine")?;
    // A place of its own: what is exported has the same digest each time, and keeps the signatures of earlier runs.
    let place = format!("{}/e2e/oras-{}", registry::address()?, std::process::id());
    let to = format!("oci://{place}:v1");
    export(&bundle, &to, &["--force", "--sign", &private])?.expect(0)?;

    let manifest: Value = serde_json::from_str(&oras(&[
        "manifest",
        "fetch",
        "--plain-http",
        &format!("{place}:v1"),
    ])?)?;
    ensure!(
        manifest["artifactType"] == "application/vnd.taskwright.task.v1",
        "{manifest:#}"
    );
    let layers = manifest["layers"].as_array().context("no layers")?;
    let types: Vec<&str> = layers
        .iter()
        .filter_map(|layer| layer["mediaType"].as_str())
        .collect();
    ensure!(
        types.iter().any(|kind| kind.contains(".candidate."))
            && types.iter().any(|kind| kind.contains(".restricted.")),
        "{types:?}"
    );

    let pulled = folder.path().join("oras");
    oras(&[
        "pull",
        "--plain-http",
        &format!("{place}:v1"),
        "--output",
        &pulled.to_string_lossy(),
    ])?;
    let list: Value = serde_json::from_slice(&fs::read(pulled.join("manifest.json"))?)?;
    ensure!(list["task"]["name"] == "postgres-recovery", "{list:#}");

    let found: Value = serde_json::from_str(&oras(&[
        "discover",
        "--plain-http",
        &format!("{place}:v1"),
        "--format",
        "json",
    ])?)?;
    let kinds: Vec<&Value> = found["referrers"]
        .as_array()
        .map(|all| all.iter().map(|one| &one["artifactType"]).collect())
        .unwrap_or_default();
    ensure!(kinds == ["application/vnd.taskwright.signature.v1"], "{found:#}");

    // What another tool has copied to another name is the same bundle, with its signature.
    copy(&format!("{place}:v1"), &format!("{place}-copied:v1"))?;
    let into = folder.path().join("copied").to_string_lossy().into_owned();
    let copied = format!("oci://{place}-copied:v1");
    run(taskwright(&["pull", &copied, &into, "--key", &public]))?.expect(0)?;
    let same = Command::new("diff")
        .args(["-r", &bundle.to_string_lossy(), &into])
        .output()?;
    ensure!(same.status.success(), "{}", String::from_utf8_lossy(&same.stdout));
    Ok(())
}

/// The receiver beside the binary, on a port of its own; ends when dropped.
struct Receiver {
    child: Child,
    address: String,
}

impl Receiver {
    fn start(folder: &Path, token: &str) -> Result<Self> {
        let digest = Sha256::digest(token.as_bytes());
        let digest: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = digest.concat();
        let tokens = folder.join("tokens");
        fs::write(&tokens, format!("ada {digest}\n"))?;
        let mut child = Command::new(e2e::binary().with_file_name("taskwright-receiver"))
            .args(["--listen", "127.0.0.1:0", "--accept", "anything", "--data"])
            .arg(folder.join("received"))
            .arg("--tokens")
            .arg(tokens)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let address = lines.find_map(|line| {
            let line = line.ok()?;
            Some(
                line[line.find("http://")?..]
                    .split_whitespace()
                    .next()?
                    .to_owned(),
            )
        });
        let address = address.context("the receiver does not say where it is")?;
        Ok(Self { child, address })
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_token_is_kept_in_the_keyring_used_and_removed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let bundle = template(folder.path(), "blank")?;
    let token = "a-token-that-only-the-keyring-has";
    let receiver = Receiver::start(folder.path(), token)?;
    // A session of its own with a real keyring, which is unlocked by its first line of input.
    let script = "set -e; echo password | gnome-keyring-daemon --unlock --components=secrets >/dev/null\n\
                  ship() { \"$TASKWRIGHT\" export \"$BUNDLE\" --to \"$PLATFORM\" --force 2>&1; }\n\
                  ship && exit 10; printf %s \"$TOKEN\" | \"$TASKWRIGHT\" login \"$PLATFORM\"; TOKEN=; ship\n\
                  \"$TASKWRIGHT\" logout \"$PLATFORM\"; ship && exit 11; exit 0";
    let mut session = Command::new("dbus-run-session");
    session
        .args(["--", "sh", "-c", script])
        .stdin(Stdio::null())
        .env("HOME", folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .env("TASKWRIGHT", e2e::binary())
        .env("BUNDLE", &bundle)
        .env("PLATFORM", &receiver.address)
        .env("TOKEN", token);
    let done = run(session)?.expect(0)?;
    let told = &done.stdout;
    ensure!(
        told.matches("taskwright login http").count() == 2,
        "before and after: {told}"
    );
    ensure!(told.contains("exported blank to http"), "{told}");
    ensure!(
        !format!("{done:?}").contains(token),
        "the token was shown: {done:?}"
    );
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
