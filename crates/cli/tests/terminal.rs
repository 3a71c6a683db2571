//! The terminal on a real pty with a fake seat behind it: whatever happens, the terminal is left as it was found.
//!
//! The program under test is this test binary itself: it is started again on the pty with [`FAKE`] set, and then
//! `fake_shell` is a shell and no test.

#![expect(clippy::unwrap_used, reason = "the helpers of these tests fail loudly")]

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cli::Size;
use cli::terminal::unix::{RawMode, window};
use cli::terminal::{End, OpenProblem, Opened, Seat, SeatInput, SeatKeeper, SeatOutput, Settings, run};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tokio::sync::mpsc;

/// Set for the process that is the shell.
const FAKE: &str = "TASKWRIGHT_FAKE_SEAT";

/// A seat that echoes what is typed and obeys a few words; it stands for the pod in tests of this side.
struct FakeSeat {
    opened: usize,
}

struct FakeInput {
    typed: Vec<u8>,
    out: Option<mpsc::UnboundedSender<Bytes>>,
}

struct FakeOutput {
    out: mpsc::UnboundedReceiver<Bytes>,
}

struct FakeKeeper;

impl Seat for FakeSeat {
    type Input = FakeInput;
    type Output = FakeOutput;
    type Keeper = FakeKeeper;

    async fn open(&mut self, size: Size) -> Result<Opened<Self>, OpenProblem> {
        self.opened += 1;
        if self.opened == 2 {
            let error = api::Error::new(api::Code::Terminal, "the pod is not there yet");
            return Err(OpenProblem { error, passing: true });
        }
        let (sender, out) = mpsc::unbounded_channel();
        let _ = sender.send(format!("shell {} in {}x{}\r\n$ ", self.opened, size.rows, size.columns).into());
        let input = FakeInput {
            typed: Vec::new(),
            out: Some(sender),
        };
        Ok(Opened {
            input,
            output: FakeOutput { out },
            keeper: FakeKeeper,
        })
    }
}

impl FakeInput {
    fn say(&self, text: &str) {
        if let Some(out) = &self.out {
            let _ = out.send(text.to_owned().into());
        }
    }

    fn obey(&mut self, word: &str) -> Result<(), String> {
        match word {
            "vim" => self.say("\x1b[?1049h\x1b[?25l\x1b[?1000h"),
            "panic" => panic!("a bug"),
            "exit" => self.out = None,
            "drop" => return Err("the network is gone".into()),
            other => self.say(&format!("<{other}>\r\n$ ")),
        }
        Ok(())
    }
}

impl SeatInput for FakeInput {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.typed.extend_from_slice(bytes);
        while let Some(end) = self.typed.iter().position(|byte| *byte == b'\r') {
            let word = String::from_utf8_lossy(&self.typed[..end]).into_owned();
            self.typed.drain(..=end);
            self.obey(&word)?;
        }
        Ok(())
    }

    async fn resize(&mut self, size: Size) -> Result<(), String> {
        self.say(&format!("now {}x{}\r\n", size.rows, size.columns));
        Ok(())
    }
}

impl SeatOutput for FakeOutput {
    async fn next(&mut self) -> Option<Bytes> {
        self.out.recv().await
    }

    async fn end(self) -> End {
        End::Exit(7)
    }
}

impl SeatKeeper for FakeKeeper {
    async fn close(self) {}
}

/// Not a test but the program on the pty; see the head of this file.
#[test]
fn fake_shell() {
    if std::env::var_os(FAKE).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let ending = runtime.block_on(async {
        let mut seat = FakeSeat { opened: 0 };
        let first = seat.open(window().unwrap()).await.unwrap();
        let raw = RawMode::enter().unwrap();
        println!("PID {}\r", std::process::id());
        let settings = Settings {
            keys: "ctrl-]".parse().unwrap(),
        };
        let ending = run(&mut seat, first, &settings, std::io::stdout()).await;
        drop(raw);
        ending
    });
    println!("ENDED {:?}", ending.unwrap());
}

