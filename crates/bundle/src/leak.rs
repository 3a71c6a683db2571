//! Canaries: lines of restricted files by which they are known again wherever a candidate might see them.

use std::collections::BTreeSet;

use crate::files::{BundleFiles, Entry};
use crate::path::BundlePath;

/// Shorter lines are found in files that have nothing to do with the task.
const SHORTEST: usize = 24;
/// Lines that are looked for of each file: its longest.
const OF_EACH: usize = 12;
/// What takes longer to look for than to read.
const LONGEST: usize = 400;

/// A line of a restricted file that stands in no other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Canary {
    /// The restricted file.
    pub file: BundlePath,
    /// The line, without the space around it.
    pub line: String,
}

/// A restricted line that lies where a candidate can see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// The restricted file.
    pub file: BundlePath,
    /// Where the candidate finds it.
    pub place: String,
}

/// The canaries of a bundle: of each restricted file its longest lines that stand in nothing a candidate may see.
pub fn canaries(files: &BundleFiles) -> Vec<Canary> {
    let open: BTreeSet<&str> = texts(files, |path| !path.is_restricted())
        .flat_map(|(_, text)| text.lines().map(str::trim))
        .collect();
    let mut all = Vec::new();
    for (path, text) in texts(files, BundlePath::is_restricted) {
        let mut lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| {
                (SHORTEST..=LONGEST).contains(&line.len()) && !line.starts_with("#!") && !open.contains(line)
            })
            .collect();
        lines.sort_by(|one, other| other.len().cmp(&one.len()).then(one.cmp(other)));
        lines.dedup();
        all.extend(lines.into_iter().take(OF_EACH).map(|line| Canary {
            file: path.clone(),
            line: line.to_owned(),
        }));
    }
    all
}

/// Restricted files of which nearly all stands in what the candidate gets as it is: statement, hints, and files of the terminal.
///
/// A line that both have may be there by right; a file that holds nearly all of another one is a copy.
pub fn copies(files: &BundleFiles) -> Vec<Leak> {
    let restricted: Vec<(&BundlePath, BTreeSet<&str>)> = texts(files, BundlePath::is_restricted)
        .map(|(path, text)| (path, telling(text)))
        .filter(|(_, lines)| !lines.is_empty())
        .collect();
    let mut leaks = Vec::new();
    for (path, text) in texts(files, is_handed_out) {
        let lines = telling(text);
        let copied = restricted
            .iter()
            .filter(|(_, wanted)| wanted.intersection(&lines).count() * 10 > wanted.len() * 9);
        leaks.extend(copied.map(|(file, _)| Leak {
            file: (*file).clone(),
            place: path.to_string(),
        }));
    }
    leaks
}

/// The restricted files that a text gives away.
pub fn found<'c>(canaries: &'c [Canary], text: &str) -> BTreeSet<&'c BundlePath> {
    let found = canaries
        .iter()
        .filter(|canary| text.contains(canary.line.as_str()));
    found.map(|canary| &canary.file).collect()
}

fn telling(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| line.len() >= SHORTEST && !line.starts_with("#!"))
        .collect()
}

fn is_handed_out(path: &BundlePath) -> bool {
    path.as_str() == "statement.md" || path.is_below("hints") || path.is_below("tty")
}

fn texts(
    files: &BundleFiles,
    keep: impl Fn(&BundlePath) -> bool,
) -> impl Iterator<Item = (&BundlePath, &str)> {
    files
        .iter()
        .filter(move |(path, _)| keep(path))
        .filter_map(|(path, entry)| match entry {
            Entry::File(file) => Some((path, std::str::from_utf8(&file.content).ok()?)),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK: &str = "#!/usr/bin/env bash\nset -euo pipefail\nrows=$(psql -Atc 'select count(*) from orders')\n[ \"$rows\" = 4711 ] || { echo \"$rows rows\"; exit 1; }\n";

    fn bundle(files: &[(&str, &str)]) -> BundleFiles {
        let mut all = BundleFiles::new();
        for (path, text) in files {
            all.insert_file(BundlePath::new(path).unwrap(), text.as_bytes().to_vec());
        }
        all
    }

    #[test]
    fn canaries_are_long_lines_that_stand_nowhere_else() {
        let init = "rows=$(psql -Atc 'select count(*) from orders')\n";
        let files = bundle(&[
            ("checks/rows.sh", CHECK),
            ("init/seed.sh", init),
            ("statement.md", "Hello"),
        ]);
        let canaries = canaries(&files);
        let lines: Vec<&str> = canaries.iter().map(|one| one.line.as_str()).collect();
        assert_eq!(
            lines,
            ["[ \"$rows\" = 4711 ] || { echo \"$rows rows\"; exit 1; }"]
        );
        assert!(found(&canaries, "nothing here").is_empty());
        let leaked: Vec<String> = found(&canaries, CHECK)
            .into_iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(leaked, ["checks/rows.sh"]);
    }

    #[test]
    fn a_copy_is_told_from_a_line_that_two_files_have() {
        let one_line = "#!/bin/sh\nrows=$(psql -Atc 'select count(*) from orders')\necho \"there are $rows orders in the shop\"\n";
        let copy = format!("# my notes\n{CHECK}");
        let files = bundle(&[
            ("checks/rows.sh", CHECK),
            ("init/seed.sh", one_line),
            ("tty/home/notes.sh", &copy),
        ]);
        let leaks = copies(&files);
        assert_eq!(leaks.len(), 1, "{leaks:?}");
        assert_eq!(
            (leaks[0].file.as_str(), leaks[0].place.as_str()),
            ("checks/rows.sh", "tty/home/notes.sh")
        );
    }
}
