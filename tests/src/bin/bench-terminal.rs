//! The shell of a seat beside `kubectl exec -it` into the same pod, in alternating rounds: throughput of text through
//! the terminal, time until a key is echoed, and time from Ctrl-C under a flood to the prompt with a slow reader.
//!
//! `bench-terminal PREVIEW KUBECONFIG ROUNDS` needs a preview that is ready, `kubectl` on PATH, and the built binary in
//! `TASKWRIGHT_BIN`; `scripts/bench.sh terminal` sees to all of it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and fails loudly"
)]

use std::io::{Read, Write};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use sha2::{Digest, Sha256};

const MIB: usize = 64;
const KEYS: usize = 500;
/// Bytes a second of a slow reader, such as a terminal over a modest network.
const SLOW: u64 = 5_000_000;
const PATIENCE: Duration = Duration::from_mins(2);

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [preview, kubeconfig, rounds] = given.as_slice() else {
        println!("usage: bench-terminal PREVIEW KUBECONFIG ROUNDS");
        return;
    };
    let rounds: usize = rounds.parse().unwrap();
    let ours = Side {
        name: "taskwright",
        command: vec![
            e2e::binary().to_string_lossy().into_owned(),
            "shell".into(),
            preview.clone(),
        ],
    };
    let theirs = Side {
        name: "kubectl",
        command: kubectl(preview, kubeconfig),
    };
    let mut results = [Results::default(), Results::default()];
    for round in 0..rounds {
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for side in order {
            [&ours, &theirs][side].measure(kubeconfig, &mut results[side]);
        }
    }
    for (side, result) in [ours, theirs].iter().zip(&mut results) {
        result.print(side.name);
    }
}

/// One of the two ways into the pod.
struct Side {
    name: &'static str,
    command: Vec<String>,
}

/// What was measured in all rounds.
#[derive(Default)]
struct Results {
    /// Megabytes a second.
    throughput: Vec<f64>,
    /// Milliseconds.
    echo: Vec<f64>,
    /// Milliseconds.
    interrupt: Vec<f64>,
    /// Milliseconds, with a slow reader.
    slow_interrupt: Vec<f64>,
    hashes: Vec<String>,
}

impl Side {
    fn measure(&self, kubeconfig: &str, results: &mut Results) {
        let mut shell = Shell::open(&self.command, kubeconfig);
        let (rate, hash) = shell.throughput();
        let echo = shell.echo();
        let interrupt = shell.interrupt(0);
        let slow = shell.interrupt(SLOW);
        println!(
            "{:>10}: {rate:5.1} MB/s, echo median {:.2} ms, Ctrl-C {interrupt:.0} ms, with a slow reader {slow:.0} ms",
            self.name,
            median(&echo),
        );
        shell.leave();
        results.throughput.push(rate);
        results.hashes.push(hash);
        results.echo.extend(echo);
        results.interrupt.push(interrupt);
        results.slow_interrupt.push(slow);
    }
}

