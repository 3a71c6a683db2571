//! One module for each command; each is a few lines over `api`.

mod bundle;
mod doctor;
mod down;
mod export;
mod grade;
mod host;
mod hosts;
mod images;
mod lock;
mod login;
mod plan;
mod preview;
mod previews;
mod prove;
mod pull;
mod sandbox;
mod seat;
mod update;
mod verify;

use std::future::Future;
use std::io;

use clap::CommandFactory;
use tokio::runtime::Builder;

use crate::args::{Cli, Command, Completions};
use crate::console::Console;
use crate::exit::Exit;
use crate::halt::Halt;

/// Runs a command and tells what went wrong.
pub(crate) fn run(cli: Cli) -> Exit {
    let console = Console::of_process(cli.color);
    let (console, result) = dispatch(console, cli.command);
    result.unwrap_or_else(|halt| halt.tell(console))
}

type Outcome = Result<Exit, Halt>;

/// Commands that need no cluster run without a runtime, which is what keeps them quick.
fn dispatch(console: Console, command: Command) -> (Console, Outcome) {
    match command {
        Command::New(args) => with(console.with(args.output.output), |console| {
            bundle::new(console, &args)
        }),
        Command::Check(args) => with(console, |console| bundle::check(console, &args)),
        Command::Reference => with(console, |console| {
            console.print(&crate::args::reference())?;
            Ok(Exit::Done)
        }),
        Command::Schema => with(console, bundle::schema),
        Command::Completions(args) => with(console, |console| completions(console, &args)),
        Command::Hosts(args) => with(console.with(args.output.output), |console| {
            wait(hosts::run(console))
        }),
        Command::Doctor(args) => with(console.with(args.output.output), |console| {
            wait(doctor::run(console, args.context.as_deref()))
        }),
        Command::Lock(args) => with(console.with(args.output.output), |console| {
            wait(lock::run(console, args))
        }),
        Command::Plan(args) => with(console, |console| wait(plan::run(console, args))),
        Command::Preview(args) => with(console.with(args.output.output), |console| {
            wait(preview::run(console, args))
        }),
        Command::Previews(args) => with(console.with(args.output.output), |console| {
            wait(previews::run(console, args))
        }),
        Command::Update(args) => with(console.with(args.output.output), |console| {
            wait(update::run(console, args))
        }),
        Command::Shell(args) => with(console, |console| wait_on_one_thread(seat::attach(console, args))),
        Command::Grade(args) => with(console.with(args.output.output), |console| {
            wait(grade::run(console, args))
        }),
        Command::Prove(args) => with(console.with(args.output.output), |console| {
            wait(prove::run(console, args))
        }),
        Command::Down(args) => with(console.with(args.output.output), |console| {
            wait(down::run(console, args))
        }),
        Command::Export(args) => with(console.with(args.output.output), |console| {
            wait(export::run(console, args))
        }),
        Command::Verify(args) => with(console.with(args.output.output), |console| {
            wait(verify::run(console, args))
        }),
        Command::Pull(args) => with(console.with(args.output.output), |console| {
            wait(pull::run(console, args))
        }),
        Command::Login(args) => with(console.with(args.output.output), |console| {
            wait(login::run(console, args))
        }),
        Command::Logout(args) => with(console.with(args.output.output), |console| {
            wait(login::out(console, args))
        }),
        Command::Sandbox(args) => with(console.with(args.output), |console| {
            wait(sandbox::run(console, args.act))
        }),
    }
}

fn with(console: Console, command: impl FnOnce(Console) -> Outcome) -> (Console, Outcome) {
    (console, command(console))
}

/// Runs a command that talks to clusters.
fn wait(command: impl Future<Output = Outcome>) -> Outcome {
    run_on(Builder::new_multi_thread().worker_threads(2), command)
}

/// Runs a command that carries keys and their echo: a key that is handed from thread to thread comes back later.
fn wait_on_one_thread(command: impl Future<Output = Outcome>) -> Outcome {
    run_on(&mut Builder::new_current_thread(), command)
}

fn run_on(builder: &mut Builder, command: impl Future<Output = Outcome>) -> Outcome {
    let runtime = builder.enable_all().build()?;
    let outcome = runtime.block_on(command);
    // A call that hangs must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    outcome
}

fn completions(console: Console, args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "taskwright", &mut script);
    let script = String::from_utf8(script).map_err(io::Error::other)?;
    console.print(&script)?;
    Ok(Exit::Done)
}
