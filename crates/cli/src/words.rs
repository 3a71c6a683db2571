//! The words for steps, details, durations and sizes: the one place where events become language.

use api::boot::{Detail, Phase, StepId};

/// A duration in milliseconds as `13.1 s`, `2 m 05 s` or `1 h 05 m`.
pub(crate) fn duration(milliseconds: u64) -> String {
    let tenths = (milliseconds + 50) / 100;
    if tenths < 600 {
        return format!("{}.{} s", tenths / 10, tenths % 10);
    }
    let seconds = (milliseconds + 500) / 1000;
    if seconds < 3600 {
        return format!("{} m {:02} s", seconds / 60, seconds % 60);
    }
    format!("{} h {:02} m", seconds / 3600, seconds % 3600 / 60)
}

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

/// `1 object`, `2 objects`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
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
    fn durations_read_as_people_say_them() {
        for (milliseconds, expected) in [
            (0, "0.0 s"),
            (49, "0.0 s"),
            (13_149, "13.1 s"),
            (59_940, "59.9 s"),
            (59_960, "1 m 00 s"),
            (125_000, "2 m 05 s"),
            (3_599_400, "59 m 59 s"),
            (3_900_000, "1 h 05 m"),
        ] {
            assert_eq!(duration(milliseconds), expected, "{milliseconds} ms");
        }
    }

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
