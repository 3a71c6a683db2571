//! How much is sent at once: little over a bad line, much over a good one.

use std::time::Duration;

const SMALLEST: u64 = 64 << 10;
const FIRST: u64 = 4 << 20;
const LARGEST: u64 = 8 << 20;
/// A chunk that took no longer may be followed by a larger one.
const QUICK: Duration = Duration::from_secs(2);

/// The size of the next chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChunkSize(u64);

impl ChunkSize {
    pub(super) fn new() -> Self {
        Self(FIRST)
    }

    /// Bytes of the next chunk, where so many are missing and the platform takes so many.
    pub(super) fn of(self, missing: u64, largest: u64) -> u64 {
        self.0.min(missing).min(largest.max(1))
    }

    pub(super) fn arrived(&mut self, took: Duration) {
        if took <= QUICK {
            self.0 = (self.0 * 2).min(LARGEST);
        }
    }

    pub(super) fn lost(&mut self) {
        self.0 = (self.0 / 2).max(SMALLEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_follow_the_line() {
        let mut size = ChunkSize::new();
        assert_eq!(size.of(u64::MAX, u64::MAX), 4 << 20);
        assert_eq!(size.of(10, 5), 5);
        assert_eq!(size.of(10, 0), 1);
        size.arrived(Duration::from_secs(1));
        size.arrived(Duration::from_secs(1));
        assert_eq!(size, ChunkSize(8 << 20));
        size.arrived(Duration::from_secs(9));
        size.lost();
        assert_eq!(size, ChunkSize(4 << 20));
        (0..20).for_each(|_| size.lost());
        assert_eq!(size, ChunkSize(64 << 10));
    }
}
