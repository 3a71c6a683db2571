//! Starts processes that outlive this program, finds them again, and ends them. A process is known by its
//! number, its start time and the boot it runs in, so that a number used again is never mistaken for ours.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal};
use serde::{Deserialize, Serialize};
use tokio::io::unix::AsyncFd;
use tokio::process::Command;

use crate::error::{OnPath, SandboxError};

/// A log larger than this is cut back to its end when the sandbox is next looked after.
const LOG_LIMIT: u64 = 32 << 20;
const LOG_KEPT: u64 = 1 << 20;

/// Joins the cgroups named before `--`, lets go of every file that was left open by whoever started us (a lock, the
/// other end of a pipe), then becomes the program: same number, own session. Done by a shell because a process can
/// only be moved safely before it has children; by bash because it closes files of any number.
const SHELL: &str = "/bin/bash";
const ENTER: &str = r#"while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit 126; shift; done; shift
for file in /proc/$$/fd/*; do file=${file##*/}; [ "$file" -le 2 ] || eval "exec $file>&-"; done
exec setsid -- "$@""#;

/// A process as it was when we started it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessRecord {
    /// Its number.
    pub pid: i32,
    /// Clock ticks from boot to its start.
    pub started: u64,
    /// The boot it runs in.
    pub boot: String,
    /// What it was started with, as a digest; another one means it has to be replaced.
    pub digest: String,
}

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProcessSpec {
    /// `member/part`.
    pub name: String,
    /// The binary.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment, on top of nothing but `PATH`.
    pub env: Vec<(String, String)>,
    /// The network namespace it runs in.
    pub namespace: PathBuf,
    /// The cgroups it joins.
    pub cgroups: Vec<PathBuf>,
    /// Where its output goes.
    pub log: PathBuf,
    /// What stands in its configuration files, so that a change of them replaces it.
    pub configuration: Vec<String>,
}

impl ProcessSpec {
    /// Changes whenever the process would be started differently.
    pub(crate) fn digest(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        let program = self.program.to_string_lossy().into_owned();
        let env = self.env.iter().map(|(key, value)| format!("{key}={value}"));
        for part in [program]
            .into_iter()
            .chain(self.args.clone())
            .chain(env)
            .chain(self.configuration.clone())
        {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hex::encode(&hash.finalize()[..8])
    }

    /// Starts it, to go on running when this program has ended.
    pub(crate) fn start(&self) -> Result<ProcessRecord, SandboxError> {
        let log = open_log(&self.log)?;
        let failed = |source| SandboxError::Start {
            name: self.name.clone(),
            source,
        };
        // Dropping the child leaves it running; while this program lives it is collected when it ends.
        let child = Command::new(SHELL)
            .args(["-c", ENTER, "sh"])
            .args(&self.cgroups)
            .arg("--")
            .arg("nsenter")
            .arg(with_value("--net=", &self.namespace))
            .arg("--")
            .arg(&self.program)
            .args(&self.args)
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .envs(self.env.iter().cloned())
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            .spawn()
            .map_err(failed)?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
        let identity = pid.and_then(|pid| Some((pid, start_time(pid)?)));
        let (pid, started) = identity.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
        Ok(ProcessRecord {
            pid,
            started,
            boot: boot_id(),
            digest: self.digest(),
        })
    }
}

fn with_value(option: &str, value: &Path) -> OsString {
    let mut text = OsString::from(option);
    text.push(value);
    text
}

fn open_log(path: &Path) -> Result<fs::File, SandboxError> {
    fs::File::options()
        .create(true)
        .append(true)
        .open(path)
        .on("write", path)
}

impl ProcessRecord {
    /// Whether it still runs. A process that ended and was not yet collected does not.
    pub fn alive(&self) -> bool {
        self.boot == boot_id()
            && stat(self.pid).is_some_and(|stat| stat.started == self.started && stat.state != 'Z')
    }

    /// The network namespace it runs in, as the kernel numbers it.
    pub fn namespace(&self) -> Option<u64> {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(format!("/proc/{}/ns/net", self.pid))
            .ok()
            .map(|namespace| namespace.ino())
    }

