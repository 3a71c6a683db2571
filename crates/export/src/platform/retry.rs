//! When to try again, and after which pause.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// Failures in a row, without a byte of progress between them, after which nothing is tried any more.
pub(super) const MOST: u32 = 7;
/// The longest pause that a platform may ask for.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);
/// The first pause, and the longest of our own.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(20);

/// Statuses that pass by themselves.
pub(super) fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// The pause after so many failures in a row: between half and the whole of what doubles each time, and never shorter than
/// what the platform asked for.
pub(super) fn pause(failures: u32, asked: Option<Duration>, chance: f64) -> Duration {
    let doubled = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16));
    let ours = doubled.min(LONGEST).mul_f64(0.5 + chance / 2.0);
    // Those who were told the same time must not come back at the same time.
    asked.map_or(ours, |asked| asked.max(ours) + ours.min(FIRST))
}

/// Reads `Retry-After`: seconds, or a date.
pub(super) fn asked(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = rfc2822::parse(value.trim()).ok()?.timestamp();
    Some(until.duration_since(now).try_into().unwrap_or(Duration::ZERO))
}

/// Between 0 and 1, another each time; from the standard library's own randomness.
pub(super) fn chance() -> f64 {
    let random = RandomState::new().hash_one(std::process::id());
    f64::from(u32::try_from(random >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let pauses = |chance| (1..=9).map(move |failures| pause(failures, None, chance).as_millis());
        assert_eq!(
            pauses(1.0).collect::<Vec<_>>(),
            [250, 500, 1000, 2000, 4000, 8000, 16000, 20000, 20000]
        );
        assert_eq!(
            pauses(0.0).collect::<Vec<_>>(),
            [125, 250, 500, 1000, 2000, 4000, 8000, 10000, 10000]
        );
        assert!(pause(u32::MAX, None, 1.0) <= LONGEST);
    }

    #[test]
    fn a_platform_that_asks_for_time_gets_it() {
        let now: Timestamp = "2026-11-26T08:00:00Z".parse().unwrap();
        for (value, expect) in [
            ("3", Some(3)),
            (" 120 ", Some(120)),
            ("Thu, 26 Nov 2026 08:00:30 GMT", Some(30)),
            ("Thu, 26 Nov 2026 07:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(asked(value, now), expect.map(Duration::from_secs), "{value}");
        }
        assert!(pause(1, Some(Duration::from_secs(3)), 0.0) >= Duration::from_secs(3));
    }

    #[test]
    fn chance_is_between_0_and_1() {
        assert!(
            (0..100)
                .map(|_| chance())
                .all(|chance| (0.0..=1.0).contains(&chance))
        );
    }
}
