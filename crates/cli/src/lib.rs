//! The command line: arguments in, words and exit codes out. All work is done by `api`.

pub mod args;
pub mod boot;
mod commands;
mod console;
mod exit;
mod halt;
mod kubeconfig;
mod line;
mod proof;

pub mod sandbox;
mod screen;
mod style;
mod table;
pub mod terminal;
mod way;
mod words;

use std::process::ExitCode;

use clap::Parser;

pub use console::Console;
pub use exit::Exit;
pub use halt::Halt;
pub use screen::{Screen, Size};
pub use style::Paint;

/// The whole program.
pub fn main() -> ExitCode {
    let cli = args::Cli::parse();
    start_log(cli.verbose);
    commands::run(cli).into()
}

/// Logs go to standard error, and only when somebody asks: most commands end before a logger would have started.
fn start_log(verbose: u8) {
    use tracing_subscriber::EnvFilter;
    let filter = match (std::env::var("TASKWRIGHT_LOG").ok(), verbose) {
        (Some(filter), _) => EnvFilter::new(filter),
        (None, 0) => return,
        (None, 1) => EnvFilter::new("info,hyper=warn,tower=warn,kube=warn"),
        (None, _) => EnvFilter::new("debug,hyper=info,tower=info,h2=info,rustls=info"),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
