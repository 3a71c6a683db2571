//! The candidate's seat through a real terminal: what a person types, what they see, and what is left behind.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::bundle::Bundle;
use e2e::pty::Terminal;
use e2e::{Preview, host};

const SOON: Duration = Duration::from_secs(15);

fn open(preview: &Preview) -> Result<Terminal> {
    let mut terminal = Terminal::start(&["shell", &preview.id, "--host", host::CONTEXT], 33, 101)?;
    terminal.wait_for("$", SOON)?;
    Ok(terminal)
}

#[test]
fn the_shell_is_a_terminal_like_any_other() -> Result<()> {
    let bundle = Bundle::new("terminal", "")?;
    let preview = Preview::boot(bundle.path())?;
    let mut shell = open(&preview)?;

    shell.type_text("stty size; tty\r")?;
    shell.wait_for("33 101", SOON)?;
    shell.wait_for("/dev/pts/", SOON)?;

    shell.resize(20, 70)?;
    // The kubelet takes sizes and keys separately: a key can overtake a size.
    shell.type_text("while stty size | grep -q ^33; do sleep 0.1; done; stty size\r")?;
    shell.wait_for("20 70", SOON)?;

    shell.type_text("clear; printf 'gr\\303\\274\\303\\237e \\346\\227\\245\\346\\234\\254\\n'\r")?;
    shell.wait_for("grüße 日本", SOON)?;

    shell.type_text("clear; sleep 1000\r")?;
    std::thread::sleep(Duration::from_millis(500));
    shell.type_text("\u{3}")?;
    shell.type_text("echo code $?\r")?;
    shell.wait_for("code 130", SOON)?;

    shell.type_text("clear; seq 1 200000 | tail -1; vim -u NONE /tmp/note\r")?;
    // Keys typed before the editor is up, or before it has gone, are not sure to arrive where they are meant.
    shell.wait_for("[New", SOON)?;
    shell.type_text("ihello from vim\u{1b}:wq\r")?;
    shell.wait_for("200000", SOON)?;
    shell.type_text("clear; cat /tmp/note\r")?;
    shell.wait_for("hello from vim", SOON)?;

    shell.type_text("exit 7\r")?;
    ensure!(shell.exit_code(SOON)? == 7, "the shell's exit code is passed on");
    Ok(())
}

/// Processes of the candidate in the seat besides those that belong there.
fn strays(preview: &Preview) -> Result<String> {
    let found = preview.sh("for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null; echo; done")?;
    let ours = |line: &&str| line.contains("stray-") || line.contains("tmux") || line.contains("bash -l");
    Ok(found.lines().filter(ours).collect::<Vec<_>>().join("\n"))
}

#[test]
fn nothing_that_a_session_started_is_left_behind() -> Result<()> {
    let bundle = Bundle::new("strays", "")?;
    let preview = Preview::boot(bundle.path())?;
    let start = "exec -a stray-fg sleep 1001 & (setsid bash -c 'exec -a stray-setsid sleep 1002' &) ; \
                 nohup bash -c 'exec -a stray-nohup sleep 1003' >/dev/null 2>&1 & tmux new-session -d 'exec sleep 1004'; echo started\r";

    let mut detached = open(&preview)?;
    detached.type_text(start)?;
    detached.wait_for("started\n", SOON)?;
    ensure!(!strays(&preview)?.is_empty(), "the test can see strays");
    detached.type_text("\u{1d}")?;
    detached.exit_code(SOON)?;
    host::eventually("nothing after detaching", SOON, || {
        Ok(strays(&preview)?.is_empty())
    })?;

    let mut killed = open(&preview)?;
    killed.type_text(start)?;
    killed.wait_for("started\n", SOON)?;
    ensure!(!strays(&preview)?.is_empty(), "the test can see strays");
    drop(killed);
    host::eventually("nothing after kill -9", SOON, || Ok(strays(&preview)?.is_empty()))
}

#[test]
fn the_terminal_is_restored_after_a_signal() -> Result<()> {
    let bundle = Bundle::new("signal", "")?;
    let preview = Preview::boot(bundle.path())?;
    // A shell of ours around it, so that the state of its terminal can be looked at afterwards.
    let command = format!(
        "before=$(stty -a); {} shell {} --host {}; [ \"$(stty -a)\" = \"$before\" ] && echo as before",
        e2e::binary().display(),
        preview.id,
        host::CONTEXT
    );
    let mut outer = Terminal::run("bash", &["-c", &command], 24, 80)?;
    outer.wait_for("$", SOON)?;
    let inner = e2e::host::child_of(outer.pid(), "taskwright")?;
    rustix::process::kill_process(inner, rustix::process::Signal::TERM)?;
    outer.wait_for("as before", SOON)
}

#[test]
fn a_command_without_a_terminal_passes_everything_on() -> Result<()> {
    let bundle = Bundle::new("command", "")?;
    let preview = Preview::boot(bundle.path())?;
    let outcome = preview.try_sh("echo out; echo err >&2; exit 5")?.expect(5)?;
    ensure!(
        outcome.stdout == "out\n" && outcome.stderr.contains("err"),
        "{outcome:?}"
    );
    let large = preview.sh("seq 1 100000 | sha256sum; seq 1 100000")?;
    let (_, text) = large.split_once('\n').unwrap_or_default();
    ensure!(text.lines().count() == 100_000, "{} lines", text.lines().count());
    ensure!(text.ends_with("100000\n"), "whole to the last line");
    Ok(())
}

#[test]
fn a_seat_that_is_deleted_ends_the_shell_with_its_reason() -> Result<()> {
    let bundle = Bundle::new("deleted", "")?;
    let preview = Preview::boot(bundle.path())?;
    let mut shell = open(&preview)?;
    shell.type_text("kubectl delete pod -n taskwright-seat tty --grace-period=0 --force\r")?;
    shell.wait_until("a reason", Duration::from_secs(40), |screen| {
        screen.contains("reconnect") || screen.contains("connection") || screen.contains("lost")
    })
}
