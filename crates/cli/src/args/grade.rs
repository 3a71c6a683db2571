//! `grade` and `prove`.

use std::path::PathBuf;

use clap::Args;

use super::{HostArg, OutputArg};

/// Grade the work in a preview.
#[derive(Debug, Args)]
pub struct Grade {
    /// The preview; a unique beginning of its id is enough
    pub id: String,
    /// The bundle it was booted from
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub bundle: PathBuf,
    /// Where it runs.
    #[command(flatten)]
    pub host: HostArg,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// Prove a bundle.
#[derive(Debug, Args)]
pub struct Prove {
    /// The bundle
    #[arg(default_value = ".")]
    pub bundle: PathBuf,
    /// How often each case is tried: finds checks that come out now so, now so
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub repeat: u32,
    /// How many cases run at the same time
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=16))]
    pub jobs: u16,
    /// Also write the matrix as a `JUnit` report
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Where the cases are booted.
    #[command(flatten)]
    pub host: HostArg,
    /// Start the sandbox, and install what it lacks, without asking
    #[arg(short, long)]
    pub yes: bool,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}
