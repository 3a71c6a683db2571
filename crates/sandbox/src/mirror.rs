//! Where the registry of a sandbox that is up answers.

use crate::layout::Layout;
use crate::part::REGISTRY_PORT;
use crate::state::State;

/// The address of the sandbox's registry, which serves images and charts under their full names; nothing when there is
/// no sandbox.
pub fn mirror() -> Option<String> {
    let state = State::load(&Layout::default()).ok()??;
    Some(format!("http://{}:{REGISTRY_PORT}", state.addresses.plane()))
}
