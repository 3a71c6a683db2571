//! The words for steps, details and sizes, beside those that all front ends share.

use api::boot::{Detail, Phase, StepId};
pub(crate) use api::words::{count, duration};

/// A number of bytes as `512 B`, `64.0 kB`, `3.1 MB`.
pub(crate) fn size(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (bytes / 100, 0);
    while tenths >= 10_000 && unit + 1 < units.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, units[unit])
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A step's name.
pub(crate) fn step(step: &StepId) -> String {
    match step {
        StepId::Phase(Phase::ControlPlane) => "control plane".to_owned(),
        StepId::Phase(_) | StepId::Dependency(_) | StepId::Init(_) => step.to_string(),
    }
}

/// What a step is doing.
pub(crate) fn detail(detail: &Detail) -> String {
    match detail {
        Detail::ReadingHost => "reading what the host has and allows".to_owned(),
        Detail::Rendering { chart } => format!("rendering chart {chart}"),
        Detail::Installing { chart } => format!("installing chart {chart} with its hooks"),
        Detail::Applying { objects } => format!("applying {}", count(*objects, "object")),
        Detail::Retrying { object, reason } => format!("trying {object} again: {reason}"),
        Detail::Pod { pod, state } => format!("pod {pod}: {state}"),
        Detail::Gate { gate, reason } => format!("{gate}: {reason}"),
        Detail::Api { reason } => format!("API: {reason}"),
        Detail::Room { pool } => format!("room in the {pool} pool"),
        Detail::Script { path } => format!("running {path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_one_decimal() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (3_149_000, "3.1 MB"),
            (8_000_000_000, "8.0 GB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }
}
