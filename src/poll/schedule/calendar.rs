//! Hours and days in which a publisher does not want to be asked (RSS 2.0 skipHours, skipDays), in UTC, as bits. Pure.

use crate::model::{Time, Wishes};
use chrono::{Datelike, DurationRound, TimeDelta, Timelike};

/// Hours and days left out. A calendar that leaves out everything is a mistake, and is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skips {
    hours: u32,
    days: u8,
}

impl Skips {
    /// As a document says.
    pub fn of(wishes: &Wishes) -> Skips {
        let bits =
            |numbers: &[u8]| numbers.iter().fold(0_u32, |bits, number| bits | 1_u32.unbounded_shl(u32::from(*number)));
        let (hours, days) = (bits(&wishes.skip_hours) & 0xff_ffff, bits(&wishes.skip_days) as u8 & 0x7f);
        if hours == 0xff_ffff || days == 0x7f { Skips::default() } else { Skips { hours, days } }
    }

    /// Whether nobody is to be asked at that time.
    pub fn skip(&self, time: Time) -> bool {
        self.hours & 1 << time.hour() != 0 || self.days & 1 << time.weekday().num_days_from_monday() != 0
    }

    /// That time, or the beginning of the first hour after it that is not left out.
    pub fn after(&self, at: Time) -> Time {
        if !self.skip(at) {
            return at;
        }
        let hour = TimeDelta::hours(1);
        let whole = at.duration_trunc(hour).unwrap_or(at);
        (1..=7 * 24).map(|n| whole + hour * n).find(|time| !self.skip(*time)).unwrap_or(at)
    }
}
