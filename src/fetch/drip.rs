//! Whether a body arrives so slowly that others need not wait for the memory it holds. Pure.

use std::time::Duration;
use tokio::time::Instant;

/// So long a body is watched before it is judged, again and again.
pub const WINDOW: Duration = Duration::from_secs(2);
/// Who holds memory that others wait for brings at least so many bytes a second.
pub const FLOOR: usize = 32 << 10;

/// How a body has arrived of late.
#[derive(Debug)]
pub struct Arrival {
    since: Instant,
    bytes: usize,
}

impl Arrival {
    /// Watched from now on.
    pub fn new(now: Instant) -> Arrival {
        Arrival { since: now, bytes: 0 }
    }

    /// So much has come.
    pub fn came(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// For so long it was not read: there was no memory for it.
    pub fn paused(&mut self, wait: Duration) {
        self.since += wait;
    }

    /// When it is judged next.
    pub fn ends(&self) -> Instant {
        self.since + WINDOW
    }

    /// Whether it has been a drip, once there is enough to judge by; then the next window begins.
    pub fn is_drip(&mut self, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.since);
        if elapsed < WINDOW {
            return false;
        }
        let wanted = FLOOR as f64 * elapsed.as_secs_f64();
        let before = std::mem::replace(self, Arrival::new(now));
        (before.bytes as f64) < wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_window_is_judged_by_itself() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut arrival = Arrival::new(start);
        assert!(!arrival.is_drip(start + second), "too soon to tell");
        arrival.came(2 * FLOOR);
        assert!(!arrival.is_drip(start + 2 * second));
        arrival.came(2 * FLOOR - 1);
        assert!(arrival.is_drip(start + 4 * second), "what came before does not count again");
        arrival.came(5 * FLOOR);
        assert!(arrival.is_drip(start + 10 * second), "a longer window wants more");
        arrival.came(2 * FLOOR);
        arrival.paused(8 * second);
        assert!(!arrival.is_drip(start + 20 * second), "while it had to wait it could not arrive");
    }
}
