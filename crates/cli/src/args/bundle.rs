//! Commands over bundles on disk.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{HostArg, OutputArg};

/// Start a bundle from a template.
#[derive(Debug, Args)]
pub struct New {
    /// The folder to make; its name becomes the task's name
    #[arg(required_unless_present = "list")]
    pub folder: Option<PathBuf>,
    /// The template
    #[arg(short, long, default_value = "blank")]
    pub template: String,
    /// The task's name, if it is not the folder's
    #[arg(long)]
    pub name: Option<String>,
    /// Show the templates
    #[arg(long, conflicts_with_all = ["folder", "template", "name"])]
    pub list: bool,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// Look for problems in bundles, offline.
#[derive(Debug, Args)]
pub struct Check {
    /// The bundles
    #[arg(value_name = "BUNDLE", default_value = ".")]
    pub bundles: Vec<PathBuf>,
    /// How to print: text, json, sarif or github
    #[arg(
        short,
        long,
        visible_alias = "output",
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub format: CheckFormat,
}

/// How to print problems.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// The source line with a caret below.
    #[default]
    Text,
    /// One document.
    Json,
    /// For code scanning services.
    Sarif,
    /// Annotations of GitHub workflows.
    Github,
}

/// Render and pin what a bundle pulls in.
#[derive(Debug, Args)]
pub struct Lock {
    /// The bundle
    #[arg(default_value = ".")]
    pub bundle: PathBuf,
    /// Write nothing; say what has drifted since the bundle was locked, and exit with 1 if anything has
    #[arg(long)]
    pub check: bool,
    /// Whose mirror and programs are used.
    #[command(flatten)]
    pub host: HostArg,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArg,
}

/// Show what a boot would do, with the manifests.
#[derive(Debug, Args)]
pub struct Plan {
    /// The bundle
    #[arg(default_value = ".")]
    pub bundle: PathBuf,
    /// For which host.
    #[command(flatten)]
    pub host: HostArg,
    /// How to print: text, yaml or json
    #[arg(
        short,
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub output: PlanFormat,
}

/// How to print a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// Steps and objects by name.
    #[default]
    Text,
    /// The manifests, as applied.
    Yaml,
    /// Steps and manifests.
    Json,
}
