//! Charts as archives: unpacked in memory, and only as far as a chart may go.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Component, Path};

use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

/// The most that a chart unpacks to.
const LIMIT: u64 = 32 << 20;
/// The most files it holds.
const FILES: usize = 4000;

/// The files of a chart by their paths in its folder, whatever that is called.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Unpacks a chart's archive. Links, devices and names that lead elsewhere are no part of a chart.
///
/// # Errors
/// When it is no archive, or holds more than a chart may, in words.
pub(crate) fn unpack(archive: &[u8]) -> Result<Files, String> {
    let mut left = LIMIT;
    let mut files = Files::new();
    let unpacked = GzDecoder::new(archive).take(LIMIT * 2);
    let mut archive = Archive::new(unpacked);
    for entry in archive.entries().map_err(|error| error.to_string())? {
        let mut entry = entry.map_err(|error| error.to_string())?;
        if entry.header().entry_type() != EntryType::Regular {
            continue;
        }
        let path = entry.path().map_err(|error| error.to_string())?;
        let Some(path) = inside(&path) else { continue };
        let mut content = Vec::new();
        let read = entry.by_ref().take(left + 1).read_to_end(&mut content);
        let read = read.map_err(|error| error.to_string())? as u64;
        if read > left || files.len() >= FILES {
            return Err(format!("it unpacks to more than {FILES} files or {LIMIT} bytes"));
        }
        left -= read;
        files.insert(path, content);
    }
    if files.contains_key("Chart.yaml") {
        Ok(files)
    } else {
        Err("it holds no Chart.yaml".to_owned())
    }
}

/// The path without the chart's own folder; nothing for one that leads elsewhere.
fn inside(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    let parts = parts?;
    (parts.len() > 1).then(|| parts[1..].join("/"))
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn pack(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, kind, content) in entries {
            let mut header = tar::Header::new_gnu();
            // Set as bytes: the builder refuses the names that are of interest here.
            header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(content.len() as u64);
            header.set_cksum();
            tar.append(&header, *content).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn only_plain_files_inside_are_unpacked() {
        let archive = pack(&[
            ("app/Chart.yaml", EntryType::Regular, b"name: app"),
            ("app/templates/a.yaml", EntryType::Regular, b"a"),
            ("app/../../etc/passwd", EntryType::Regular, b"x"),
            ("/etc/passwd", EntryType::Regular, b"x"),
            ("app/link", EntryType::Symlink, b""),
            ("alone", EntryType::Regular, b"x"),
        ]);
        let files = unpack(&archive).unwrap();
        let paths: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(paths, ["Chart.yaml", "templates/a.yaml"]);
    }

    #[test]
    fn what_is_no_chart_is_refused() {
        assert!(unpack(b"nothing").is_err());
        assert!(unpack(&pack(&[("app/values.yaml", EntryType::Regular, b"")])).is_err());
        let bomb = vec![0; usize::try_from(LIMIT).unwrap() + 1];
        let bomb = pack(&[
            ("app/Chart.yaml", EntryType::Regular, b""),
            ("app/big", EntryType::Regular, &bomb),
        ]);
        assert!(unpack(&bomb).unwrap_err().contains("more than"));
    }
}
