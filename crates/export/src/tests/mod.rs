//! Whole archives: made, written, read, and made by somebody who means harm.

mod determinism;
mod fake;
mod hostile;
mod oci;
mod store;
mod trust;

use std::io::Cursor;

use bundle::proof::{self, Proof};
use bundle::{Bundle, BundleFiles, BundlePath, Entry, File, check};

use crate::manifest::Manifest;
use crate::pack::Package;
use crate::verify::{self, Received};

pub(crate) fn insert(files: &mut BundleFiles, path: &str, content: &[u8], executable: bool) {
    let content = content.into();
    files.insert(
        BundlePath::new(path).unwrap(),
        Entry::File(File { content, executable }),
    );
}

/// A small task without a proof.
pub(crate) fn unproven() -> BundleFiles {
    let task = include_str!("../../../../task-templates/blank/task.yaml");
    let check = include_bytes!("../../../../task-templates/blank/checks/web-is-available.sh");
    let mut files = BundleFiles::new();
    insert(&mut files, "task.yaml", task.as_bytes(), false);
    insert(&mut files, "statement.md", b"# Run a web server\n", false);
    insert(&mut files, "checks/web-is-available.sh", check, true);
    insert(
        &mut files,
        "solutions/reference.sh",
        b"#!/bin/sh\nkubectl create deployment web\n",
        true,
    );
    insert(&mut files, "tty/home/.profile", b"alias k=kubectl\n", false);
    insert(
        &mut files,
        &format!("tty/home/{}/notes", "n".repeat(120)),
        b"",
        false,
    );
    files
}

/// Puts a proof that says so beside the files of a bundle.
pub(crate) fn prove(files: &mut BundleFiles, passed: bool) {
    let proof = Proof {
        version: proof::VERSION,
        task: "blank".to_owned(),
        bundle: bundle::digest::of(files),
        lock: proof::lock_digest(files),
        passed,
        made_at: "2026-01-01T00:00:00Z".to_owned(),
        versions: [].into(),
        cases: Vec::new(),
    };
    insert(files, proof::FILE, proof.to_text().unwrap().as_bytes(), false);
}

/// A small task with a proof that passed.
pub(crate) fn proven() -> BundleFiles {
    let mut files = unproven();
    prove(&mut files, true);
    files
}

pub(crate) fn checked(files: &BundleFiles) -> Bundle {
    let checked = check(files);
    checked
        .bundle
        .unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

pub(crate) fn package(files: &BundleFiles) -> Package {
    Package::new(&checked(files)).unwrap()
}

pub(crate) fn archive(files: &BundleFiles) -> Vec<u8> {
    package(files).write(Vec::new()).unwrap()
}

pub(crate) fn receive(archive: &[u8]) -> Received {
    verify::archive(&mut Cursor::new(archive)).unwrap()
}

pub(crate) fn manifest(archive: &[u8]) -> Manifest {
    receive(archive).report.manifest.unwrap()
}

/// Bytes that do not compress.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut number = 7_u64;
    let byte = || {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        number.to_be_bytes()[0]
    };
    std::iter::repeat_with(byte).take(length).collect()
}
