//! What an export is refused for, and what a receiver is told.

use bundle::lock::{Lock, VERSION};
use bundle::{BundleFiles, BundlePath, Entry};

use super::{archive, checked, insert, manifest, package, prove, proven, receive, unproven};
use crate::pack::Package;
use crate::problem::Problem;
use crate::reason::Reason;

fn reasons(files: &BundleFiles) -> Vec<Reason> {
    let package = package(files);
    let found: Vec<Reason> = package.objections().iter().map(|one| one.reason).collect();
    assert_eq!(package.manifest().forced, found);
    let report = receive(&archive(files)).report;
    assert_eq!(report.problems, []);
    assert_eq!(
        report.forced.iter().map(|one| one.reason).collect::<Vec<_>>(),
        found
    );
    found
}

fn with_image() -> BundleFiles {
    let mut files = unproven();
    let task = String::from_utf8(files.content("task.yaml").unwrap().to_vec()).unwrap();
    let task = task.replace(
        "  checks:",
        "  tty: {image: registry.example.org/seat:1}\n  checks:",
    );
    insert(&mut files, "task.yaml", task.as_bytes(), false);
    files
}

fn lock(files: &mut BundleFiles, digest: Option<&str>) {
    let bundle = checked(files);
    let lock = Lock {
        version: VERSION,
        kubernetes: bundle.environment.kubernetes_version.to_string(),
        vcluster: bundle::vcluster::CHART_VERSION.to_owned(),
        rendered_by: [].into(),
        dependencies: [].into(),
        images: [(
            "registry.example.org/seat:1".to_owned(),
            digest.map(str::to_owned),
        )]
        .into(),
        platforms: [].into(),
    };
    insert(files, "task.lock", lock.to_text().unwrap().as_bytes(), false);
}

#[test]
fn a_bundle_that_was_proven_is_exported_without_a_word() {
    assert_eq!(reasons(&proven()), []);
}

/// A bundle to which something was done.
fn after(mut files: BundleFiles, act: impl FnOnce(&mut BundleFiles)) -> BundleFiles {
    act(&mut files);
    files
}

#[test]
fn every_reason_of_the_proof_is_found_and_told() {
    let failed = after(unproven(), |files| prove(files, false));
    let broken = after(unproven(), |files| insert(files, "proof.json", b"{}", false));
    let edited = after(proven(), |files| {
        insert(files, "statement.md", b"# Another\n", false);
    });
    let another_mode = after(proven(), |files| {
        insert(files, "statement.md", b"# Run a web server\n", true);
    });
    for (files, expected) in [
        (unproven(), Reason::Unproven),
        (failed, Reason::FailedProof),
        (broken, Reason::BrokenProof),
        (edited, Reason::ProofOfOtherFiles),
        (another_mode, Reason::ProofOfOtherFiles),
    ] {
        assert_eq!(reasons(&files), [expected]);
    }
}

#[test]
fn every_reason_of_the_lock_is_found_and_told() {
    let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
    let unpinned = after(with_image(), |files| {
        lock(files, None);
        prove(files, true);
    });
    let locked_again = after(with_image(), |files| {
        lock(files, Some(&digest("0")));
        prove(files, true);
        lock(files, Some(&digest("1")));
    });
    let drifted = after(with_image(), |files| {
        lock(files, Some(&digest("0")));
        let task = String::from_utf8(files.content("task.yaml").unwrap().to_vec()).unwrap();
        insert(
            files,
            "task.yaml",
            task.replace("seat:1", "seat:2").as_bytes(),
            false,
        );
        prove(files, true);
    });
    for (files, expected) in [
        (with_image(), &[Reason::Unlocked, Reason::Unproven][..]),
        (unpinned, &[Reason::UnpinnedImage]),
        (
            locked_again,
            &[Reason::ProofOfOtherFiles, Reason::ProofOfOtherLock],
        ),
        (drifted, &[Reason::Drifted]),
    ] {
        assert_eq!(reasons(&files), expected);
    }
}

#[test]
fn a_list_that_hides_a_reason_is_found_out() {
    let files = unproven();
    let mut list = manifest(&archive(&files));
    list.forced.clear();
    let received = crate::verify::inspect(list.clone(), files.clone());
    assert!(
        matches!(&received.report.problems[..], [Problem::Untrusted(one)] if one.reason == Reason::Unproven)
    );
    list.task.title = "Another".to_owned();
    list.bundle = crate::digest::of(b"");
    assert_eq!(crate::verify::inspect(list, files).report.problems.len(), 3);
}

#[test]
fn links_are_resolved_or_refused() {
    let link = |path: &str, target: &str| {
        let mut files = proven();
        let target = target.to_owned();
        files.insert(BundlePath::new(path).unwrap(), Entry::Link { target });
        files
    };
    let files = link("tty/home/profile", ".profile");
    let list = package(&files).manifest().clone();
    let linked = list.file("tty/home/profile").unwrap();
    assert_eq!(linked.sha256, list.file("tty/home/.profile").unwrap().sha256);
    for (path, target) in [
        ("x", "gone"),
        ("x", "x"),
        ("x", "../../etc/passwd"),
        ("x", "/etc/passwd"),
        ("x", "tty/home"),
        ("tty/home/leak", "../../solutions/reference.sh"),
        ("tty/home/leak", "../../task.yaml"),
    ] {
        let mut bundle = checked(&proven());
        bundle.files = link(path, target);
        let refused = Package::new(&bundle).unwrap_err();
        assert!(
            matches!(&refused[..], [Problem::Unpackable { path: named, .. }] if named == path),
            "{path} -> {target}: {refused:?}"
        );
    }
}

#[test]
fn everything_that_cannot_be_exported_is_told_at_once() {
    let mut bundle = checked(&proven());
    for path in [
        "tty/home/a:b",
        "tty/home/nul",
        "tty/home/A",
        "tty/home/a",
        "tty/home/.git/config",
    ] {
        bundle.files.insert_file(BundlePath::new(path).unwrap(), *b"");
    }
    assert_eq!(Package::new(&bundle).unwrap_err().len(), 4);
    let mut bundle = checked(&proven());
    bundle
        .files
        .insert(BundlePath::new("pipe").unwrap(), Entry::Special);
    bundle
        .files
        .insert(BundlePath::new("big").unwrap(), Entry::TooLarge { size: 1 << 40 });
    let reason = "permission denied".to_owned();
    bundle
        .files
        .insert(BundlePath::new("locked").unwrap(), Entry::Unreadable { reason });
    bundle.files.mark_truncated();
    assert_eq!(Package::new(&bundle).unwrap_err().len(), 4);
}
