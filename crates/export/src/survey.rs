//! Reads an archive to its end, in bounded memory, and hands on nothing but what its list announced.
//!
//! The list says which bytes every header must have, so headers are compared and never interpreted: there is no way to write
//! a link, a device, a sparse file or a second path.

use std::io::{self, Read, Seek, SeekFrom};

use bundle::{BundleFiles, BundlePath, Entry, File};

use crate::digest::Hasher;
use crate::frame::{self, Outside, Unpacking};
use crate::header::{self, BLOCK, END, Foreign};
use crate::limits;
use crate::manifest::{FileInfo, Manifest, NAME};
use crate::pack::place;
use crate::problem::{Problem, What};
use crate::rules;

/// Takes what an archive holds.
pub(crate) trait Sink {
    /// A file begins.
    fn begin(&mut self, file: &FileInfo);
    /// Its next bytes.
    fn bytes(&mut self, bytes: &[u8]);
}

/// Looks only.
pub(crate) struct Nowhere;

impl Sink for Nowhere {
    fn begin(&mut self, _: &FileInfo) {}
    fn bytes(&mut self, _: &[u8]) {}
}

/// Keeps everything in memory: for what was looked at before.
#[derive(Default)]
pub(crate) struct Collect {
    files: Vec<(BundlePath, bool, Vec<u8>)>,
}

impl Collect {
    pub(crate) fn files(self) -> BundleFiles {
        let entry = |(path, executable, content): (BundlePath, bool, Vec<u8>)| {
            let content = content.into();
            (path, Entry::File(File { content, executable }))
        };
        self.files.into_iter().map(entry).collect()
    }
}

impl Sink for Collect {
    fn begin(&mut self, file: &FileInfo) {
        let room = Vec::with_capacity(usize::try_from(file.size).unwrap_or_default());
        self.files
            .push((BundlePath::lossy(&file.path), file.executable, room));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if let Some((_, _, content)) = self.files.last_mut() {
            content.extend_from_slice(bytes);
        }
    }
}

/// Why reading ends before the end.
enum Stop {
    Problem(Problem),
    Io(io::Error),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// The list, if there is a sound one.
    pub(crate) manifest: Option<Manifest>,
    /// Everything that is wrong.
    pub(crate) problems: Vec<Problem>,
}

impl Survey {
    /// Keeps what made the reading end, unless the world failed.
    fn after(mut self, end: Result<(), Stop>) -> io::Result<Self> {
        match end {
            Ok(()) => {}
            Err(Stop::Problem(problem)) => self.problems.push(problem),
            Err(Stop::Io(error)) => return Err(error),
        }
        Ok(self)
    }
}

/// Reads an archive.
///
/// # Errors
/// When the archive cannot be read from where it lies; what is wrong with it is in the result.
pub(crate) fn archive(source: &mut (impl Read + Seek), sink: &mut dyn Sink) -> io::Result<Survey> {
    let mut survey = Survey::default();
    let length = source.seek(SeekFrom::End(0))?;
    if length > limits::ARCHIVE {
        survey.problems.push(Problem::TooLarge { what: What::Archive });
        return Ok(survey);
    }
    let frame = match frame::examine(source, length)? {
        Outside::Whole(frame) => frame,
        outside => {
            survey.problems.push(match outside {
                Outside::Foreign => Problem::NotABundle,
                Outside::Unsealed => Problem::NotWhole,
                _ => Problem::Altered,
            });
            return Ok(survey);
        }
    };
    source.seek(SeekFrom::Start(0))?;
    let end = Tape::new(source, frame).and_then(|mut tape| {
        let manifest = tape.manifest(&mut survey.problems)?;
        let files = manifest.files.iter();
        let read = tape.files(files, sink, &mut survey.problems);
        survey.manifest = Some(manifest);
        read
    });
    survey.after(end)
}

/// Reads one layer of an artifact, of which the list is known, from a source of `length` bytes.
///
/// # Errors
/// When it cannot be read from where it lies.
pub(crate) fn layer<'a>(
    source: impl Read,
    length: u64,
    files: impl Iterator<Item = &'a FileInfo>,
    sink: &mut dyn Sink,
) -> io::Result<Vec<Problem>> {
    let mut survey = Survey::default();
    let end = Tape::new(source, length).and_then(|mut tape| tape.files(files, sink, &mut survey.problems));
    Ok(survey.after(end)?.problems)
}

/// Reads a list that lies by itself.
pub(crate) fn list(bytes: &[u8]) -> Survey {
    match Manifest::from_bytes(bytes) {
        Ok(manifest) => Survey {
            problems: rules::problems(&manifest),
            manifest: Some(manifest),
        },
        Err(reason) => Survey {
            manifest: None,
            problems: vec![Problem::Manifest { reason }],
        },
    }
}

