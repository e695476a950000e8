//! Whether much is written at present: what can wait is done when it is not.

use std::time::{Duration, Instant};

/// How much is written: less than `LITTLE` in a whole minute is quiet.
pub(super) struct Quiet {
    since: Instant,
    written: u64,
    before: u64,
}

const MINUTE: Duration = Duration::from_secs(60);
const LITTLE: u64 = 1 << 20;

impl Quiet {
    /// Not known to be quiet.
    pub(super) fn new() -> Quiet {
        Quiet { since: Instant::now(), written: 0, before: u64::MAX }
    }

    /// So many bytes were written.
    pub(super) fn note(&mut self, bytes: u64) {
        self.written = self.written.saturating_add(bytes);
    }

    /// Looks at the clock, and says whether it is quiet; once a minute at most, so that what fails is not tried at once again.
    pub(super) fn look(&mut self) -> bool {
        if self.since.elapsed() < MINUTE {
            return false;
        }
        (self.since, self.before, self.written) = (Instant::now(), self.written, 0);
        self.is_quiet()
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.before < LITTLE && self.written < LITTLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_of_little_writing_is_quiet() {
        let minute_ago = |written| Quiet { since: Instant::now().checked_sub(MINUTE).unwrap(), written, before: 0 };
        assert!(!Quiet::new().look());
        let mut quiet = minute_ago(LITTLE - 1);
        assert!(quiet.look() && !quiet.look() && quiet.is_quiet());
        quiet.note(LITTLE);
        assert!(!quiet.is_quiet() && !minute_ago(LITTLE).look());
    }
}
