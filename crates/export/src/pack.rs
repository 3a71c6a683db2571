//! The files of a checked bundle as an archive: the same files give the same bytes, wherever and whenever.

use std::io::{self, Write};

use bundle::files::{Absence, Content};
use bundle::proof::FILE;
use bundle::{Bundle, BundleFiles, BundlePath, Entry, File, lock};

use crate::digest;
use crate::frame::{self, Digesting};
use crate::header::{self, END};
use crate::layer::Layer;
use crate::manifest::{FORMAT, FileInfo, Manifest, NAME, TaskInfo};
use crate::problem::{Problem, What};
use crate::proof;
use crate::reason::{Objection, Side, objections};

/// The folder of an archive in which the bundle's files lie.
pub(crate) const FOLDER: &str = "bundle";

/// A bundle that is ready to be written: its list, and the content of every file of it.
#[derive(Debug, Clone)]
pub struct Package {
    manifest: Manifest,
    contents: Vec<Content>,
    objections: Vec<Objection>,
}

impl Package {
    /// Takes the files of a bundle, and finds every reason against exporting it. What cannot be in an archive is refused,
    /// all at once.
    ///
    /// # Errors
    /// The files that cannot be exported.
    pub fn new(bundle: &Bundle) -> Result<Self, Vec<Problem>> {
        let files = resolve(&bundle.files)?;
        let list: Vec<FileInfo> = plain(&files).map(|(path, file)| info(path, file)).collect();
        let digest = proof::digest_of(&list);
        let objections = objections(bundle, &files, &digest, Side::Sender);
        let mut forced: Vec<_> = objections.iter().map(|objection| objection.reason).collect();
        forced.sort();
        forced.dedup();
        let named = |path: &str| list.iter().find(|file| file.path == path);
        let digest_of = |path: &str| named(path).map(|file| digest::named(&file.sha256));
        let manifest = Manifest {
            format: FORMAT,
            task: TaskInfo {
                name: bundle.name.to_string(),
                title: bundle.title.clone(),
            },
            taskwright: env!("CARGO_PKG_VERSION").to_owned(),
            bundle: digest,
            lock: digest_of(lock::FILE),
            proof: digest_of(FILE),
            forced,
            files: list,
        };
        let problems = crate::rules::problems(&manifest);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            manifest,
            contents: plain(&files).map(|(_, file)| file.content.clone()).collect(),
            objections,
        })
    }

    /// Its list.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Every reason against exporting it; the list names their kinds.
    pub fn objections(&self) -> &[Objection] {
        &self.objections
    }

    /// The content of a file.
    pub fn content(&self, path: &str) -> Option<&Content> {
        let at = self.manifest.files.iter().position(|file| file.path == path)?;
        self.contents.get(at)
    }

    /// Writes the archive.
    pub fn write<W: Write>(&self, out: W) -> io::Result<W> {
        let list = self.manifest.to_bytes();
        let size = header::room(NAME, list.len() as u64) + self.size(|_| true);
        let out = frame::compress(Digesting::new(out), size, |tar| {
            append(tar, NAME, false, &list)?;
            self.append_files(tar, |_| true)
        })?;
        out.seal()
    }

    /// Writes the files of one layer, as an artifact in a registry has them.
    pub fn write_layer<W: Write>(&self, layer: Layer, out: W) -> io::Result<W> {
        let is_in = |file: &FileInfo| file.layer == layer;
        frame::compress(out, self.size(is_in), |tar| self.append_files(tar, is_in))
    }

    fn size(&self, is_in: impl Fn(&FileInfo) -> bool) -> u64 {
        let files = self.manifest.files.iter().filter(|file| is_in(file));
        let files: u64 = files
            .map(|file| header::room(&place(&file.path), file.size))
            .sum();
        files + END as u64
    }

    fn append_files(&self, tar: &mut dyn Write, is_in: impl Fn(&FileInfo) -> bool) -> io::Result<()> {
        for (file, content) in self.manifest.files.iter().zip(&self.contents) {
            if is_in(file) {
                append(tar, &place(&file.path), file.executable, content)?;
            }
        }
        tar.write_all(&[0; END])
    }
}

/// Where a file of the bundle lies in an archive.
pub(crate) fn place(path: &str) -> String {
    format!("{FOLDER}/{path}")
}

fn append(tar: &mut dyn Write, path: &str, executable: bool, content: &[u8]) -> io::Result<()> {
    let size = content.len() as u64;
    tar.write_all(&header::of_file(path, size, executable))?;
    tar.write_all(content)?;
    tar.write_all(&[0; header::BLOCK][..header::padding(size)])
}

fn info(path: &BundlePath, file: &File) -> FileInfo {
    FileInfo {
        path: path.to_string(),
        size: file.content.len() as u64,
        sha256: digest::hex(&file.content),
        executable: file.executable,
        layer: Layer::of(path),
    }
}

fn plain(files: &BundleFiles) -> impl Iterator<Item = (&BundlePath, &File)> {
    files.iter().filter_map(|(path, entry)| match entry {
        Entry::File(file) => Some((path, file)),
        _ => None,
    })
}

/// Files in place of the links to them. A link must not carry what is restricted to where the candidate looks.
fn resolve(files: &BundleFiles) -> Result<BundleFiles, Vec<Problem>> {
    let mut problems = Vec::from_iter(files.is_truncated().then_some(Problem::Truncated));
    let mut resolved = BundleFiles::new();
    for (path, entry) in files.iter() {
        match file_at(files, path, entry) {
            Ok(file) => resolved.insert(path.clone(), Entry::File(file)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(resolved)
    } else {
        Err(problems)
    }
}

fn file_at(files: &BundleFiles, path: &BundlePath, entry: &Entry) -> Result<File, Problem> {
    let refuse = |reason: &str| Problem::Unpackable {
        path: path.to_string(),
        reason: reason.to_owned(),
    };
    match entry {
        Entry::File(file) => Ok(file.clone()),
        Entry::TooLarge { .. } => Err(Problem::TooLarge { what: What::File }),
        Entry::Unreadable { reason } => Err(refuse(reason)),
        Entry::Special => Err(refuse("it is a socket, a pipe or a device")),
        Entry::Link { .. } => {
            let (target, entry) = files
                .follow(path.as_str())
                .map_err(|absence| refuse(word(absence)))?;
            if Layer::of(path) == Layer::Candidate && Layer::of(target) == Layer::Restricted {
                return Err(refuse("it leads to what the candidate must not see"));
            }
            match entry {
                Entry::File(file) => Ok(file.clone()),
                _ => Err(refuse("it leads to something that is no plain file")),
            }
        }
    }
}

fn word(absence: Absence) -> &'static str {
    match absence {
        Absence::Missing | Absence::BadLink => {
            "it is a link that leads out of the bundle, to a folder, to nothing or in a circle"
        }
        Absence::Folder => "it is a link to a folder",
        Absence::NotRead => "it is a link to something that cannot be read",
    }
}
