//! Every broken bundle says exactly what `expected.txt` beside it says. `UPDATE_EXPECTED=1` writes what they say now.
#![expect(clippy::unwrap_used, reason = "the helpers of these tests fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use bundle::diagnostic::render::{Colour, text};

fn corpus() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bundles/broken");
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

fn rendered(folder: &Path) -> String {
    let checked = workspace::check_folder(&folder.join("bundle")).unwrap();
    text(&checked.checkup(""), Colour::Never)
}

#[test]
fn broken_bundles_say_what_is_expected() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut different = Vec::new();
    for folder in corpus() {
        let expected_path = folder.join("expected.txt");
        let found = rendered(&folder);
        if update {
            fs::write(&expected_path, &found).unwrap();
        }
        let expected = fs::read_to_string(&expected_path).unwrap_or_default();
        if found != expected {
            different.push(format!(
                "{}\n--- expected\n{expected}\n--- found\n{found}",
                folder.display()
            ));
        }
    }
    assert!(
        different.is_empty(),
        "{}\nrun with UPDATE_EXPECTED=1 and look at the difference",
        different.join("\n")
    );
}

#[test]
fn every_broken_bundle_has_something_to_say() {
    let folders = corpus();
    assert!(folders.len() >= 60, "{} broken bundles", folders.len());
    for folder in folders {
        assert!(
            !rendered(&folder).is_empty(),
            "{} is not broken",
            folder.display()
        );
    }
}

#[test]
fn every_code_but_a_few_is_seen_in_the_corpus() {
    // These need files that no repository should hold, or cannot: see the tests of hostile input and of the door.
    // Those from TW8003 on are told when a bundle is locked: see the tests of the lock.
    // Those from TW9001 on are what a cluster would say, which a plan knows: see its tests of the fit.
    let elsewhere = [
        "TW1002", "TW1003", "TW1005", "TW1006", "TW1013", "TW2003", "TW2004", "TW8003", "TW8004", "TW8005",
        "TW8006", "TW8007", "TW8008", "TW8009", "TW9001", "TW9002", "TW9003", "TW9004", "TW9005", "TW9006",
    ];
    let all: String = corpus().iter().map(|folder| rendered(folder)).collect();
    for code in bundle::Code::ALL {
        let seen = all.contains(&format!("[{code}]"));
        assert_eq!(seen, !elsewhere.contains(&code.as_str()), "{code}");
    }
}
