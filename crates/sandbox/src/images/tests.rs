//! Layers are the same whenever their files are, read back as written, and half an image is none.

use std::collections::BTreeMap;

use super::layer::{Nodes, Ready};
use super::*;

/// Too long for the name field of a tar.
const LONG: &str =
    "a-folder-with-a-name-that-does-not-fit-into-the-hundred-bytes-that-a-tar-header-has-for-names-and-paths";

fn sample() -> Nodes<Ready> {
    BTreeMap::from([
        (
            "usr/bin/tool".to_owned(),
            Ready::Bytes {
                mode: 0o755,
                bytes: b"#!/bin/sh\n".to_vec(),
            },
        ),
        (
            "data".to_owned(),
            Ready::Folder {
                mode: 0o700,
                owner: 999,
            },
        ),
        ("data/link".to_owned(), Ready::Link("/dev/stdout".to_owned())),
        (
            format!("usr/{LONG}/name"),
            Ready::Bytes {
                mode: 0o644,
                bytes: vec![7; 1000],
            },
        ),
    ])
}

fn write_sample(folder: &Path) -> Layout {
    let mut writer = Writer::create(folder).unwrap();
    writer.layer(|blob| layer::write(&sample(), blob)).unwrap();
    writer
        .finish(
            &Config {
                cmd: vec!["sh"],
                ..Config::default()
            },
            "kine\tv1",
        )
        .unwrap()
}

#[test]
fn the_same_files_make_the_same_image() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(write_sample(one.path()).digest, write_sample(other.path()).digest);
}

#[test]
fn a_layer_reads_back_as_it_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let layout = write_sample(folder.path());
    let blob = std::fs::File::open(layout.path(&layout.manifest.layers[0])).unwrap();
    let mut tar = tar::Archive::new(blob);
    let read = tar.entries().unwrap().map(|entry| {
        let entry = entry.unwrap();
        let header = entry.header();
        let (mode, owner, time) = (
            header.mode().unwrap(),
            header.uid().unwrap(),
            header.mtime().unwrap(),
        );
        format!(
            "{} {mode:o} {owner} {time} {}",
            entry.path().unwrap().display(),
            entry.size()
        )
    });
    let expected = [
        "data/ 700 999 0 0".to_owned(),
        "data/link 777 0 0 0".to_owned(),
        "usr/ 755 0 0 0".to_owned(),
        format!("usr/{LONG}/ 755 0 0 0"),
        format!("usr/{LONG}/name 644 0 0 1000"),
        "usr/bin/ 755 0 0 0".to_owned(),
        "usr/bin/tool 755 0 0 10".to_owned(),
    ];
    assert_eq!(read.collect::<Vec<_>>(), expected);
}

#[test]
fn a_chart_is_the_same_archive_every_time_with_what_it_says_of_itself_first() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("templates")).unwrap();
    for (name, text) in [
        ("values.yaml", "a: 1\n"),
        ("templates/a.yaml", ""),
        ("Chart.yaml", "name: app\n"),
        (".helmignore", ""),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let packed = || {
        let mut archive = Vec::new();
        super::chart::pack(folder.path(), "app", &mut archive).unwrap();
        archive
    };
    let archive = packed();
    assert_eq!(archive, packed());
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(archive.as_slice()));
    let names = tar
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().display().to_string());
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "app/Chart.yaml",
            "app/.helmignore",
            "app/templates/a.yaml",
            "app/values.yaml"
        ]
    );
}

#[test]
fn half_an_image_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let layout = write_sample(folder.path());
    assert!(Layout::open(folder.path()).is_some());
    let blob = layout.path(&layout.manifest.layers[0]);
    let whole = std::fs::read(&blob).unwrap();
    std::fs::write(&blob, &whole[..whole.len() / 2]).unwrap();
    assert!(Layout::open(folder.path()).is_none(), "a blob is short");
    std::fs::write(&blob, &whole).unwrap();
    std::fs::remove_file(folder.path().join("index.json")).unwrap();
    assert!(Layout::open(folder.path()).is_none(), "the index is gone");
}

#[test]
fn what_is_left_half_made_is_swept_once_its_maker_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join(format!(".partial/a.{}", std::process::id()));
    let gone = folder.path().join(".partial/b.4194999");
    for path in [&mine, &gone] {
        std::fs::create_dir_all(path).unwrap();
    }
    sweep_partials(folder.path());
    assert!(mine.exists() && !gone.exists());
}

#[test]
fn every_image_is_listed_once_and_names_no_reference_twice() {
    let images = Image::all().flat_map(Image::references);
    let charts = Extra::ALL
        .into_iter()
        .flat_map(Extra::charts)
        .flat_map(|chart| chart.references());
    let mut references: Vec<_> = images.chain(charts).collect();
    let all = references.len();
    references.sort_unstable();
    references.dedup();
    assert_eq!(references.len(), all);
    assert!(
        references
            .iter()
            .all(|name| name.rsplit_once(':').is_some_and(|(_, tag)| !tag.contains('/')))
    );
}

#[test]
fn no_two_charts_share_a_place_in_the_cache() {
    let charts = || Extra::ALL.into_iter().flat_map(Extra::charts);
    let keys: std::collections::BTreeSet<_> = charts().map(|chart| chart.source().key()).collect();
    assert_eq!(keys.len(), charts().count());
}

#[test]
fn the_catalogue_says_what_stands_behind_a_name() {
    let lines: Vec<String> = catalogue()
        .into_iter()
        .map(|entry| {
            let extra = entry.extra.map(|extra| format!("{extra}: ")).unwrap_or_default();
            format!(
                "{extra}{} = {}",
                entry.references.join(" "),
                entry.made_of.join(", ")
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
    assert_eq!(
        registries(),
        [
            "docker.elastic.co",
            "docker.io",
            "ghcr.io",
            "mirror.gcr.io",
            "quay.io",
            "registry.k8s.io",
            "registry.taskwright.dev"
        ]
    );
}

#[test]
fn parts_survive_the_annotation() {
    let parts = vec![
        Part {
            name: "Debian 12 postgresql-15".into(),
            version: "15.20-0+deb12u1".into(),
        },
        Part {
            name: "Debian busybox-static".into(),
            version: String::new(),
        },
    ];
    assert_eq!(parse_parts(&spelled(&parts)), parts);
}
