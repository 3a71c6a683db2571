//! Words that every front end says alike: durations, and numbers of things.

/// A duration in milliseconds as `13.1 s`, `2 m 05 s` or `1 h 05 m`.
pub fn duration(milliseconds: u64) -> String {
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

/// `1 object`, `2 objects`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
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
}
