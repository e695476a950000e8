//! A story as lines for people: what is asked for most stands first, and each ends in what can be done. Pure.

use super::{
    Asked, Document, EntryStory, Remark, SourceStory, Story, Unknown,
    print::{entries, from_now, size, time},
};
use crate::model::{Fate, Time, Via};

/// Remarks of one kind that are told one by one; the JSON has all.
const TOLD: usize = 5;

/// The lines of a story, at `now`.
pub fn lines(story: &Story, now: Time) -> Vec<String> {
    match story {
        Story::Source(source) => of_source(source, now),
        Story::Entry(entry) => of_entry(entry),
        Story::Unknown(unknown) => of_unknown(unknown, now),
    }
}

fn row(name: &str, value: impl AsRef<str>) -> String {
    format!("{name:<12}{}", value.as_ref()).trim_end().to_owned()
}

/// Several lines under one name.
fn rows(name: &str, values: impl IntoIterator<Item = String>) -> Vec<String> {
    let names = std::iter::once(name).chain(std::iter::repeat(""));
    values.into_iter().zip(names).map(|(value, name)| row(name, value)).collect()
}

fn to_do(steps: &[String]) -> Vec<String> {
    rows("to do", steps.iter().cloned())
}

fn of_source(story: &SourceStory, now: Time) -> Vec<String> {
    let mut lines = vec![row("source", story.id.as_str())];
    if let Some(status) = &story.status {
        let state = format!("{:?}", status.state).to_lowercase();
        lines.push(row("title", &status.title));
        lines.extend(status.feed_url.iter().map(|url| row("address", url)));
        lines.push(row("state", state));
        lines.push(row("entries", format!("{} in its feed", status.entries)));
        let last = status.last_success.map(|at| format!("{} ({})", time(at), from_now(at, now)));
        lines.push(row("last good", last.unwrap_or_else(|| "never".to_owned())));
    }
    lines.extend(rows("why", story.why.iter().cloned()));
    if let Some(status) = &story.status {
        lines.extend(status.websub.iter().map(|standing| row("hub", standing.words())));
        lines.extend(rows("notes", status.notes.iter().cloned()));
    }
    for document in &story.documents {
        lines.push(String::new());
        lines.extend(of_document(document));
    }
    if !story.requests.is_empty() {
        lines.extend([String::new(), "requests, the latest first".to_owned()]);
        lines.extend(story.requests.iter().map(of_request));
    }
    lines.push(String::new());
    lines.extend(to_do(&story.to_do));
    lines
}

fn of_document(document: &Document) -> Vec<String> {
    let way = if document.via == Via::Poll { "document" } else { "push" };
    let at = document.at.unwrap_or(document.since);
    let bytes = document.bytes.map(|bytes| format!(", {}", size(bytes))).unwrap_or_default();
    let mut told = format!("{}{bytes}: {}", time(at), entries(document.entries));
    let counts: Vec<String> =
        document.counts.iter().map(|(fate, count)| format!("{count} {}", of_fate(*fate))).collect();
    if !counts.is_empty() {
        told.push_str(&format!(" ({})", counts.join(", ")));
    }
    let mut values = vec![told];
    if at.timestamp() != document.since.timestamp() {
        values.push(format!("so since {}", time(document.since)));
    }
    if document.partial {
        values.push("a part of what the source lists".to_owned());
    }
    if document.elsewhere {
        values.push("from the address that it had before".to_owned());
    }
    let mut lines = rows(way, values);
    lines.extend(of_remarks(&document.remarks));
    lines
}

fn of_fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Refused => "refused",
        Fate::Deleted => "deleted",
        Fate::HeldBack => "held back",
        Fate::Beyond => "beyond max_entries",
        Fate::Repeated => "repeated",
        Fate::Kept => "another's",
        Fate::Updated => "corrected",
        Fate::Restored => "restored",
        Fate::New => "new",
        Fate::Alike => "written otherwise",
        Fate::Unchanged => "unchanged",
    }
}

/// Those of one kind together, each kind with its first few.
fn of_remarks(remarks: &[Remark]) -> Vec<String> {
    let mut lines = Vec::new();
    for same in remarks.chunk_by(|a, b| a.reason == b.reason) {
        let name = if same.first().is_some_and(|remark| remark.reason.keeps_out()) { "kept out" } else { "noted" };
        for (at, remark) in same.iter().enumerate().take(TOLD) {
            let title = remark.title.as_deref().map(|title| format!(" {title}")).unwrap_or_default();
            lines.push(row(if at == 0 { name } else { "" }, format!("{}{title}", remark.code)));
            // The same words need not be said twice.
            if at == 0 || same.get(at - 1).is_none_or(|before| before.why != remark.why) {
                lines.push(row("", format!("  {}", of_remark(remark))));
            }
        }
        if same.len() > TOLD {
            lines.push(row("", format!("and {} more (--json has them all)", same.len() - TOLD)));
        }
    }
    lines
}

