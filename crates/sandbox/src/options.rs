//! What a person may choose about a sandbox.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::addresses::Subnet;

/// What a node is for. Control planes of previews are kept apart from what candidates run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pool {
    /// Control planes; tainted, so that nothing else lands there by accident.
    Control,
    /// Everything of the tasks.
    Task,
}

impl Pool {
    /// All pools, in the order people see them.
    pub const ALL: [Self; 2] = [Self::Control, Self::Task];
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Control => "control",
            Self::Task => "task",
        })
    }
}

impl FromStr for Pool {
    type Err = UnknownPool;

    fn from_str(text: &str) -> Result<Self, UnknownPool> {
        Self::ALL
            .into_iter()
            .find(|pool| pool.to_string() == text)
            .ok_or_else(|| UnknownPool(text.to_owned()))
    }
}

/// A pool name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a pool; there are `control` and `task`")]
pub struct UnknownPool(String);

/// How many nodes each pool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeCounts {
    /// Nodes for control planes.
    pub control: u8,
    /// Nodes for tasks.
    pub task: u8,
}

impl Default for NodeCounts {
    fn default() -> Self {
        Self { control: 1, task: 2 }
    }
}

impl NodeCounts {
    /// The count of one pool.
    pub fn of(self, pool: Pool) -> u8 {
        match pool {
            Pool::Control => self.control,
            Pool::Task => self.task,
        }
    }
}

/// What is wrong with a node count someone typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not say how many nodes; write for instance control=1,task=2, with at least one of each")]
pub struct NotNodeCounts(String);

impl FromStr for NodeCounts {
    type Err = NotNodeCounts;

    fn from_str(text: &str) -> Result<Self, NotNodeCounts> {
        let wrong = || NotNodeCounts(text.to_owned());
        let mut counts = Self::default();
        for pair in text.split(',') {
            let (pool, count) = pair.split_once('=').ok_or_else(wrong)?;
            let count: u8 = count.trim().parse().map_err(|_| wrong())?;
            match pool.trim().parse().map_err(|_| wrong())? {
                Pool::Control => counts.control = count,
                Pool::Task => counts.task = count,
            }
        }
        let sensible = 1..=crate::addresses::MAX_NODES / 2;
        let fits = sensible.contains(&counts.control) && sensible.contains(&counts.task);
        if fits { Ok(counts) } else { Err(wrong()) }
    }
}

/// Whether nodes and pods may reach beyond this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Egress {
    /// Nothing leaves this machine; images come from the sandbox's own registry only.
    #[default]
    Closed,
    /// The nodes reach the world through this machine, and images the registry lacks come from their origin.
    Open,
}

/// Whether missing system packages may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Consent {
    /// Missing packages are reported as a problem.
    #[default]
    Withheld,
    /// Missing packages are installed.
    Given,
}

/// What to start.
#[derive(Debug, Clone, Default)]
pub struct UpOptions {
    /// How many nodes; a sandbox that is up already keeps its nodes when this is not given.
    pub nodes: Option<NodeCounts>,
    /// A /16 to take all addresses from, instead of the first usual one that is free.
    pub network: Option<Subnet>,
    /// Whether nodes may reach beyond this machine.
    pub egress: Egress,
    /// Whether missing system packages may be installed.
    pub consent: Consent,
    /// Where programs and images are kept once built; `$XDG_CACHE_HOME` or `~/.cache` when not given.
    pub cache: Option<PathBuf>,
}

impl UpOptions {
    /// Where programs and images are kept once built.
    pub fn cache(&self) -> PathBuf {
        self.cache.clone().unwrap_or_else(default_cache)
    }

    pub(crate) fn consents(&self) -> bool {
        self.consent == Consent::Given
    }
}

/// The usual cache of the user who runs this.
pub fn default_cache() -> PathBuf {
    let folder = |name| std::env::var_os(name).map(PathBuf::from);
    let home = folder("HOME").unwrap_or_else(|| PathBuf::from("/root"));
    crate::tools::default_cache(folder("XDG_CACHE_HOME").as_deref(), &home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_counts_are_read() {
        let read = |text: &str| {
            text.parse::<NodeCounts>()
                .ok()
                .map(|counts| (counts.control, counts.task))
        };
        assert_eq!(read("control=1,task=2"), Some((1, 2)));
        assert_eq!(read("task=3"), Some((1, 3)));
        assert_eq!(read("control=2, task=1"), Some((2, 1)));
        for bad in ["", "3", "control=0", "task=0", "task=200", "pool=1", "task=-1"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
