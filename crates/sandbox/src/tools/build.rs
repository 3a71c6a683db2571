//! Building the tools of one module with one run of Go, so that what they share is compiled once and no processor
//! waits for a linker; into a temporary folder, so that the cache never shows half of one.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::{Module, Tool, ToolEvent, Toolchain, ToolsError, go};

/// What every build is told, beside its own linker flags. What debuggers read is stripped in the end: it is not made.
pub(super) const FIXED_ARGUMENTS: [&str; 3] = ["build", "-trimpath", "-gcflags=all=-dwarf=false"];
/// How often a running build reports that it still runs.
const TICK: Duration = Duration::from_secs(1);
/// How much of a failed build's log goes into the error.
const TAIL_LINES: usize = 15;

/// Tools of one module, to be built together.
pub(super) struct Batch<'a> {
    pub(super) toolchain: &'a Toolchain,
    pub(super) module: Module,
    pub(super) tools: Vec<Tool>,
    /// How many tools were built before, in this run.
    pub(super) before: usize,
    /// How many are built in all, in this run.
    pub(super) of: usize,
}

impl Batch<'_> {
    /// Builds them all, and tells of each as soon as it is there.
    pub(super) async fn build(&self, progress: &(dyn Fn(ToolEvent) + Send + Sync)) -> Result<(), ToolsError> {
        let partial = self.partial();
        let log = self
            .toolchain
            .cache()
            .join("logs")
            .join(format!("{}.log", self.module.name()));
        let mut child = self
            .start(&partial, &log)
            .map_err(|source| cache_error(&log, source))?;
        let status = self.wait(&mut child, &partial, progress).await;
        if !status.map_err(|source| cache_error(&log, source))?.success() {
            return Err(ToolsError::Build {
                module: self.module.name(),
                tail: tail(&log),
                log,
            });
        }
        for tool in &self.tools {
            let target = self.toolchain.path(*tool);
            publish(&partial.join(tool.built_as()), &target)
                .map_err(|source| cache_error(&target, source))?;
        }
        std::fs::remove_dir_all(&partial).map_err(|source| cache_error(&partial, source))
    }

    fn start(&self, partial: &Path, log: &Path) -> std::io::Result<Group> {
        let module = self.module.unpack(self.toolchain.cache())?;
        let temporary = partial.join("tmp");
        std::fs::create_dir_all(&temporary)?;
        log.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        let log = std::fs::File::create(log)?;
        // With the slash it is a folder even where there is one tool only.
        let mut folder = OsString::from(partial);
        folder.push("/");
        let mut command = go::command();
        command
            .args(FIXED_ARGUMENTS)
            .args(self.tools.iter().map(|tool| {
                // For this package alone: each has its own version to carry.
                format!("-ldflags={}={}", tool.package(), tool.linker_flags())
            }))
            .arg("-o")
            .arg(folder)
            .args(self.tools.iter().map(|tool| tool.package()))
            .current_dir(module)
            .env("GOTMPDIR", temporary)
            .stdout(Stdio::from(log.try_clone()?))
            .stderr(Stdio::from(log));
        Group::spawn(command)
    }

    async fn wait(
        &self,
        child: &mut Group,
        partial: &Path,
        progress: &(dyn Fn(ToolEvent) + Send + Sync),
    ) -> std::io::Result<ExitStatus> {
        let started = Instant::now();
        let mut ticks = tokio::time::interval(TICK);
        let mut there = BTreeSet::new();
        loop {
            tokio::select! {
                status = child.process.wait() => {
                    self.tell(partial, &mut there, started.elapsed(), progress);
                    return status;
                }
                _ = ticks.tick() => {
                    self.tell(partial, &mut there, started.elapsed(), progress);
                    if there.len() < self.tools.len() {
                        progress(self.building(&there, started.elapsed()));
                    }
                }
            }
        }
    }

    fn building(&self, there: &BTreeSet<Tool>, elapsed: Duration) -> ToolEvent {
        let still = self.tools.iter().filter(|tool| !there.contains(tool));
        ToolEvent::Building {
            tools: still.copied().collect(),
            done: self.before + there.len(),
            of: self.of,
            elapsed,
        }
    }

    /// Tells of the tools that have come since the last look.
    fn tell(
        &self,
        partial: &Path,
        there: &mut BTreeSet<Tool>,
        elapsed: Duration,
        progress: &(dyn Fn(ToolEvent) + Send + Sync),
    ) {
        for &tool in &self.tools {
            if partial.join(tool.built_as()).exists() && there.insert(tool) {
                progress(ToolEvent::Built {
                    tool,
                    n: self.before + there.len(),
                    of: self.of,
                    elapsed,
                });
            }
        }
    }

    /// Beside the tools, so that the rename stays on one disk and nothing under a key is ever half written.
    fn partial(&self) -> PathBuf {
        let name = format!("{}.{}", self.module.name(), std::process::id());
        self.toolchain.cache().join("tools").join(".partial").join(name)
    }
}

/// Fetches and reads the sources of a module's tools, so that their build finds them on disk. What goes wrong here
/// is left to the build, which says it better.
pub(super) async fn fetch(toolchain: &Toolchain, module: Module, tools: &[Tool]) {
    let Ok(folder) = module.unpack(toolchain.cache()) else {
        return;
    };
    let mut command = go::command();
    command
        .args(["list", "-deps", "-f", ""])
        .args(tools.iter().map(|tool| tool.package()))
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Ok(mut process) = Group::spawn(command) {
        let _left_to_the_build = process.process.wait().await;
    }
}

/// Deletes what runs that are no more left half made below `folder`.
pub(crate) fn sweep_partials(folder: &Path) {
    for entry in std::fs::read_dir(folder.join(".partial"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name();
        let owner = name
            .to_str()
            .and_then(|name| name.rsplit_once('.'))
            .map(|(_, owner)| owner.to_owned());
        if owner.is_some_and(|owner| Path::new("/proc").join(owner).exists()) {
            continue;
        }
        let path = entry.path();
        // What cannot be deleted is in nobody's way.
        let _ignored = if path.is_dir() {
            std::fs::remove_dir_all(path)
        } else {
            std::fs::remove_file(path)
        };
    }
}

fn publish(partial: &Path, target: &Path) -> std::io::Result<()> {
    target.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    std::fs::File::open(partial)?.sync_all()?;
    std::fs::rename(partial, target)
}

fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

fn cache_error(path: &Path, source: std::io::Error) -> ToolsError {
    ToolsError::Cache {
        path: path.to_owned(),
        source,
    }
}

/// A process with all it starts: Go leaves compilers behind when only Go itself is ended.
pub(crate) struct Group {
    pub(crate) process: Child,
}

impl Group {
    pub(crate) fn spawn(mut command: Command) -> std::io::Result<Self> {
        Ok(Self {
            process: command.process_group(0).kill_on_drop(true).spawn()?,
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // No id means that it was waited for: nothing is left to end, and the number may be another's by now.
        let id = self
            .process
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            let _gone_already = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        }
    }
}
