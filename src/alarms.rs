//! What an operator should know of without looking for it, decided from what the status says. Pure. An alarm has an id that stays the same as
//! long as its reason does, and words that say what to do.

/// Which are on, and since when.
mod book;

/// What sorts there are.
mod kind;

pub use book::{Book, Over};
pub use kind::{Kind, Level};

use crate::{
    model::{FailureKind, Health, Slug, Time},
    poll::IDLE,
    reload::ConfigState,
    serve::{SourceStatus, Status},
};
use chrono::TimeDelta;
use serde::Serialize;

/// Failures in a row after which a source, or a hub, is reported, however often it is asked.
const FAILURES: u32 = 5;
/// As many are enough where nothing has come for a day.
const FEW_FAILURES: u32 = 3;
/// A hold that is shorter than this is part of everyday life.
const LONG_HOLD: TimeDelta = TimeDelta::hours(6);
/// With less room on the disk than this nothing more can be relied on to be written, bytes.
const NO_ROOM: u64 = 64 << 20;
/// So much is wanted beside a whole copy of the store, which checkpoints and copies of sled need for a while.
const ROOM: u64 = 256 << 20;
/// A journal of this size is usual between two checkpoints (`store/writer/checkpoints.rs`: 32 MiB, or a quarter of the last one).
const LONG_JOURNAL: u64 = 128 << 20;
/// Pushes that fail are reported when this part of the subscribers does not get them.
const HALF: usize = 2;

/// Something is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// The same as long as its reason is: `source-failing:bbc`, `disk-full`.
    pub id: String,
    /// What sort of thing it is.
    pub kind: Kind,
    /// How bad it is.
    pub level: Level,
    /// The source it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Slug>,
    /// Since when; `None`: only the book may know.
    pub since: Option<Time>,
    /// What is the matter.
    pub message: String,
    /// What to do.
    pub advice: String,
}

impl Alarm {
    fn new(kind: Kind, level: Level, since: Option<Time>, message: String, advice: &str) -> Alarm {
        let (id, advice) = (kind.name().to_owned(), advice.to_owned());
        Alarm { id, kind, level, source: None, since, message, advice }
    }

    fn about(self, source: &Slug) -> Alarm {
        Alarm { id: format!("{}:{source}", self.kind.name()), source: Some(source.clone()), ..self }
    }
}

/// What is the matter, the worst first. Whoever may not see a source is not told of it: the status has left it out.
pub fn alarms(status: &Status, now: Time) -> Vec<Alarm> {
    let house = [store(status), disk(status), poller(status), all_sources(status)];
    let lesser = [config(status), journal(status), rebuilt(status), panics(status), pushes(status)];
    let hubs = status.hub.elsewhere.iter().filter_map(hub_elsewhere);
    let sources = status.sources.iter().filter_map(|source| of_source(source, now));
    let mut alarms: Vec<Alarm> = house.into_iter().chain(lesser).flatten().chain(hubs).chain(sources).collect();
    alarms.sort_by_key(|alarm| alarm.level);
    alarms
}

fn store(status: &Status) -> Option<Alarm> {
    let trouble = status.trouble.clone()?;
    let advice = "What is stored is served meanwhile. Free some space or look at the disk; it recovers by itself.";
    Some(Alarm::new(Kind::Store, Level::Critical, None, format!("The store: {trouble}"), advice))
}

fn disk(status: &Status) -> Option<Alarm> {
    let free = status.files.free?;
    let (level, wanted) = match free {
        ..NO_ROOM => (Level::Critical, NO_ROOM),
        _ => (Level::Warning, ROOM + status.store.bytes),
    };
    let message = format!("The disk of the data folder has {} left", mebibytes(free));
    let advice = format!("Free some space: at least {} are wanted, for checkpoints and copies.", mebibytes(wanted));
    (free < wanted).then(|| Alarm::new(Kind::DiskFull, level, None, message, &advice))
}

