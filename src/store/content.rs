//! When two editions say the same, and what the newer one may change. Pure.

use crate::model::{Edition, Text, Time};
use twox_hash::XxHash3_64;

/// Vocabularies that count readers' doings: a new comment is no correction of the article.
const COUNTERS: [&str; 2] = ["http://purl.org/rss/1.0/modules/slash/", "http://purl.org/syndication/thread/1.0"];

/// Hash of what an edition tells a reader. White space, the scheme of the link, dates and our source's description of itself
/// are no part of it: `updated` moves only when this does.
pub fn fingerprint(edition: &Edition) -> u64 {
    let mut words = Words::default();
    words.text(edition.title.as_ref());
    words.word(edition.link.as_deref().map(without_scheme));
    words.text(edition.summary.as_ref());
    words.text(edition.content.as_ref());
    words.text(edition.rights.as_ref());
    words.word(edition.language.as_deref());
    words.word(edition.comments.as_deref().map(without_scheme));
    words.word(edition.published.map(|time| time.to_rfc3339()).as_deref());
    words.word(edition.attribution.publisher.as_ref().map(|publisher| publisher.name.as_str()));
    words.word(edition.attribution.dc_source.as_deref());
    words.word(edition.attribution.upstream.as_ref().and_then(|upstream| upstream.title.as_deref()));
    words.word(edition.attribution.upstream.as_ref().and_then(|upstream| upstream.home.as_deref()));
    words.list(&edition.attribution.byline);
    words.list(&edition.authors);
    words.list(&edition.contributors);
    words.list(&edition.tags);
    words.list(&edition.enclosures);
    words.list(&edition.links);
    let extensions = edition.extensions.iter().filter(|element| !COUNTERS.contains(&element.namespace.as_str()));
    words.list(&extensions.collect::<Vec<_>>());
    XxHash3_64::oneshot(&words.0)
}

/// A correction over the edition it corrects: empty never overwrites filled, the publisher's date stays,
/// and `updated` moves forward, to the publisher's newer date or else to the time of the fetch.
pub fn correct(mut new: Edition, old: &Edition, at: Time) -> Edition {
    keep_text(&mut new.title, &old.title);
    keep_text(&mut new.summary, &old.summary);
    keep_text(&mut new.content, &old.content);
    keep_text(&mut new.rights, &old.rights);
    keep_word(&mut new.link, &old.link);
    keep_word(&mut new.comments, &old.comments);
    keep_word(&mut new.language, &old.language);
    keep_list(&mut new.links, &old.links);
    keep_list(&mut new.authors, &old.authors);
    keep_list(&mut new.contributors, &old.contributors);
    keep_list(&mut new.tags, &old.tags);
    keep_list(&mut new.enclosures, &old.enclosures);
    keep_list(&mut new.extensions, &old.extensions);
    let (mine, theirs) = (&mut new.attribution, &old.attribution);
    keep_list(&mut mine.byline, &theirs.byline);
    keep_word(&mut mine.dc_source, &theirs.dc_source);
    mine.publisher = mine.publisher.take().or_else(|| theirs.publisher.clone());
    mine.upstream = mine.upstream.take().or_else(|| theirs.upstream.clone());
    if old.published.is_some() {
        new.published = old.published;
        new.date_notes.clone_from(&old.date_notes);
    }
    new.updated = if new.updated > old.updated { new.updated } else { at.max(old.updated) };
    new
}

/// What a further source of the same publisher adds when it first brings an entry: only what was missing.
pub fn complete(old: &Edition, new: &Edition, at: Time) -> Edition {
    let mut whole = old.clone();
    let blank = |text: &Option<Text>| text.as_ref().is_none_or(Text::is_blank);
    keep_text(&mut whole.title, &new.title);
    keep_word(&mut whole.link, &new.link);
    if blank(&old.content) && blank(&old.summary) {
        whole.content.clone_from(&new.content);
        whole.summary.clone_from(&new.summary);
    }
    whole.published = whole.published.or(new.published);
    whole.updated = at.max(old.updated);
    whole
}

fn keep_text(new: &mut Option<Text>, old: &Option<Text>) {
    if new.as_ref().is_none_or(Text::is_blank) {
        new.clone_from(old);
    }
}

fn keep_word(new: &mut Option<String>, old: &Option<String>) {
    if new.as_ref().is_none_or(|word| word.trim().is_empty()) {
        new.clone_from(old);
    }
}

fn keep_list<T: Clone>(new: &mut Vec<T>, old: &[T]) {
    if new.is_empty() {
        *new = old.to_vec();
    }
}

/// `http` and `https` lead to the same article.
fn without_scheme(link: &str) -> &str {
    link.split_once("://").map_or(link, |(_, rest)| rest)
}

/// Words one after another, white space made one space, each ended by a zero byte so that none runs into the next.
#[derive(Default)]
struct Words(Vec<u8>);

impl Words {
    fn text(&mut self, text: Option<&Text>) {
        self.word(text.map(|text| text.value.as_str()));
    }

    fn word(&mut self, word: Option<&str>) {
        for part in word.unwrap_or_default().split_whitespace() {
            self.0.extend_from_slice(part.as_bytes());
            self.0.push(b' ');
        }
        self.0.push(0);
    }

    /// Structured values, by their encoding.
    fn list<T: serde::Serialize>(&mut self, items: &[T]) {
        // A plain value always encodes; if one did not, the worst is that its change goes unseen.
        self.0.extend(rmp_serde::to_vec(items).unwrap_or_default());
        self.0.push(0);
    }
}