/// A person at a pty with a shell that compares the terminal's settings before and after.
struct Person {
    pty: portable_pty::PtyPair,
    keys: Box<dyn Write + Send>,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

/// No step of a test takes longer.
const PATIENCE: Duration = Duration::from_secs(10);

impl Person {
    fn sits_down() -> Self {
        let size = PtySize {
            rows: 30,
            cols: 90,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pty = native_pty_system().openpty(size).unwrap();
        let program = std::env::current_exe().unwrap();
        let script = format!(
            "before=$(stty -g); {FAKE}=1 '{}' --exact fake_shell --nocapture --test-threads=1; \
             if [ \"$before\" = \"$(stty -g)\" ]; then echo TERMINAL-AS-FOUND; else echo TERMINAL-BROKEN; stty -a; fi",
            program.display()
        );
        let mut shell = CommandBuilder::new("/bin/sh");
        shell.args(["-c", &script]);
        pty.slave.spawn_command(shell).unwrap();
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (sender, screen) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keys = pty.master.take_writer().unwrap();
        let mut person = Self {
            pty,
            keys,
            screen,
            seen: String::new(),
        };
        person.waits_for("$ ");
        person.waits_for("PID ");
        person
    }

    fn types(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
    }

    fn waits_for(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.seen.contains(text) {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.screen.recv_timeout(left) else {
                panic!("never saw {text:?}; saw {:?}", self.seen);
            };
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    fn kills(&mut self, signal: rustix::process::Signal) {
        self.waits_for("\r");
        let after = self.seen.split("PID ").nth(1).unwrap();
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        let pid = rustix::process::Pid::from_raw(digits.parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    fn finds_the_terminal_as_it_was(mut self) -> String {
        self.waits_for("TERMINAL-");
        assert!(self.seen.contains("TERMINAL-AS-FOUND"), "{}", self.seen);
        self.seen
    }
}

#[test]
fn a_shell_that_ends_passes_on_its_code() {
    let mut person = Person::sits_down();
    person.waits_for("shell 1 in 30x90");
    person.types("grüße\r");
    person.waits_for("<grüße>");
    person.types("exit\r");
    person.waits_for("ENDED Exit(7)");
    person.finds_the_terminal_as_it_was();
}

#[test]
fn the_detach_key_leaves() {
    let mut person = Person::sits_down();
    person.types("\x1d");
    person.waits_for("ENDED Detached");
    person.finds_the_terminal_as_it_was();
}

#[test]
fn a_new_size_reaches_the_shell() {
    let mut person = Person::sits_down();
    let size = PtySize {
        rows: 40,
        cols: 120,
        pixel_width: 0,
        pixel_height: 0,
    };
    person.pty.master.resize(size).unwrap();
    person.waits_for("now 40x120");
    person.types("exit\r");
    person.finds_the_terminal_as_it_was();
}

#[test]
fn signals_restore_the_terminal_and_what_programs_switched_on() {
    use rustix::process::Signal;
    for (signal, number) in [
        (Signal::TERM, 15),
        (Signal::HUP, 1),
        (Signal::INT, 2),
        (Signal::QUIT, 3),
    ] {
        let mut person = Person::sits_down();
        person.types("vim\r");
        person.waits_for("\x1b[?1000h");
        person.kills(signal);
        person.waits_for(&format!("ENDED Signal({number})"));
        let seen = person.finds_the_terminal_as_it_was();
        for undone in ["\x1b[?1049l", "\x1b[?25h", "\x1b[?1000l"] {
            assert!(seen.contains(undone), "{undone:?} is missing in {seen:?}");
        }
    }
}

#[test]
fn a_panic_restores_the_terminal_before_it_is_reported() {
    let mut person = Person::sits_down();
    person.types("vim\r");
    person.waits_for("\x1b[?1000h");
    person.types("panic\r");
    let seen = person.finds_the_terminal_as_it_was();
    let (restored, reported) = (seen.find("\x1b[?1049l").unwrap(), seen.find("a bug").unwrap());
    assert!(
        restored < reported,
        "the report is on the screen that stays: {seen:?}"
    );
}

#[test]
fn a_lost_connection_is_told_and_made_again() {
    let mut person = Person::sits_down();
    person.types("drop\r");
    person.waits_for("[connection lost: the network is gone; connecting again, Ctrl-C gives up]");
    person.waits_for("[not yet: the pod is not there yet]");
    person.waits_for("shell 3 in 30x90");
    person.types("exit\r");
    person.waits_for("ENDED Exit(7)");
    person.finds_the_terminal_as_it_was();
}

#[test]
fn ctrl_c_gives_a_lost_connection_up() {
    let mut person = Person::sits_down();
    person.types("drop\r");
    person.waits_for("connection lost");
    person.types("\x03");
    person.waits_for("ENDED Lost(\"the network is gone\")");
    person.finds_the_terminal_as_it_was();
}