fn poller(status: &Status) -> Option<Alarm> {
    let still = status.poller_still.filter(|still| *still > IDLE.as_secs())?;
    let message = format!("No source has been looked at for {still} seconds");
    let advice = "A fault in syndic: restart it, and report the last lines of its log.";
    Some(Alarm::new(Kind::Poller, Level::Critical, None, message, advice))
}

fn all_sources(status: &Status) -> Option<Alarm> {
    let asked = status.sources.iter().filter(|source| matches!(source.state, Health::Ok | Health::Failing));
    let (count, well) = (asked.clone().count(), asked.clone().any(|source| source.state == Health::Ok));
    let since = asked.filter_map(|source| source.last_success).max();
    let message = format!("All {count} sources that are asked fail");
    let advice =
        "Is this machine's network or name server down? Look at the failures below; all is asked again by itself.";
    (count > 1 && !well).then(|| Alarm::new(Kind::AllSources, Level::Critical, since, message, advice))
}

fn config(status: &Status) -> Option<Alarm> {
    let config = &status.config;
    match config.state {
        ConfigState::Ok => None,
        ConfigState::Refused => {
            let message = format!("feeds.toml is wrong in {} places; the last good one is in force", config.errors);
            let advice =
                "`syndic check` says what is wrong and where; saving the file is enough to have it read again.";
            Some(Alarm::new(Kind::ConfigRefused, Level::Warning, config.read, message, advice))
        }
        ConfigState::Waiting => {
            let trouble = config.trouble.as_deref().unwrap_or("the store cannot be written");
            let message = format!("feeds.toml was changed and is not in force yet: {trouble}");
            let advice = "It is tried again every half minute; see to the store.";
            Some(Alarm::new(Kind::ConfigWaiting, Level::Warning, config.read, message, advice))
        }
    }
}

fn journal(status: &Status) -> Option<Alarm> {
    let files = &status.files;
    let message = format!("The journal has grown to {} without a checkpoint", mebibytes(files.journal));
    let advice =
        "The log says why no checkpoint was written; a start takes long until one is. Is there room on the disk?";
    (files.journal > LONG_JOURNAL.max(files.checkpoint))
        .then(|| Alarm::new(Kind::Journal, Level::Warning, files.checkpoint_at, message, advice))
}

fn rebuilt(status: &Status) -> Option<Alarm> {
    let why = status.opened.rebuilt.clone()?;
    let message = format!("The database was made again when syndic started: {why}");
    let advice = "Nothing is lost. Look at the disk's health, and run `syndic verify`; a restart ends this alarm.";
    Some(Alarm::new(Kind::StoreRebuilt, Level::Warning, status.started, message, advice))
}

fn panics(status: &Status) -> Option<Alarm> {
    let (count, last) = (status.panics.count, status.panics.last.as_ref());
    let place = last.map(|last| format!(", the last at {}", last.place)).unwrap_or_default();
    let message = format!("syndic has met {count} of its own faults since its start{place}");
    let advice = "Each stands in the log with its source or request: please report it. A restart ends this alarm.";
    (count > 0).then(|| Alarm::new(Kind::Panic, Level::Warning, last.map(|last| last.at), message, advice))
}

fn pushes(status: &Status) -> Option<Alarm> {
    let hub = &status.hub;
    let message = format!("{} of {} subscribers of our hub do not get what is pushed", hub.failing, hub.subscriptions);
    let advice = "`syndic status` names the last failures. Can this machine reach other sites?";
    (hub.failing > 1 && hub.failing * HALF >= hub.subscriptions)
        .then(|| Alarm::new(Kind::HubPushes, Level::Warning, None, message, advice))
}

