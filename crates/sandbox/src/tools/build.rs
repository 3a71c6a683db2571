//! Building one tool with Go: into a temporary name, so that the cache never shows half of one.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::{Tool, ToolEvent, Toolchain, ToolsError, go};

/// What every build is told, beside its own linker flags.
pub(super) const FIXED_ARGUMENTS: [&str; 2] = ["build", "-trimpath"];
/// How often a running build reports that it still runs.
const TICK: Duration = Duration::from_secs(1);
/// How much of a failed build's log goes into the error.
const TAIL_LINES: usize = 15;

/// Builds `tool`, the `place.0`-th of `place.1`.
pub(super) async fn build(
    toolchain: &Toolchain,
    tool: Tool,
    place: (usize, usize),
    progress: &(dyn Fn(ToolEvent) + Send + Sync),
) -> Result<(), ToolsError> {
    let started = Instant::now();
    let tick = |elapsed| {
        progress(ToolEvent::Building {
            tool,
            n: place.0,
            of: place.1,
            elapsed,
        });
    };
    tick(Duration::ZERO);
    let target = toolchain.path(tool);
    let partial = partial_path(&target);
    let log = toolchain.cache().join("logs").join(format!("{tool}.log"));
    let mut child = start(toolchain, tool, &partial, &log).map_err(|source| cache_error(&log, source))?;
    let status = wait(&mut child, tick)
        .await
        .map_err(|source| cache_error(&log, source))?;
    if !status.success() {
        return Err(ToolsError::Build {
            tool,
            tail: tail(&log),
            log,
        });
    }
    publish(&partial, &target).map_err(|source| cache_error(&target, source))?;
    progress(ToolEvent::Built {
        tool,
        elapsed: started.elapsed(),
    });
    Ok(())
}

fn start(toolchain: &Toolchain, tool: Tool, partial: &Path, log: &Path) -> std::io::Result<Group> {
    let module = tool.module().unpack(toolchain.cache())?;
    for file in [partial, log] {
        file.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    }
    let log = std::fs::File::create(log)?;
    let mut command = go::command();
    command
        .args(FIXED_ARGUMENTS)
        .args(["-ldflags", &tool.linker_flags(), "-o"])
        .arg(partial)
        .arg(tool.package())
        .current_dir(module)
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log));
    Group::spawn(command)
}

async fn wait(child: &mut Group, tick: impl Fn(Duration)) -> std::io::Result<ExitStatus> {
    let started = Instant::now();
    let mut ticks = tokio::time::interval(TICK);
    ticks.tick().await;
    loop {
        tokio::select! {
            status = child.process.wait() => return status,
            _ = ticks.tick() => tick(started.elapsed()),
        }
    }
}

/// Beside the tools, so that the rename stays on one disk and nothing under a key is ever half written.
fn partial_path(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let tools = target.ancestors().nth(2).unwrap_or(target);
    tools
        .join(".partial")
        .join(format!("{name}.{}", std::process::id()))
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
