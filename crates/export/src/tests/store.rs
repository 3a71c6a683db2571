//! Writing to disk: whole, or as it was.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{archive, package, proven, receive};
use crate::file::{self, FileError};
use crate::folder::{self, FolderError};

/// A disk with room for so many bytes.
struct Full<'a> {
    out: &'a mut dyn Write,
    room: usize,
}

impl Write for Full<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let count = self.out.write(&bytes[..bytes.len().min(self.room)])?;
        self.room -= count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[test]
fn a_disk_that_is_full_at_any_byte_leaves_what_was_there() {
    let (files, folder) = (proven(), tempfile::tempdir().unwrap());
    let package = package(&files);
    let length = archive(&files).len();
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    fs::write(&old, "what was there").unwrap();
    for room in (0..length).step_by(7).chain([length - 1]) {
        for path in [&old, &new] {
            let stored = file::store(path, |out| package.write(Full { out, room }).map(drop));
            assert!(matches!(stored, Err(FileError::Write { .. })), "{room}");
        }
        assert_eq!(fs::read(&old).unwrap(), b"what was there", "{room}");
        let left: Vec<_> = fs::read_dir(&folder).unwrap().collect();
        assert_eq!(left.len(), 1, "{room}: {left:?}");
    }
    file::store(&old, |out| package.write(Full { out, room: length }).map(drop)).unwrap();
    assert_eq!(fs::read(&old).unwrap(), archive(&files));
}

/// Run by the test below in processes of their own, which it kills.
#[test]
#[ignore = "the other side of `a_kill_at_any_time_leaves_the_old_file_or_the_new_one`"]
fn store_until_killed() {
    let path = PathBuf::from(std::env::var_os("EXPORT_OUT").unwrap());
    let package = package(&proven());
    fs::write(path.with_extension("ready"), "").unwrap();
    loop {
        file::store(&path, |out| package.write(out).map(drop)).unwrap();
    }
}

#[test]
fn a_kill_at_any_time_leaves_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("task.taskbundle");
    let (old, new) = (b"what was there".to_vec(), archive(&proven()));
    let ready = path.with_extension("ready");
    let mut written = 0;
    for round in 0..40_u64 {
        fs::write(&path, &old).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::store::store_until_killed", "--ignored"])
            .env("EXPORT_OUT", &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !ready.exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(round * 500));
        child.kill().unwrap();
        child.wait().unwrap();
        fs::remove_file(&ready).unwrap();
        let left = fs::read(&path).unwrap();
        assert!(left == old || left == new, "round {round}: {} bytes", left.len());
        written += usize::from(left == new);
    }
    assert!(written > 0, "no round was long enough to write");
}

#[test]
fn a_folder_is_put_where_nothing_is() {
    let outside = tempfile::tempdir().unwrap();
    let files = receive(&archive(&proven())).files.unwrap();
    let at = |name: &str| outside.path().join(name);
    fs::create_dir(at("empty")).unwrap();
    for name in ["new", "empty"] {
        folder::unpack(&files, &at(name)).unwrap();
        assert_eq!(workspace::open(&at(name)).unwrap(), proven(), "{name}");
    }
    fs::write(at("file"), "").unwrap();
    std::os::unix::fs::symlink(at("gone"), at("link")).unwrap();
    for name in ["new", "file", "link"] {
        let refused = folder::unpack(&files, &at(name));
        assert!(
            matches!(refused, Err(FolderError::Occupied { .. })),
            "{name}: {refused:?}"
        );
    }
    let parent = folder::unpack(&files, &at("nowhere/new"));
    assert!(matches!(parent, Err(FolderError::Parent { .. })));
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 4);
}