fn hub_elsewhere(hub: &crate::websub::Elsewhere) -> Option<Alarm> {
    let why = hub.trouble.as_ref().map(|trouble| format!(": {trouble}")).unwrap_or_default();
    let message = format!("{} has not taken word of {} feeds{why}", hub.hub, hub.waiting);
    let advice = "Is it down? If it is gone for good, take it out of [publish] hubs.";
    let alarm = Alarm::new(Kind::HubElsewhere, Level::Warning, hub.last_told, message, advice);
    (hub.waiting > 0 && hub.failures >= FAILURES).then(|| Alarm { id: format!("{}:{}", alarm.id, hub.hub), ..alarm })
}

/// At most one a source: the one that says most.
fn of_source(source: &SourceStatus, now: Time) -> Option<Alarm> {
    if matches!(source.state, Health::Disabled | Health::New) {
        return None;
    }
    let found = [parked(source), layout(source), failing(source, now), held(source, now), quarantine(source)];
    found.into_iter().flatten().next().map(|alarm| alarm.about(&source.id))
}

fn parked(source: &SourceStatus) -> Option<Alarm> {
    let message = format!("{} answers that it is gone for good (410), and is asked no more", source.id);
    let advice = format!(
        "Give its new address in feeds.toml, or remove it. `syndic poll --source {}` asks it once more.",
        source.id
    );
    (source.state == Health::Parked)
        .then(|| Alarm::new(Kind::SourceParked, Level::Warning, source.gone_since, message, &advice))
}

fn layout(source: &SourceStatus) -> Option<Alarm> {
    let error = source.error.as_ref().filter(|error| error.kind == FailureKind::Layout.name())?;
    let message = format!("The recipe of {} finds nothing any more: {}", source.id, error.message);
    let advice = format!("Look with `syndic preview --source {}`, and correct the recipe in feeds.toml.", source.id);
    Some(Alarm::new(Kind::SourceLayout, Level::Warning, began(source), message, &advice))
}

fn failing(source: &SourceStatus, now: Time) -> Option<Alarm> {
    let (error, failures) = (source.error.as_ref()?, source.failures);
    let is_silent = source.last_success.is_none_or(|last| now - last > TimeDelta::days(1));
    let matters = failures >= FAILURES || (failures >= FEW_FAILURES && is_silent);
    let message = format!("{} has failed {failures} times in a row: {}", source.id, error.message);
    let advice = format!(
        "Mend its address in feeds.toml, or `syndic disable {0}`; `syndic poll --source {0}` asks it at once.",
        source.id
    );
    (matters && source.state == Health::Failing)
        .then(|| Alarm::new(Kind::SourceFailing, Level::Warning, began(source), message, &advice))
}

/// What older versions stored does not say when the first poll failed.
fn began(source: &SourceStatus) -> Option<Time> {
    source.failing_since.or(source.last_success)
}

fn held(source: &SourceStatus, now: Time) -> Option<Alarm> {
    let until = source.next_poll.filter(|until| source.state == Health::Held && *until - now > LONG_HOLD)?;
    let why = source.error.as_ref().map_or(source.next_reason.as_str(), |error| error.message.as_str());
    let message = format!("{} is left alone until {}: {why}", source.id, until.format("%Y-%m-%d %H:%M UTC"));
    let advice = "Ask its publisher to let feed readers through, or set a longer `every`.";
    Some(Alarm::new(Kind::SourceHeld, Level::Warning, source.last_attempt, message, advice))
}

fn quarantine(source: &SourceStatus) -> Option<Alarm> {
    let held_back = source.quarantined;
    let message = format!("{held_back} new entries of {} came at once and are held back", source.id);
    let advice =
        "If its next document still has them they are let in by and by; [poll] max_new says how many at a time.";
    (held_back > 0).then(|| Alarm::new(Kind::SourceQuarantine, Level::Warning, None, message, advice))
}

/// For people.
pub fn mebibytes(bytes: u64) -> String {
    bytesize::ByteSize(bytes).display().iec_short().to_string()
}

#[cfg(test)]
mod tests;