fn of_remark(remark: &Remark) -> String {
    let since = remark.since.map(|since| format!(", since {}", time(since))).unwrap_or_default();
    format!("{}{since}", remark.why)
}

fn of_request(asked: &Asked) -> String {
    let status = if asked.status == 0 { "-".to_owned() } else { asked.status.to_string() };
    let mut what = match (asked.came.as_str(), &asked.message) {
        (_, Some(message)) => format!("{}: {message}", asked.came),
        (came, None) => came.replace('-', " "),
    };
    if asked.times > 1 {
        what.push_str(&format!(", {} times since {}", asked.times, time(asked.first)));
    }
    if asked.bytes > 0 {
        what.push_str(&format!(", {}", size(asked.bytes)));
    }
    if let Some(to) = &asked.moved_to {
        what.push_str(&format!(", moved to {to}"));
    }
    let next = match asked.next {
        Some(next) => format!("; next {} ({})", time(next), asked.why),
        None => "; no more".to_owned(),
    };
    format!("  {}  {status:>3}  {:>6} ms  {what}{next}", time(asked.at), asked.took_ms)
}

fn of_entry(story: &EntryStory) -> Vec<String> {
    let code = format!("{} ({})", story.code, story.code_from);
    let mut lines = vec![row("infoCode", code)];
    lines.extend(story.asked_as.iter().map(|code| row("asked as", format!("{code}, another name of it"))));
    let shown = [("title", &story.title), ("link", &story.link), ("page", &story.page)];
    lines.extend(shown.into_iter().filter_map(|(name, value)| value.as_ref().map(|value| row(name, value))));
    let stands = story.places.iter().map(|place| {
        let privately = if place.public { "" } else { " (private)" };
        let archive = place.archive.as_ref().map(|archive| format!("; {archive}")).unwrap_or_default();
        format!("{}{privately}: {}{archive}", place.feed, place.why)
    });
    match story.hidden {
        true => lines.push(row("stands", "in no feed and on no page")),
        false => lines.extend(rows("stands", stands)),
    }
    let (out, noted): (Vec<&Remark>, Vec<&Remark>) =
        story.remarks.iter().partition(|remark| story.hidden && remark.reason.keeps_out());
    lines.extend(rows("why", out.into_iter().map(of_remark)));
    lines.extend(rows("noted", noted.into_iter().map(of_remark)));
    for said in &story.said {
        let filed: Vec<&str> = said.categories.iter().map(|slug| slug.as_str()).collect();
        let filed = if filed.is_empty() { "in no category".to_owned() } else { format!("in {}", filed.join(", ")) };
        lines.extend(rows(
            "source",
            std::iter::once(format!("{}, {filed}", said.source)).chain(said.documents.iter().cloned()),
        ));
    }
    lines.push(row("owner", format!("{} ({}); its words are {}'s", story.owner, story.namespace, story.words_from)));
    lines.push(row("first seen", time(story.first_seen)));
    lines.push(row("dated", format!("{}: {}", time(story.sort_date), story.date_from)));
    let editions = story.editions.iter().map(|(number, fetched)| format!("{number}, fetched {}", time(*fetched)));
    lines.extend(rows("editions", editions));
    lines.push(String::new());
    lines.extend(to_do(&story.to_do));
    lines
}

fn of_unknown(story: &Unknown, now: Time) -> Vec<String> {
    let mut lines = vec![row("unknown", format!("nothing that is kept has the code, id or link `{}`", story.asked))];
    for held in &story.held {
        let title = held.remark.title.as_deref().map(|title| format!(" {title}")).unwrap_or_default();
        lines.extend(rows(
            "held",
            [
                format!(
                    "{}{title}, by the last document of {} (so since {})",
                    held.remark.code,
                    held.source,
                    time(held.since)
                ),
                format!("  {}", held.remark.why),
            ],
        ));
    }
    let sources = story.sources.iter().map(|source| {
        let next = source.next_poll.map(|at| format!("; asked {}", from_now(at, now))).unwrap_or_default();
        format!("{}: {}{next}", source.source, source.document)
    });
    lines.extend(rows("sources", sources));
    lines.extend(rows("like it", story.near.iter().map(|near| format!("{}  {}", near.name, near.what))));
    lines.push(String::new());
    lines.extend(to_do(&story.to_do));
    lines
}
