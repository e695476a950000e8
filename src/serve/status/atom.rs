//! `/status.atom`: the operator's own alarms, to be read where he reads everything else. Only with the token; never a part of any other feed.

use super::Status;
use crate::{
    alarms::{Alarm, Over},
    model::Time,
    serve::{
        Visit,
        document::{self, Document, Problem},
        pages,
        status::Audience,
    },
    view,
};
use askama::Template;
use axum::{http::StatusCode, response::Response};

const SWITCHED_OFF: &str = "There is no feed of alarms here: set [server] status_token in feeds.toml, for example \
    status_token = { env = \"STATUS_TOKEN\" }, and ask with ?token=… or with the token as a password.\n";

#[derive(Template)]
#[template(path = "status.atom", escape = "html")]
struct AtomFeed {
    id: String,
    title: String,
    site: String,
    page: String,
    feed: String,
    updated: String,
    entries: Vec<AtomEntry>,
}

struct AtomEntry {
    id: String,
    title: String,
    updated: String,
    published: String,
    text: String,
    level: &'static str,
}

/// `/status.atom`
pub async fn atom(visit: &Visit) -> Result<Response, Problem> {
    if visit.config.server.status_token.is_none() {
        return Ok(document::plain(StatusCode::NOT_FOUND, SWITCHED_OFF));
    }
    if visit.audience() != Audience::Operator {
        return Err(Problem::Unauthorised);
    }
    let status = visit.status().await;
    let xml = feed(visit, &status, &visit.app.tools.vitals.alarms.over()).render().map_err(anyhow::Error::from)?;
    visit.send(Document::file(xml, "application/atom+xml; charset=utf-8", visit.momentary())).await
}

fn feed(visit: &Visit, status: &Status, over: &[Over]) -> AtomFeed {
    let config = &visit.config;
    let address = |path: &str| format!("{}{}", view::site_path(config, path), visit.credentials.query());
    let authority = config.site.url.host_str().unwrap_or("localhost");
    let entries: Vec<(Time, AtomEntry)> = status
        .alarms
        .iter()
        .filter_map(|alarm| entry(authority, alarm, None))
        .chain(over.iter().filter_map(|over| entry(authority, &over.alarm, Some(over.at))))
        .collect();
    let updated = entries.iter().map(|(at, _)| *at).max().or(status.started).unwrap_or(visit.now);
    AtomFeed {
        id: format!("tag:{authority},2026:alarms"),
        title: line(&format!("{}: alarms", status.title)),
        site: line(&status.title),
        page: address("/status.html"),
        feed: address("/status.atom"),
        updated: written(updated),
        entries: entries.into_iter().map(|(_, entry)| entry).collect(),
    }
}

/// One that began at another time is another entry: a reader has seen the first one.
fn entry(authority: &str, alarm: &Alarm, over: Option<Time>) -> Option<(Time, AtomEntry)> {
    let since = alarm.since?;
    let updated = over.unwrap_or(since);
    let title = if over.is_some() { format!("Over: {}", alarm.message) } else { alarm.message.clone() };
    let id = url::form_urlencoded::byte_serialize(alarm.id.as_bytes()).collect::<String>();
    let entry = AtomEntry {
        id: format!("tag:{authority},2026:alarm/{id}/{}", since.timestamp()),
        title: line(&pages::beginning(&title, 200)),
        updated: written(updated),
        published: written(since),
        text: line(&format!("{} {}", title, alarm.advice)),
        level: alarm.level.name(),
    };
    Some((updated, entry))
}

fn written(time: Time) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Without characters that XML cannot hold; what a server said may have some.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c }).collect()
}
