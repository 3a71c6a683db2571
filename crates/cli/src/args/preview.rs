//! Commands over previews and their terminals.

use std::path::PathBuf;

use clap::Args;

use super::{HostArg, OutputArg};
use crate::terminal::DetachKeys;

/// Boot a bundle, then open a shell in the candidate's seat.
#[derive(Debug, Args)]
pub struct Preview {
    /// The bundle
    #[arg(default_value = ".")]
    pub bundle: PathBuf,
    /// Where to boot.
    #[command(flatten)]
    pub host: HostArg,
    /// Write a kubeconfig for the preview's API to FILE; it works while this command runs
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Remove the preview when the shell or command ends
    #[arg(long)]
    pub rm: bool,
    /// Run each init script a second time, to show that it is idempotent
    #[arg(long)]
    pub twice: bool,
    /// Answer yes: start the sandbox, installing what it needs, if there is no other host
    #[arg(short, long)]
    pub yes: bool,
    /// How the shell is left.
    #[command(flatten)]
    pub keys: SeatKeys,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
    /// Run this command in the seat instead of a shell, and exit with its code
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true)]
    pub exec: Option<Vec<String>>,
}

/// Bring a preview up to date with the dependencies of its bundle; what has left the bundle is removed
#[derive(Debug, Args)]
pub struct Update {
    /// The preview; a unique beginning of its id is enough
    pub id: String,
    /// The bundle it was booted from
    #[arg(default_value = ".")]
    pub bundle: PathBuf,
    /// Do so again whenever a file of the bundle changes, until Ctrl-C
    #[arg(long)]
    pub watch: bool,
    /// Where it runs.
    #[command(flatten)]
    pub host: HostArg,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// Open a shell in the seat of a preview.
#[derive(Debug, Args)]
pub struct Shell {
    /// The preview; a unique beginning of its id is enough
    pub id: String,
    /// Where it runs.
    #[command(flatten)]
    pub host: HostArg,
    /// How the shell is left.
    #[command(flatten)]
    pub keys: SeatKeys,
    /// Run this command in the seat instead of a shell, and exit with its code
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true)]
    pub exec: Option<Vec<String>>,
}

/// How a shell is left.
#[derive(Debug, Clone, Args)]
pub struct SeatKeys {
    /// Keys that leave the shell and keep the preview, such as `ctrl-]` or `ctrl-p,ctrl-q`; `none` for no key
    #[arg(
        long,
        value_name = "KEYS",
        default_value = "ctrl-]",
        env = "TASKWRIGHT_DETACH_KEYS",
        hide_env = true
    )]
    pub detach_keys: DetachKeys,
}

/// Remove previews.
#[derive(Debug, Args)]
pub struct Down {
    /// The previews; a unique beginning of an id is enough
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    pub ids: Vec<String>,
    /// Remove every preview on the host
    #[arg(long)]
    pub all: bool,
    /// Where they run.
    #[command(flatten)]
    pub host: HostArg,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}
