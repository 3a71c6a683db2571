//! Names for things in the cache, made from what goes into them.

use sha2::{Digest, Sha256};

use super::build::FIXED_ARGUMENTS;
use super::{Module, Tool};

/// Raised when the way of building changes without a change in any input.
const SCHEME: &str = "1";

/// Sixteen hexadecimal digits that change whenever a part does.
pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(&hash.finalize()[..8])
}

pub(super) fn of_module(module: Module) -> String {
    of(module
        .files()
        .iter()
        .flat_map(|(name, text)| [name.as_bytes(), text.as_bytes()]))
}

pub(super) fn of_tool(tool: Tool, go_version: &str) -> String {
    let mut parts = vec![
        SCHEME.to_owned(),
        go_version.to_owned(),
        std::env::consts::ARCH.to_owned(),
        of_module(tool.module()),
        tool.name().to_owned(),
        tool.package().to_owned(),
        tool.linker_flags(),
    ];
    parts.extend(FIXED_ARGUMENTS.map(str::to_owned));
    of(parts.iter().map(String::as_bytes))
}
