//! Durations as people write them in a task: `45s`, `2m`, `1h30m`.

use std::fmt::Write as _;
use std::time::Duration;

use thiserror::Error;

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DurationError {
    /// Nothing was written.
    #[error("is empty")]
    Empty,
    /// A number has no unit.
    #[error("has no unit; add `s`, `m` or `h`")]
    NoUnit,
    /// A unit is unknown, doubled or in the wrong order.
    #[error("is not a duration such as `45s`, `2m` or `1h30m`")]
    Shape,
    /// It lasts no time at all.
    #[error("is zero")]
    Zero,
    /// It lasts longer than anybody would wait.
    #[error("is longer than a week")]
    TooLong,
}

const WEEK: u64 = 7 * 24 * 3600;

/// Reads a duration: hours, minutes and seconds in this order, each at most once.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    let mut seconds: u64 = 0;
    let mut units = ['h', 'm', 's'].iter();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let number: u64 = number.parse().map_err(|_| too_long_or_shape(number))?;
        let unit = tail.chars().next().ok_or(DurationError::NoUnit)?;
        if !units.any(|known| *known == unit) {
            return Err(DurationError::Shape);
        }
        seconds = number
            .checked_mul(length_of(unit))
            .and_then(|part| seconds.checked_add(part))
            .ok_or(DurationError::TooLong)?;
        rest = &tail[unit.len_utf8()..];
    }
    within_limits(seconds)
}

/// Writes a duration the way [`parse`] reads it.
pub fn format(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [
        (seconds / 3600, 'h'),
        (seconds / 60 % 60, 'm'),
        (seconds % 60, 's'),
    ];
    let mut text = String::new();
    for (number, unit) in parts {
        if number > 0 || (unit == 's' && text.is_empty()) {
            let _ = write!(text, "{number}{unit}");
        }
    }
    text
}

fn too_long_or_shape(number: &str) -> DurationError {
    if number.is_empty() {
        DurationError::Shape
    } else {
        DurationError::TooLong
    }
}

fn length_of(unit: char) -> u64 {
    match unit {
        'h' => 3600,
        'm' => 60,
        _ => 1,
    }
}

fn within_limits(seconds: u64) -> Result<Duration, DurationError> {
    match seconds {
        0 => Err(DurationError::Zero),
        1..=WEEK => Ok(Duration::from_secs(seconds)),
        _ => Err(DurationError::TooLong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, seconds) in [
            ("45s", 45),
            ("2m", 120),
            ("1h30m", 5400),
            ("1h0m5s", 3605),
            ("90m", 5400),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let cases = [
            ("", DurationError::Empty),
            ("45", DurationError::NoUnit),
            ("s", DurationError::Shape),
            ("30m1h", DurationError::Shape),
            ("1m1m", DurationError::Shape),
            ("1.5h", DurationError::Shape),
            ("-1s", DurationError::Shape),
            ("2 m", DurationError::Shape),
            ("500ms", DurationError::Shape),
            ("0s", DurationError::Zero),
            ("999h", DurationError::TooLong),
            ("99999999999999999999h", DurationError::TooLong),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for seconds in [1, 59, 60, 61, 3599, 3600, 3661, 5400, WEEK] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(parse(&format(duration)), Ok(duration));
        }
    }
}
