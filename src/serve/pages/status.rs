//! `/status.html`: alarms on top, then the sources, then the house; readable on a phone.

use super::{frame::Frame, text::Moment};
use crate::{
    alarms::mebibytes,
    model::Time,
    reload::ConfigState,
    serve::{
        Visit,
        status::{SourceStatus, Status},
    },
};
use askama::Template;
use std::time::Duration;

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage<'a> {
    frame: Frame,
    status: &'a Status,
}

impl StatusPage<'_> {
    fn time(&self, time: &Option<Time>) -> String {
        time.map(|time| Moment::at(time, &self.frame.site).shown).unwrap_or_default()
    }

    fn word(&self, source: &SourceStatus) -> String {
        serde_json::to_value(source.state).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// An interval in its two largest units.
    fn span(&self, seconds: &i64) -> String {
        let minutes = u64::try_from(*seconds).unwrap_or_default() / 60;
        match minutes {
            0 => format!("{seconds}s"),
            _ => humantime::format_duration(Duration::from_secs(minutes * 60)).to_string(),
        }
    }

    /// What there is to say of the house, without what is not known.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let Status { version, started, config, store, files, hub, .. } = self.status;
        let [program, since, entries, size, journal, checkpoint, free, opening, file, subscribers] =
            self.frame.words.house.facts;
        let state = match config.state {
            ConfigState::Ok => "ok",
            ConfigState::Refused => "refused",
            ConfigState::Waiting => "waiting",
        };
        let read = config.read.map(|read| format!(" ({})", self.time(&Some(read)))).unwrap_or_default();
        let written = files.checkpoint_at.map(|at| format!(" ({})", self.time(&Some(at)))).unwrap_or_default();
        let facts = [
            (program, format!("syndic {version}")),
            (since, self.time(started)),
            (entries, store.entries.to_string()),
            (size, mebibytes(store.bytes)),
            (journal, mebibytes(files.journal)),
            (checkpoint, format!("{}{written}", mebibytes(files.checkpoint))),
            (free, files.free.map(mebibytes).unwrap_or_default()),
            (opening, format!("{} ms", files.opening_ms)),
            (file, format!("{state}{read}")),
            (subscribers, hub.url.as_ref().map(|_| hub.subscriptions.to_string()).unwrap_or_default()),
        ];
        facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

/// The page.
pub fn status(visit: &Visit, status: &Status) -> anyhow::Result<String> {
    let mut frame = Frame::new(&visit.config, visit.words.status);
    frame.unlisted = true;
    Ok(StatusPage { frame, status }.render()?)
}
