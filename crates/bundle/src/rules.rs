//! The rules a task has to keep, one per file, beyond what its parts keep by their types.

mod checks;
mod files;
mod gates;
mod graph;
mod leaks;
mod names;
mod scripts;
mod solutions;
mod sources;
mod statement;
mod tty;
mod unused;
mod vcluster;

use crate::context::Context;
use crate::files::BundleFiles;
use crate::report::Report;

/// A rule about the files, whatever the task says.
pub(crate) type FileRule = fn(&BundleFiles, &mut Report);

/// A rule about the task.
pub(crate) type TaskRule = fn(&Context<'_>, &mut Report);

/// The rules about files.
pub(crate) const FILES: &[FileRule] = &[files::rule, leaks::rule, statement::rule, tty::rule];

/// The rules about the task.
pub(crate) const TASK: &[TaskRule] = &[
    checks::rule,
    gates::rule,
    graph::rule,
    names::rule,
    scripts::rule,
    solutions::rule,
    sources::rule,
    unused::rule,
    vcluster::rule,
];