impl Results {
    fn print(&mut self, name: &str) {
        self.hashes.dedup();
        println!("\n{name}");
        println!(
            "  throughput     median {:.1} MB/s of {:.1?}",
            median(&self.throughput),
            self.throughput
        );
        println!(
            "  bytes          sha256 {} in every round",
            self.hashes.join(" AND ")
        );
        let mut echo = self.echo.clone();
        echo.sort_by(f64::total_cmp);
        println!(
            "  echo           median {:.2} ms, p95 {:.2} ms of {}",
            median(&echo),
            echo[echo.len() * 95 / 100],
            echo.len()
        );
        println!(
            "  Ctrl-C         median {:.0} ms of {:.0?}",
            median(&self.interrupt),
            self.interrupt
        );
        println!(
            "  Ctrl-C, slow   median {:.0} ms of {:.0?}",
            median(&self.slow_interrupt),
            self.slow_interrupt
        );
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn kubectl(preview: &str, kubeconfig: &str) -> Vec<String> {
    let namespace = format!("task-{preview}");
    let base = ["kubectl", "--kubeconfig", kubeconfig, "-n", &namespace];
    let query = [
        "get",
        "pods",
        "-l",
        "taskwright.dev/seat=tty",
        "-o",
        "jsonpath={.items[0].metadata.name}",
    ];
    let found = Command::new(base[0])
        .args(&base[1..])
        .args(query)
        .output()
        .unwrap();
    let pod = String::from_utf8(found.stdout).unwrap();
    assert!(
        !pod.is_empty(),
        "no seat in {namespace}: {}",
        String::from_utf8_lossy(&found.stderr)
    );
    let exec = ["exec", "-it", &pod, "-c", "tty", "--", "/bin/bash", "-l"];
    base.iter().chain(&exec).map(ToString::to_string).collect()
}

/// A shell on a pty of ours.
struct Shell {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    screen: Receiver<(Instant, Vec<u8>)>,
    pace: Arc<AtomicU64>,
    /// What was read and not asked for yet.
    rest: Vec<u8>,
    _pty: Box<dyn MasterPty + Send>,
}

impl Shell {
    fn open(command: &[String], kubeconfig: &str) -> Self {
        let size = PtySize {
            rows: 43,
            cols: 132,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut program = CommandBuilder::new(&command[0]);
        program.args(&command[1..]);
        program.env("KUBECONFIG", kubeconfig);
        let child = pty.slave.spawn_command(program).unwrap();
        let reader = pty.master.try_clone_reader().unwrap();
        let (sender, screen) = sync_channel(16);
        let pace = Arc::new(AtomicU64::new(0));
        let theirs = Arc::clone(&pace);
        std::thread::spawn(move || read(reader, &sender, &theirs));
        let keys = pty.master.take_writer().unwrap();
        let mut shell = Self {
            child,
            keys,
            screen,
            pace,
            rest: Vec::new(),
            _pty: pty.master,
        };
        // The marker is put together by the shell, so that its echo is no match.
        shell.types("PS1='REA''DY> '; bind 'set enable-bracketed-paste off'; clear\r");
        shell.until("READY> ");
        shell
    }

    fn types(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// All bytes up to a text, and when the last of them came. What came behind it is kept.
    fn until(&mut self, text: &str) -> (Instant, Vec<u8>) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        let (mut at, mut bytes) = (Instant::now(), std::mem::take(&mut self.rest));
        loop {
            let from = seen.len().saturating_sub(text.len());
            seen.append(&mut bytes);
            let found = seen[from..]
                .windows(text.len())
                .position(|window| window == text.as_bytes());
            if let Some(found) = found {
                self.rest = seen.split_off(from + found + text.len());
                return (at, seen);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            (at, bytes) = self.screen.recv_timeout(left).unwrap_or_else(|_| {
                let tail = String::from_utf8_lossy(&seen[seen.len().saturating_sub(400)..]).into_owned();
                panic!("never saw {text:?} but {tail:?}")
            });
        }
    }

    /// Forgets what was printed so far.
    fn forget(&mut self) {
        while self.screen.try_recv().is_ok() {}
        self.rest.clear();
    }

    fn throughput(&mut self) -> (f64, String) {
        let line = "The quick brown fox jumps over the lazy dog; pack my box with five dozen jugs.";
        self.types(&format!("yes '{line}' | head -c {MIB}M > /tmp/flood; clear\r"));
        self.until("READY> ");
        let began = Instant::now();
        self.types("echo BEG''IN; cat /tmp/flood; echo; echo E''ND\r");
        let (ended, bytes) = self.until("\nEND");
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        let flood = text.split_once("BEGIN\n").unwrap().1;
        let flood = flood.rsplit_once("\nEND").unwrap().0.trim_end_matches('\n');
        let digest: String = Sha256::digest(flood.as_bytes())
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat();
        self.until("READY> ");
        #[expect(clippy::cast_precision_loss, reason = "megabytes fit")]
        let megabytes = bytes.len() as f64 / 1e6;
        (
            megabytes / ended.duration_since(began).as_secs_f64(),
            format!("{digest}… of {} bytes", flood.len()),
        )
    }

    fn echo(&mut self) -> Vec<f64> {
        let mut times = Vec::new();
        for number in 0..KEYS {
            let key = char::from(b'a' + u8::try_from(number % 26).unwrap()).to_string();
            let began = Instant::now();
            self.types(&key);
            let (at, _) = self.until(&key);
            times.push(at.duration_since(began).as_secs_f64() * 1e3);
            if number % 60 == 59 {
                self.types("\x15");
                std::thread::sleep(Duration::from_millis(50));
                self.forget();
            }
        }
        self.forget();
        self.types("\x15\r");
        self.until("READY> ");
        times
    }

    /// Milliseconds from Ctrl-C under a flood to the prompt on the reader's side.
    fn interrupt(&mut self, pace: u64) -> f64 {
        self.pace.store(pace, Ordering::Relaxed);
        self.types("yes 'a line of a flood that does not end'\r");
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            let _ = self.screen.recv_timeout(Duration::from_millis(10));
        }
        let began = Instant::now();
        self.types("\x03");
        let (at, _) = self.until("READY> ");
        self.pace.store(0, Ordering::Relaxed);
        at.duration_since(began).as_secs_f64() * 1e3
    }

    fn leave(mut self) {
        self.types("rm -f /tmp/flood; exit\r");
        let _ = self.child.wait();
    }
}

fn read(
    mut reader: Box<dyn Read + Send>,
    sender: &std::sync::mpsc::SyncSender<(Instant, Vec<u8>)>,
    pace: &AtomicU64,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = reader.read(&mut buffer) {
        if sender.send((Instant::now(), buffer[..read].to_vec())).is_err() {
            return;
        }
        if let Some(micros) = (read as u64 * 1_000_000).checked_div(pace.load(Ordering::Relaxed)) {
            std::thread::sleep(Duration::from_micros(micros));
        }
    }
}
