//! How times, waits and amounts are written. Pure.

use crate::model::Time;
use chrono::{SecondsFormat, TimeDelta};

/// To the second.
pub fn time(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// "in 42 min", "18 min ago".
pub fn from_now(at: Time, now: Time) -> String {
    match at - now {
        ahead if ahead >= TimeDelta::minutes(1) => format!("in {}", span(ahead)),
        behind if behind <= TimeDelta::minutes(-1) => format!("{} ago", span(-behind)),
        _ => "now".to_owned(),
    }
}

fn span(span: TimeDelta) -> String {
    match span.num_minutes() {
        minutes @ ..120 => format!("{minutes} min"),
        minutes @ 120..2_880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1_440),
    }
}

/// "189 KB".
pub fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// "1 entry", "3 entries".
pub fn entries(count: u32) -> String {
    match count {
        1 => "1 entry".to_owned(),
        _ => format!("{count} entries"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_and_sizes_are_told_roughly() {
        let now = Time::from_timestamp(1_650_000_000, 0).unwrap();
        let at = |minutes| from_now(now + TimeDelta::minutes(minutes), now);
        assert_eq!([at(0), at(42), at(-180), at(5_000)], ["now", "in 42 min", "3 h ago", "in 3 days"]);
        assert_eq!([size(9_999), size(189_400), size(15_000_000)], ["9999 B", "189 KB", "15 MB"]);
        assert_eq!([entries(1), entries(0)], ["1 entry", "0 entries"]);
    }
}
