//! The same bundle on many kinds of disks, in many kinds of environments, is the same archive.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use bundle::{BundleFiles, Entry};

use super::{package, proven};
use crate::file;

/// Bytes that only repeat when asked for with the same number.
fn shuffled<T>(mut items: Vec<T>, mut seed: u64) -> Vec<T> {
    for at in (1..items.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        items.swap(at, usize::try_from(seed >> 33).unwrap() % (at + 1));
    }
    items
}

fn scatter(files: &BundleFiles, folder: &Path, seed: u64) {
    use std::os::unix::fs::PermissionsExt as _;
    let modes = [
        [0o644, 0o755],
        [0o600, 0o700],
        [0o664, 0o775],
        [0o444, 0o555],
        [0o666, 0o711],
    ];
    let modes = modes[usize::try_from(seed).unwrap() % modes.len()];
    for (path, entry) in shuffled(files.iter().collect(), seed) {
        let Entry::File(one) = entry else { continue };
        let at = folder.join(path.as_str());
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(&at, &one.content).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seed * 40_000_000 + one.content.len() as u64);
        fs::File::open(&at).unwrap().set_modified(time).unwrap();
        fs::set_permissions(
            &at,
            fs::Permissions::from_mode(modes[usize::from(one.executable)]),
        )
        .unwrap();
    }
}

/// Run by the test below in processes of their own.
#[test]
#[ignore = "the other side of `sixty_environments_give_the_same_bytes`"]
fn pack_in_another_process() {
    let variable = |name| PathBuf::from(std::env::var_os(name).unwrap());
    let files = workspace::open(&variable("EXPORT_FOLDER")).unwrap();
    let out = variable("EXPORT_OUT");
    file::store(&out, |out| package(&files).write(out).map(drop)).unwrap();
}

#[test]
fn sixty_environments_give_the_same_bytes() {
    let files = proven();
    let expected = package(&files).write(Vec::new()).unwrap();
    let umasks = ["022", "077", "002", "027", "000"];
    let zones = ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"];
    let locales = ["C", "de_DE.UTF-8", "tr_TR.UTF-8"];
    let program = std::env::current_exe().unwrap();
    let mut combinations = 0;
    for umask in umasks {
        for zone in zones {
            for locale in locales {
                combinations += 1;
                let folder = tempfile::tempdir().unwrap();
                let (bundle, out) = (folder.path().join("bundle"), folder.path().join("out"));
                scatter(&files, &bundle, combinations);
                let script = format!("umask {umask}; exec \"$0\" \"$@\"");
                let run = Command::new("sh")
                    .args(["-c", &script])
                    .arg(&program)
                    .args([
                        "--exact",
                        "tests::determinism::pack_in_another_process",
                        "--ignored",
                    ])
                    .envs([("TZ", zone), ("LC_ALL", locale), ("LANG", locale)])
                    .env("EXPORT_FOLDER", &bundle)
                    .env("EXPORT_OUT", &out)
                    .output()
                    .unwrap();
                assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
                assert!(fs::read(&out).unwrap() == expected, "{umask} {zone} {locale}");
            }
        }
    }
    assert_eq!(combinations, 60);
}

#[test]
fn other_programs_can_unpack_it() {
    let files = proven();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("task.taskbundle");
    file::store(&path, |out| package(&files).write(out).map(drop)).unwrap();
    let run = Command::new("tar")
        .args(["--zstd", "-xf"])
        .arg(&path)
        .current_dir(&folder)
        .output();
    let run = run.unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let mut unpacked = workspace::open(&folder.path().join("bundle")).unwrap();
    assert_eq!(unpacked, files);
    unpacked = workspace::open(folder.path()).unwrap();
    assert!(unpacked.file("manifest.json").is_ok());
}