    /// A hold on the process that no other process can come to stand for, if it still runs.
    fn open(&self) -> Option<OwnedFd> {
        let handle = rustix::process::pidfd_open(Pid::from_raw(self.pid)?, PidfdFlags::NONBLOCK).ok()?;
        // Asked after the hold was taken: from here on the number cannot be used again unnoticed.
        self.alive().then_some(handle)
    }

    /// Returns when it has ended.
    pub async fn ended(&self) {
        if let Some(watched) = self.open().and_then(watch) {
            let _readable_when_ended = watched.readable().await;
        }
    }

    /// Asks it to end, waits `grace`, and ends it by force if it has not.
    pub async fn end(&self, grace: Duration) {
        let Some(handle) = self.open() else { return };
        if grace.is_zero() {
            let _gone_already = rustix::process::pidfd_send_signal(&handle, Signal::KILL);
        } else {
            let _gone_already = rustix::process::pidfd_send_signal(&handle, Signal::TERM);
        }
        let Some(watched) = watch(handle) else { return };
        if !grace.is_zero() && tokio::time::timeout(grace, watched.readable()).await.is_err() {
            let _gone_already = rustix::process::pidfd_send_signal(watched.get_ref(), Signal::KILL);
        }
        let _ended = tokio::time::timeout(Duration::from_secs(5), watched.readable()).await;
    }

    #[cfg(test)]
    pub(crate) fn of_this_process() -> Option<Self> {
        let pid = i32::try_from(std::process::id()).ok()?;
        Some(Self {
            pid,
            started: start_time(pid)?,
            boot: boot_id(),
            digest: String::new(),
        })
    }
}

/// Readable once the process has ended.
#[expect(
    deprecated,
    reason = "the safe constructor is sound for an `OwnedFd`, the new one is an unsafe function"
)]
fn watch(handle: OwnedFd) -> Option<AsyncFd<OwnedFd>> {
    AsyncFd::new(handle).ok()
}

/// The boot this machine is in.
pub(crate) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn start_time(pid: i32) -> Option<u64> {
    stat(pid).map(|stat| stat.started)
}

struct Stat {
    state: char,
    started: u64,
}

fn stat(pid: i32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Reads `/proc/PID/stat`. The command in brackets may itself hold brackets and spaces.
fn parse_stat(text: &str) -> Option<Stat> {
    let (_, after_command) = text.rsplit_once(") ")?;
    let mut fields = after_command.split(' ');
    let state = fields.next()?.chars().next()?;
    Some(Stat {
        state,
        started: fields.nth(18)?.parse().ok()?,
    })
}

/// The last `lines` lines of a log.
pub(crate) fn tail(log: &Path, lines: usize) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text[text.len().saturating_sub(16 << 10)..]).into_owned();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// How long a log is; nothing yet is as good as empty.
pub(crate) fn log_length(log: &Path) -> u64 {
    fs::metadata(log).map_or(0, |metadata| metadata.len())
}

/// The one line that tells best why a process ended, out of what it wrote from `start` on: the last that speaks of
/// an error, else the last there is.
pub(crate) fn reason(log: &Path, start: u64) -> String {
    const WINDOW: usize = 64 << 10;
    let bytes = fs::read(log).unwrap_or_default();
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    // A log that was cut meanwhile is read from its beginning.
    let new = bytes.get(start..).unwrap_or(&bytes);
    let text = String::from_utf8_lossy(&new[new.len().saturating_sub(WINDOW)..]).into_owned();
    // What is indented is where a program was, not what it said.
    let said = || {
        text.lines()
            .rev()
            .filter(|line| !line.is_empty() && !line.starts_with(char::is_whitespace))
    };
    let telling = |line: &&str| {
        let line = line.to_lowercase();
        ["error", "fatal", "panic", "fail"]
            .iter()
            .any(|word| line.contains(word))
    };
    let line = said().find(telling).or_else(|| said().next());
    line.map_or_else(|| "it said nothing".to_owned(), |line| line.trim().to_owned())
}

