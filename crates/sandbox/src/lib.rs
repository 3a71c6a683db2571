//! A host cluster on this machine: real Kubernetes, without Docker, for people who have none.
//!
//! [`up`] starts it, or whatever is missing of it; [`extras_add`] adds software to it; [`status`] looks at it; [`node_add`] and [`node_remove`] change
//! it while it runs; [`down`] removes it and then looks whether anything is left. There is no daemon: processes
//! run on their own, and a state file says how to find them again. All progress is typed; words are made in front
//! ends.

mod addons;
mod addresses;
mod build;
mod cgroup;
pub mod debian;
mod down;
mod error;
mod event;
mod extras;
pub mod images;
mod layout;
mod mirror;
mod needs;
mod network;
mod nodes;
mod options;
mod part;
mod pki;
mod preflight;
mod process;
mod serve;
mod state;
mod status;
pub mod tools;
mod up;
mod waiting;

pub use addons::Addon;
pub use addresses::{NotASubnet, Subnet};
pub use build::{BuildReport, build};
pub use down::{DownReport, Keep, down};
pub use error::SandboxError;
pub use event::{Remains, SandboxEvent, StartCause, Step};
pub use extras::{AddReport, extras_add, served};
pub use layout::{Layout, RUN_DIR, STATE_DIR};
pub use mirror::mirror;
pub use needs::{Needs, needs};
pub use network::PLANE;
pub use nodes::{node_add, node_remove};
pub use options::{Consent, Egress, NodeCounts, NotNodeCounts, Pool, UnknownPool, UpOptions, default_cache};
pub use part::Part;
pub use preflight::{Problem, preflight};
pub use status::{Disk, Memory, NodeStatus, ProcessStatus, Status, status};
pub use up::{CONTEXT, SandboxInfo, up};
