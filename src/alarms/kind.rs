//! What sorts of alarms there are, and how bad they are: names that stay.

use serde::Serialize;

/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// syndic as a whole does not do its work.
    Critical,
    /// A part of it needs somebody.
    Warning,
}

/// What sort of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Nothing can be written, or read.
    Store,
    /// There is hardly any room left.
    DiskFull,
    /// Nobody is polled any more.
    Poller,
    /// Every source fails.
    AllSources,
    /// feeds.toml is wrong, and an older one is in force.
    ConfigRefused,
    /// feeds.toml is right, and could not be taken.
    ConfigWaiting,
    /// No checkpoint has been written for long.
    Journal,
    /// sled's files were damaged and made again.
    StoreRebuilt,
    /// A fault in syndic itself.
    Panic,
    /// Pushes do not reach the subscribers of our hub.
    HubPushes,
    /// A hub elsewhere does not take what it is told.
    HubElsewhere,
    /// A source fails.
    SourceFailing,
    /// A source is asked no more.
    SourceParked,
    /// A recipe finds nothing.
    SourceLayout,
    /// A publisher's host wants to be left alone for long.
    SourceHeld,
    /// More came at once than is believed.
    SourceQuarantine,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 16] = [
        Kind::Store,
        Kind::DiskFull,
        Kind::Poller,
        Kind::AllSources,
        Kind::ConfigRefused,
        Kind::ConfigWaiting,
        Kind::Journal,
        Kind::StoreRebuilt,
        Kind::Panic,
        Kind::HubPushes,
        Kind::HubElsewhere,
        Kind::SourceFailing,
        Kind::SourceParked,
        Kind::SourceLayout,
        Kind::SourceHeld,
        Kind::SourceQuarantine,
    ];

    /// The stable name, in ids and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Store => "store",
            Kind::DiskFull => "disk-full",
            Kind::Poller => "poller",
            Kind::AllSources => "all-sources",
            Kind::ConfigRefused => "config-refused",
            Kind::ConfigWaiting => "config-waiting",
            Kind::Journal => "journal",
            Kind::StoreRebuilt => "store-rebuilt",
            Kind::Panic => "panic",
            Kind::HubPushes => "hub-pushes",
            Kind::HubElsewhere => "hub-elsewhere",
            Kind::SourceFailing => "source-failing",
            Kind::SourceParked => "source-parked",
            Kind::SourceLayout => "source-layout",
            Kind::SourceHeld => "source-held",
            Kind::SourceQuarantine => "source-quarantine",
        }
    }
}

impl Level {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Level::Critical => "critical",
            Level::Warning => "warning",
        }
    }
}
