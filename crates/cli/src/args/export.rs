//! Options of the commands that ship bundles and take them in.

use std::path::PathBuf;

use clap::Args;

use super::OutputArg;

/// Ship a bundle.
#[derive(Debug, Args)]
pub struct Export {
    /// The bundle
    #[arg(default_value = ".")]
    pub bundle: PathBuf,
    /// Where to: a file, such as `my-task.taskbundle`, `oci://REGISTRY/REPOSITORY:TAG`, or `https://PLATFORM`
    #[arg(long, value_name = "DESTINATION")]
    pub to: String,
    /// Export also what was not locked or not proven; the export then says so inside
    #[arg(long)]
    pub force: bool,
    /// Sign with this private key: Ed25519 or ECDSA P-256, PKCS#8 in PEM form
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
    /// Copy the images that the lock names to the same registry, too
    #[arg(long)]
    pub images: bool,
    /// What a platform calls the version. Default: the beginning of its digest
    #[arg(long, value_name = "NAME")]
    pub version: Option<String>,
    /// The file with the token for a platform, which nobody else may read. Default: `TASKWRIGHT_PLATFORM_TOKEN`, then
    /// what `taskwright login` has kept
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// How the registry is reached.
    #[command(flatten)]
    pub registry: RegistryArg,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// Examine an exported bundle.
#[derive(Debug, Args)]
pub struct Verify {
    /// What to examine.
    #[command(flatten)]
    pub from: SourceArg,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// Take an exported bundle in.
#[derive(Debug, Args)]
pub struct Pull {
    /// What to take in.
    #[command(flatten)]
    pub from: SourceArg,
    /// The folder to make
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// Keep the token for a platform. It is read from standard input, or asked for and not shown.
#[derive(Debug, Args)]
pub struct Login {
    /// The platform, as `https://PLATFORM`
    pub platform: String,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// Remove the token for a platform.
#[derive(Debug, Args)]
pub struct Logout {
    /// The platform, as `https://PLATFORM`
    pub platform: String,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// An exported bundle, wherever it is.
#[derive(Debug, Args)]
pub struct SourceArg {
    /// The exported bundle: a file, or `oci://REGISTRY/REPOSITORY:TAG`
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// The public key that must have signed it, in PEM form
    #[arg(long, value_name = "PUB")]
    pub key: Option<PathBuf>,
    /// How the registry is reached.
    #[command(flatten)]
    pub registry: RegistryArg,
}

/// How a registry is reached.
#[derive(Debug, Clone, Copy, Args)]
pub struct RegistryArg {
    /// Speak to the registry without TLS; done anyway for this machine and the sandbox
    #[arg(long)]
    pub plain_http: bool,
}
