//! The command line: every command, every option, and the words that explain them.

mod bundle;
mod export;
mod grade;
mod preview;
mod reference;
mod sandbox;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use bundle::{Check, CheckFormat, Lock, New, Plan, PlanFormat};
pub use export::{Export, Login, Logout, Pull, Verify};
pub use grade::{Grade, Prove};
pub use preview::{Down, Preview, SeatKeys, Shell, Update};
pub use reference::reference;
pub use sandbox::{ImagesAct, NodeAct, PathOf, Sandbox, SandboxAct};

const AFTER_HELP: &str = "\
Exit codes:
  0    done
  1    the bundle has problems, its lock has drifted, it may not be exported or used, the boot failed,
       or a check did not come out as it has to
  2    the command line cannot be understood, or needs an answer nobody can give
  3    the host or a registry cannot be reached, or forbids something; the doctor found something
       that is wrong
  4    the sandbox has a problem
  130  cancelled
A shell or --exec passes on its own code.";

/// Write a hands-on Kubernetes task, boot it in a real vCluster, sit in the candidate's chair.
#[derive(Debug, Parser)]
#[command(name = "taskwright", version, after_help = AFTER_HELP, max_term_width = 100)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Log to standard error; twice for more. `TASKWRIGHT_LOG` takes a filter such as `preview=trace`
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = 900)]
    pub verbose: u8,
    /// When to use colour: auto, always or never; `NO_COLOR` is honoured
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        hide_possible_values = true,
        display_order = 901
    )]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a bundle from a template
    New(New),
    /// Look for problems in bundles, offline
    Check(Check),
    /// Print the JSON Schema of task.yaml
    Schema,
    /// Show the clusters that can be hosts
    Hosts(Hosts),
    /// Examine the connection to a host, and say what to do about what is wrong
    Doctor(Doctor),
    /// Render and pin what a bundle pulls in: charts, kustomizations, images
    Lock(Lock),
    /// Show what a boot would do, with the manifests
    Plan(Plan),
    /// Boot a bundle, then open a shell in the candidate's seat
    Preview(Preview),
    /// Show the previews on a host
    Previews(Previews),
    /// Bring a preview up to date with the dependencies of its bundle
    Update(Update),
    /// Open a shell in the seat of a preview
    Shell(Shell),
    /// Grade the work in a preview, out of the candidate's reach
    Grade(Grade),
    /// Prove that a task can be solved and is graded rightly: untouched, solved, and solved wrongly
    Prove(Prove),
    /// Remove previews
    Down(Down),
    /// Ship a bundle: to a file or a registry, the same bytes from every machine
    Export(Export),
    /// Examine an exported bundle: digests, layout, lock, proof and signature
    Verify(Verify),
    /// Take an exported bundle in as a folder
    Pull(Pull),
    /// Keep the token for a platform in the keyring of this system
    Login(Login),
    /// Remove the token for a platform from the keyring
    Logout(Logout),
    /// A host cluster on this very machine
    Sandbox(Sandbox),
    /// Print a completion script
    Completions(Completions),
    /// Print the reference of the command line, as docs/cli.md has it
    #[command(hide = true)]
    Reference,
}

/// Show the clusters that can be hosts.
#[derive(Debug, Args)]
pub struct Hosts {
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// Examine the connection to a host.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The host: a context of a kubeconfig. Default: the one that a boot takes when none is named
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// Show the previews on a host.
#[derive(Debug, Args)]
pub struct Previews {
    /// Where to look.
    #[command(flatten)]
    pub host: HostArg,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// Print a completion script.
#[derive(Debug, Args)]
pub struct Completions {
    /// For which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// The host to use.
#[derive(Debug, Clone, Default, Args)]
pub struct HostArg {
    /// The host: a context of a kubeconfig. Default: the configured one, else the sandbox, else the current context
    #[arg(long, value_name = "CONTEXT")]
    pub host: Option<String>,
}

/// How to print.
#[derive(Debug, Clone, Copy, Args)]
pub struct OutputArg {
    /// How to print: text or json
    #[arg(
        short,
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub output: Output,
}

/// How to print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}
