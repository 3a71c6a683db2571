//! Where the registry of a sandbox that is up answers.

use crate::layout::Layout;
use crate::state::State;
use crate::up::registry;

/// The address of the sandbox's registry, which serves images and charts under their full names; nothing when there is
/// no sandbox.
pub fn mirror() -> Option<String> {
    let state = State::load(&Layout::default()).ok()??;
    Some(address(&state))
}

/// The address of the registry of this sandbox.
pub(crate) fn address(state: &State) -> String {
    format!("http://{}", registry(state))
}