/// The unpacked tar, read from front to back.
struct Tape<'a, R: Read> {
    from: Option<Unpacking<'a, R>>,
    chunk: Vec<u8>,
}

impl<R: Read> Tape<'_, R> {
    fn new(source: R, length: u64) -> Result<Self, Stop> {
        let from = Unpacking::new(source, length).map_err(Stop::Io)?;
        Ok(Self {
            from: Some(from),
            chunk: vec![0; 1 << 16],
        })
    }

    /// The list, which is the first file. What is wrong with it ends the reading.
    fn manifest(&mut self, problems: &mut Vec<Problem>) -> Result<Manifest, Stop> {
        let mut block = [0; BLOCK];
        self.fill(&mut block)?;
        let size = header::size(&block).unwrap_or_default();
        if block[..] != header::of_file(NAME, size, false)[..] {
            return Err(foreign(NAME, &block));
        }
        if size > limits::MANIFEST {
            return Err(Problem::TooLarge { what: What::Manifest }.into());
        }
        let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
        self.fill(&mut bytes)?;
        self.padding(NAME, size)?;
        let mut survey = list(&bytes);
        match (survey.manifest, survey.problems.pop()) {
            (Some(manifest), None) => Ok(manifest),
            (_, last) => {
                problems.append(&mut survey.problems);
                Err(last.map_or(Stop::Problem(Problem::NotABundle), Stop::Problem))
            }
        }
    }

    /// Every file that was announced, and nothing else.
    fn files<'a>(
        &mut self,
        files: impl Iterator<Item = &'a FileInfo>,
        sink: &mut dyn Sink,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Stop> {
        for file in files {
            self.header(file)?;
            sink.begin(file);
            if self.content(file.size, sink)? != file.sha256 {
                let path = file.path.clone();
                problems.push(Problem::Content { path });
            }
            self.padding(&file.path, file.size)?;
        }
        self.end()
    }

    fn header(&mut self, file: &FileInfo) -> Result<(), Stop> {
        let expected = header::of_file(&place(&file.path), file.size, file.executable);
        // Block by block: where another kind of entry lies, less may follow than was expected.
        for expected in expected.chunks(BLOCK) {
            let mut block = [0; BLOCK];
            self.fill(&mut block)?;
            if block != expected {
                return Err(foreign(&file.path, &block));
            }
        }
        Ok(())
    }

    /// The digest of the next bytes.
    fn content(&mut self, size: u64, sink: &mut dyn Sink) -> Result<String, Stop> {
        let mut hasher = Hasher::new();
        let mut chunk = std::mem::take(&mut self.chunk);
        let mut left = size;
        while left > 0 {
            let count = chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            self.fill(&mut chunk[..count])?;
            hasher.update(&chunk[..count]);
            sink.bytes(&chunk[..count]);
            left -= count as u64;
        }
        self.chunk = chunk;
        Ok(hasher.hex())
    }

    fn padding(&mut self, path: &str, size: u64) -> Result<(), Stop> {
        let mut block = [0; BLOCK];
        let rest = &mut block[..header::padding(size)];
        self.fill(rest)?;
        if rest.iter().any(|byte| *byte != 0) {
            let path = path.to_owned();
            return Err(Problem::Padding { path }.into());
        }
        Ok(())
    }

    /// The tar ends, and with it the frame, and with that the source.
    fn end(&mut self) -> Result<(), Stop> {
        let mut zeros = [0; END];
        self.fill(&mut zeros)?;
        let more = self.read(&mut [0])?;
        let is_over = more == 0 && zeros.iter().all(|byte| *byte == 0);
        if is_over && !self.from.take().is_some_and(Unpacking::has_more) {
            Ok(())
        } else {
            Err(Problem::Surplus.into())
        }
    }

    fn fill(&mut self, mut bytes: &mut [u8]) -> Result<(), Stop> {
        while !bytes.is_empty() {
            match self.read(bytes)? {
                0 => return Err(Problem::NotWhole.into()),
                count => bytes = &mut bytes[count..],
            }
        }
        Ok(())
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Stop> {
        let Some(from) = &mut self.from else { return Ok(0) };
        from.read(bytes).map_err(|error| {
            // The system's own errors have a number; zstd's have words.
            if error.raw_os_error().is_some() {
                return Stop::Io(error);
            }
            let reason = error.to_string();
            Stop::Problem(Problem::NotUnpacked { reason })
        })
    }
}

fn foreign(expected: &str, block: &[u8]) -> Stop {
    Stop::Problem(Problem::Foreign {
        expected: expected.to_owned(),
        found: Foreign::of(block),
    })
}