/// Cuts a log that has grown too long back to its end. Safe while its process writes: it appends.
pub(crate) fn trim_log(log: &Path) -> Result<(), SandboxError> {
    use std::os::unix::fs::FileExt;
    let Ok(metadata) = fs::metadata(log) else {
        return Ok(());
    };
    if metadata.len() <= LOG_LIMIT {
        return Ok(());
    }
    let file = fs::File::options()
        .read(true)
        .append(true)
        .open(log)
        .on("write", log)?;
    let mut end = vec![0; usize::try_from(LOG_KEPT).unwrap_or(0)];
    file.read_exact_at(&mut end, metadata.len() - LOG_KEPT)
        .on("read", log)?;
    file.set_len(0).on("write", log)?;
    io::Write::write_all(&mut &file, &end).on("write", log)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_is_read_whatever_the_command_is_called() {
        let stat = parse_stat("42 (a) b (c) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1000 2 3")
            .unwrap();
        assert_eq!((stat.state, stat.started), ('S', 98765));
        assert!(parse_stat("42 (x").is_none());
    }

    #[test]
    fn a_number_used_again_is_not_ours() {
        let ours = ProcessRecord::of_this_process().unwrap();
        assert!(ours.alive());
        assert!(
            !ProcessRecord {
                started: ours.started + 1,
                ..ours.clone()
            }
            .alive()
        );
        assert!(
            !ProcessRecord {
                boot: "another".into(),
                ..ours.clone()
            }
            .alive()
        );
        assert!(
            !ProcessRecord {
                pid: i32::MAX,
                ..ours
            }
            .alive()
        );
    }

    #[test]
    fn a_changed_configuration_changes_the_digest() {
        let spec = ProcessSpec {
            name: "plane/etcd".into(),
            program: "/bin/etcd".into(),
            args: vec!["--a".into()],
            env: Vec::new(),
            namespace: "/run/netns/x".into(),
            cgroups: Vec::new(),
            log: "/dev/null".into(),
            configuration: vec!["x".into()],
        };
        let changed = ProcessSpec {
            configuration: vec!["y".into()],
            ..spec.clone()
        };
        assert_ne!(spec.digest(), changed.digest());
        let elsewhere = ProcessSpec {
            log: "/tmp/log".into(),
            ..spec.clone()
        };
        assert_eq!(spec.digest(), elsewhere.digest());
    }

    #[tokio::test]
    async fn a_process_is_ended_and_then_not_alive() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let pid = i32::try_from(child.id().unwrap()).unwrap();
        let record = ProcessRecord {
            pid,
            started: start_time(pid).unwrap(),
            boot: boot_id(),
            digest: String::new(),
        };
        record.end(Duration::from_secs(2)).await;
        assert!(!record.alive());
        child.wait().await.unwrap();
    }

    #[test]
    fn the_line_that_tells_why_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        fs::write(&log, "panic: of last week\n").unwrap();
        let start = log_length(&log);
        assert_eq!(reason(&log, start), "it said nothing");
        let more = "panic: of last week\nstarting\nerror: no such server\n\nat 7\n\tmain.go:7\n";
        fs::write(&log, more).unwrap();
        assert_eq!(reason(&log, start), "error: no such server");
        fs::write(&log, "panic: of last week\nbye\n").unwrap();
        assert_eq!(reason(&log, start), "bye");
    }

    #[test]
    fn a_long_log_keeps_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let file = fs::File::create(&log).unwrap();
        file.set_len(LOG_LIMIT).unwrap();
        fs::write(folder.path().join("other"), "").unwrap();
        io::Write::write_all(
            &mut fs::File::options().append(true).open(&log).unwrap(),
            b"\nlast\n",
        )
        .unwrap();
        trim_log(&log).unwrap();
        assert_eq!(fs::metadata(&log).unwrap().len(), LOG_KEPT);
        assert_eq!(tail(&log, 1), "last");
    }
}
