//! Archives made by somebody who means harm: each is refused, in little time and memory, before anything is written.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use tar::EntryType;

use super::{archive, manifest, proven, receive};
use crate::frame::{self, Digesting};
use crate::header::{self, END, Foreign};
use crate::layer::Layer;
use crate::manifest::{FileInfo, Manifest, NAME};
use crate::problem::{Problem, What};

/// A whole archive around a tar that somebody else made.
fn sealed(tar: &[u8]) -> Vec<u8> {
    let out = Digesting::new(Vec::new());
    let out = frame::compress(out, tar.len() as u64, |frame| frame.write_all(tar));
    out.unwrap().seal().unwrap()
}

fn entry(tar: &mut Vec<u8>, header: &[u8], content: &[u8]) {
    tar.extend_from_slice(header);
    tar.extend_from_slice(content);
    tar.resize(tar.len() + header::padding(content.len() as u64), 0);
}

fn file(tar: &mut Vec<u8>, path: &str, content: &[u8]) {
    let header = header::of_file(path, content.len() as u64, false);
    entry(tar, &header, content);
}

/// A tar that begins with a list.
fn listed(list: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    file(&mut tar, NAME, list);
    tar
}

/// A header of any kind, as the tar crate writes it.
fn foreign(kind: EntryType, path: &str, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(size);
    header.set_link_name("/etc/passwd").unwrap();
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn list_with(paths: &[&str]) -> Manifest {
    let mut list = manifest(&archive(&proven()));
    for path in paths {
        list.files.push(FileInfo {
            path: (*path).to_owned(),
            size: 0,
            sha256: crate::digest::hex(b""),
            executable: false,
            layer: Layer::of(&bundle::BundlePath::lossy(path)),
        });
    }
    list.files.sort_by(|a, b| a.path.cmp(&b.path));
    list
}

fn refused(archive: &[u8]) -> Vec<Problem> {
    let received = receive(archive);
    assert!(received.files.is_none());
    assert!(!received.report.problems.is_empty());
    received.report.problems
}

#[test]
fn paths_of_the_list_stay_inside_and_apart() {
    for paths in [
        &["../x"][..],
        &["a/../../x"],
        &["/etc/passwd"],
        &["C:/x"],
        &["a\\b"],
        &["a\u{0}b"],
        &["a\u{1b}[2Jb"],
        &["./a"],
        &["a//b"],
        &["nul"],
        &["a:b"],
        &["a\u{202e}b"],
        &[".git/hooks/post-checkout"],
        &["Task.yaml"],
        &["x", "X"],
        &["x", "x"],
        &["x", "x/y"],
        &["a/x", "A/y"],
        &["caf\u{e9}", "cafe\u{301}"],
        &["\u{212a}", "k"],
        &[&"d/".repeat(200)],
    ] {
        let problems = refused(&sealed(&listed(&list_with(paths).to_bytes())));
        let is_path = |one: &Problem| {
            matches!(
                one,
                Problem::Path { .. } | Problem::Clash(_) | Problem::Manifest { .. }
            )
        };
        assert!(problems.iter().all(is_path), "{paths:?}: {problems:?}");
        for problem in problems {
            let text = problem.to_string();
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
    }
}

#[test]
fn a_list_is_taken_in_one_form_only() {
    let good = manifest(&archive(&proven()));
    let text = String::from_utf8(good.to_bytes()).unwrap();
    let cases = [
        text.replace(r#""format":1"#, r#""format":2"#),
        text.replace(r#""format":1"#, r#""format":1,"format":1"#),
        text.replace(r#""format":1"#, r#""format": 1"#),
        text.replace(r#""format":1"#, r#""format":1,"more":1"#),
        text.replace(r#""layer":"restricted""#, r#""layer":"candidate""#),
        text.replace("Run a web server", "Run\\u0007"),
        text.replace(r#""name":"blank""#, r#""name":"../blank""#),
        text.replace(r#""forced":[]"#, r#""forced":["unproven","unlocked"]"#),
        text.replacen(r#""sha256":""#, r#""sha256":"Z"#, 1),
        text.replacen(r#""size":"#, r#""size":-"#, 1),
        text.replacen(r#""size":"#, r#""size":1e3"#, 1),
        text.replace(&good.bundle, "sha256:00"),
        text.replace(good.proof.as_ref().unwrap(), &crate::digest::of(b"")),
        text.replace(r#""proof":"sha"#, r#""proof":null,"x":"sha"#),
        format!("{text} "),
        "[".repeat(100_000),
        String::new(),
    ];
    for case in cases {
        assert_ne!(case, text);
        let problems = refused(&sealed(&listed(case.as_bytes())));
        assert!(
            matches!(&problems[..], [Problem::Manifest { .. }]),
            "{case:.80}: {problems:?}"
        );
    }
}

#[test]
fn nothing_but_the_files_of_the_list_is_taken() {
    let list = list_with(&[]);
    let first = format!("bundle/{}", list.files[0].path);
    let other = list_with(&["zz"]);
    let pax = |record: &str| {
        let mut bytes = foreign(EntryType::XHeader, "PaxHeader", record.len() as u64);
        bytes.extend_from_slice(record.as_bytes());
        bytes.resize(bytes.len() + header::padding(record.len() as u64), 0);
        bytes
    };
    let cases: Vec<(Vec<u8>, Foreign)> = vec![
        (foreign(EntryType::Symlink, &first, 0), Foreign::Link),
        (foreign(EntryType::Link, &first, 0), Foreign::HardLink),
        (foreign(EntryType::Char, &first, 0), Foreign::Device),
        (foreign(EntryType::Block, &first, 0), Foreign::Device),
        (foreign(EntryType::Fifo, &first, 0), Foreign::Device),
        (foreign(EntryType::Directory, &first, 0), Foreign::Folder),
        (foreign(EntryType::GNULongName, "././@LongLink", 20), Foreign::Gnu),
        (foreign(EntryType::GNULongLink, "././@LongLink", 20), Foreign::Gnu),
        (foreign(EntryType::GNUSparse, &first, 1 << 40), Foreign::Gnu),
        (foreign(EntryType::XGlobalHeader, "g", 0), Foreign::Pax),
        (pax("28 path=../../../etc/passwd\n"), Foreign::Pax),
        (pax("20 size=99999999999\n"), Foreign::Pax),
        (pax("22 GNU.sparse.major=1\n"), Foreign::Pax),
        (header::of_file("../x", 3, false), Foreign::File),
        (
            header::of_file(&format!("bundle/{}", other.files[1].path), 3, false),
            Foreign::File,
        ),
        (vec![0; END], Foreign::End),
        (b"noise".repeat(200), Foreign::Noise),
    ];
    for (header, found) in cases {
        let mut tar = listed(&list.to_bytes());
        tar.extend_from_slice(&header);
        tar.resize(tar.len() + (1 << 16), 0);
        let problems = refused(&sealed(&tar));
        assert!(
            matches!(&problems[..], [Problem::Foreign { found: is, .. }] if *is == found),
            "{found:?}: {problems:?}"
        );
    }
}

/// The tar of a good archive.
fn good_tar() -> Vec<u8> {
    let archive = archive(&proven());
    let mut tar = Vec::new();
    let mut unpacking = frame::Unpacking::new(&archive[..], archive.len() as u64).unwrap();
    unpacking.read_to_end(&mut tar).unwrap();
    tar
}

#[test]
fn every_byte_of_the_tar_counts() {
    let tar = good_tar();
    let report = receive(&sealed(&tar)).report;
    assert!(report.problems.is_empty());
    let good = report.digest;
    let step = (tar.len() / 400).max(1);
    for at in (0..tar.len()).step_by(step) {
        let mut changed = tar.clone();
        changed[at] ^= 1;
        let report = receive(&sealed(&changed)).report;
        // Another version of the program may stand in the list: that is another archive, with another digest to be signed.
        assert!(!report.problems.is_empty() || report.digest != good, "byte {at}");
    }
    for (length, more) in [
        (tar.len() - 1, 0),
        (tar.len() - END, 0),
        (tar.len(), 1),
        (tar.len(), 512),
    ] {
        let mut changed = tar[..length].to_vec();
        changed.resize(length + more, 0);
        refused(&sealed(&changed));
    }
}

#[test]
fn a_content_that_was_swapped_is_named_with_all_others() {
    let list = list_with(&["one", "two"]);
    let mut tar = listed(&list.to_bytes());
    for info in &list.files {
        let content = vec![b'x'; usize::try_from(info.size).unwrap()];
        let header = header::of_file(&format!("bundle/{}", info.path), info.size, info.executable);
        entry(&mut tar, &header, &content);
    }
    tar.resize(tar.len() + END, 0);
    let problems = refused(&sealed(&tar));
    let with_content = list.files.iter().filter(|info| info.size > 0).count();
    assert_eq!(problems.len(), with_content);
    assert!(problems.iter().all(|one| matches!(one, Problem::Content { .. })));
}

#[test]
fn a_bit_flipped_at_a_thousand_places_is_found_each_time() {
    let good = archive(&proven());
    let bits = good.len() * 8;
    let mut places = 0;
    for number in 0..1_000 {
        let bit = number * bits / 1_000;
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        refused(&bad);
        places += 1;
    }
    assert_eq!(places, 1_000);
}

#[test]
fn an_archive_that_ends_early_or_late_is_refused() {
    let good = archive(&proven());
    for length in 0..good.len() {
        let problems = refused(&good[..length]);
        assert!(
            matches!(&problems[..], [Problem::NotABundle | Problem::NotWhole]),
            "{length}: {problems:?}"
        );
    }
    for more in [&b"\0"[..], b"more", &good] {
        refused(&[&good, more].concat());
    }
    let frame = &good[..good.len() - 48];
    let mut twice = Digesting::new(Vec::new());
    twice.write_all(frame).unwrap();
    twice.write_all(frame).unwrap();
    assert_eq!(refused(&twice.seal().unwrap()), [Problem::Surplus]);
}

/// A list of `count` empty files.
fn crowd(count: usize, size: u64) -> Vec<u8> {
    let mut text = String::from_utf8(manifest(&archive(&proven())).to_bytes()).unwrap();
    text.truncate(text.find("\"files\":[").unwrap() + 9);
    for number in 0..count {
        let comma = if number > 0 { "," } else { "" };
        let digest = "0".repeat(64);
        write!(
            text,
            r#"{comma}{{"path":"f{number:07}","size":{size},"sha256":"{digest}","executable":false,"layer":"candidate"}}"#
        )
        .unwrap();
    }
    (text + "]}\n").into_bytes()
}

/// An archive that grows without end, made without holding it in memory.
fn endless(list: &[u8], megabytes: usize) -> Vec<u8> {
    let tar = listed(list);
    let size = tar.len() + (megabytes << 20);
    let out = frame::compress(Digesting::new(Vec::new()), size as u64, |frame| {
        frame.write_all(&tar)?;
        let zeros = vec![0; 1 << 20];
        (0..megabytes).try_for_each(|_| frame.write_all(&zeros))
    });
    out.unwrap().seal().unwrap()
}

/// A frame whose window needs 128 MiB.
fn wide() -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::new(Digesting::new(Vec::new()), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(&good_tar()).unwrap();
    encoder.finish().unwrap().seal().unwrap()
}

/// As large as a bundle may be, and true to its list but for the digests.
fn heavy() -> Vec<u8> {
    let mut list = list_with(&["zz1", "zz2", "zz3", "zz4", "zz5", "zz6"]);
    let package = super::package(&proven());
    list.files
        .iter_mut()
        .filter(|info| info.path.starts_with("zz"))
        .for_each(|info| info.size = 7 << 20);
    let mut tar = listed(&list.to_bytes());
    for info in &list.files {
        let zeros = vec![0; 7 << 20];
        let content = package.content(&info.path).map_or(&zeros[..], |content| content);
        let header = header::of_file(&format!("bundle/{}", info.path), info.size, info.executable);
        entry(&mut tar, &header, content);
    }
    tar.resize(tar.len() + END, 0);
    sealed(&tar)
}

fn bombs() -> Vec<(&'static str, Vec<u8>, &'static [What])> {
    let listed = |list: Vec<u8>| sealed(&listed(&list));
    vec![
        (
            "a gigabyte of zeros",
            endless(&crowd(7, 8 << 20), 1024),
            &[What::Total],
        ),
        (
            "a file of a terabyte",
            endless(&crowd(1, 1 << 40), 1),
            &[What::File, What::Total],
        ),
        (
            "sizes that overflow",
            endless(&crowd(3, u64::MAX / 2), 1),
            &[What::File, What::Total],
        ),
        ("twenty thousand files", listed(crowd(20_000, 0)), &[What::Files]),
        ("a million files", listed(crowd(1_000_000, 0)), &[What::Manifest]),
        ("a sparse giant", vec![0; 65 << 20], &[What::Archive]),
    ]
}

/// Run by the test below in processes of their own: reads one archive and tells how much memory that took.
#[test]
#[ignore = "the other side of `bombs_take_little_time_and_memory`"]
fn read_in_another_process() {
    let path = std::path::PathBuf::from(std::env::var_os("EXPORT_ARCHIVE").unwrap());
    let start = Instant::now();
    let received = crate::verify::archive(&mut crate::file::open(&path).unwrap()).unwrap();
    let time = start.elapsed();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    println!(
        "result {} {peak} {:?}",
        time.as_millis(),
        received.report.problems
    );
}

#[test]
fn bombs_take_little_time_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb");
    let mut all = bombs();
    all.push(("a wide window", wide(), &[]));
    all.push(("42 MiB as announced, but of other bytes", heavy(), &[]));
    for (name, bytes, expected) in all {
        std::fs::write(&path, &bytes).unwrap();
        let run = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "tests::hostile::read_in_another_process",
                "--ignored",
                "--nocapture",
            ])
            .env("EXPORT_ARCHIVE", &path)
            .output()
            .unwrap();
        let text = String::from_utf8(run.stdout).unwrap();
        let line = text
            .lines()
            .find(|line| line.contains("result "))
            .unwrap_or_else(|| panic!("{name}: {text}"));
        let mut words = line[line.find("result ").unwrap()..].splitn(4, ' ').skip(1);
        let (time, peak) = (words.next().unwrap(), words.next().unwrap());
        let problems = words.next().unwrap();
        println!(
            "{name}: {} bytes, {time} ms, {peak} kB, {problems:.100}",
            bytes.len()
        );
        assert!(
            Duration::from_millis(time.parse().unwrap()) < Duration::from_secs(2),
            "{name}"
        );
        assert!(peak.parse::<u64>().unwrap() < 64 << 10, "{name}: {peak} kB");
        if expected.is_empty() {
            assert!(problems.len() > 2, "{name}");
        } else {
            let expected: Vec<Problem> = expected
                .iter()
                .map(|what| Problem::TooLarge { what: *what })
                .collect();
            assert_eq!(problems, format!("{expected:?}"), "{name}");
        }
    }
}
