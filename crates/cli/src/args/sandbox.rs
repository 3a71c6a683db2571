//! Commands over the host cluster on this machine.

use clap::{Args, Subcommand, ValueEnum};

use super::Output;

/// A host cluster on this very machine.
#[derive(Debug, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Sandbox {
    /// How to print: text or json
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub output: Output,
    /// What to do with it.
    #[command(subcommand)]
    pub act: SandboxAct,
}

/// What to do with the sandbox.
#[derive(Debug, Subcommand)]
pub enum SandboxAct {
    /// Start it, or repair it; does nothing when it is up
    Up {
        /// How many nodes, by pool
        #[arg(long, value_name = "POOL=N,…")]
        nodes: Option<api::sandbox::NodeCounts>,
        /// A free /16 for its addresses, instead of the first usual one
        #[arg(long, value_name = "CIDR")]
        network: Option<api::sandbox::Subnet>,
        /// Let its nodes and pods reach beyond this machine
        #[arg(long)]
        egress: bool,
        /// Install missing system packages without asking
        #[arg(short, long)]
        yes: bool,
    },
    /// Build its programs and images, and start nothing
    Build {
        /// Install missing system packages without asking
        #[arg(short, long)]
        yes: bool,
    },
    /// Show what runs, versions, nodes, memory and disk
    Status,
    /// Stop it and leave nothing behind
    Down {
        /// Remove what was built for it, too
        #[arg(long)]
        purge: bool,
    },
    /// Add or remove a node
    Node {
        /// Which of the two.
        #[command(subcommand)]
        act: NodeAct,
    },
    /// Show the images it serves, and whose names they carry; `add` adds more
    Images {
        /// What to do beside showing them.
        #[command(subcommand)]
        act: Option<ImagesAct>,
    },
    /// Print where something of it lies, for scripts: `export KUBECONFIG=$(taskwright sandbox path kubeconfig)`
    Path {
        /// What to look for
        #[arg(value_enum)]
        what: PathOf,
    },
}

/// What to do with the images of the sandbox.
#[derive(Debug, Subcommand)]
pub enum ImagesAct {
    /// Build and serve software that not every sandbox has: cert-manager, eck, istio, rabbitmq
    Add {
        /// What to add
        #[arg(required = true, value_name = "NAME")]
        extras: Vec<api::sandbox::Extra>,
    },
}

/// What `sandbox path` finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PathOf {
    /// The kubeconfig with its one context
    Kubeconfig,
    /// The vCluster chart that previews are rendered from
    Chart,
    /// The program kubectl
    Kubectl,
    /// The program helm
    Helm,
    /// The program vcluster, built when it is not there yet
    Vclusterctl,
}

/// What to do with a node.
#[derive(Debug, Subcommand)]
pub enum NodeAct {
    /// Add a node
    Add {
        /// Its pool: control or task
        #[arg(long, value_name = "POOL", default_value = "task")]
        pool: api::sandbox::Pool,
    },
    /// Remove a node
    Remove {
        /// Its name
        name: String,
    },
}
