//! When two editions say the same, and what the newer one may change. Pure.

mod markup;
mod words;

use crate::{
    enrich,
    model::{Edition, Field, FullText, Publisher, Text, Time},
};
use twox_hash::XxHash3_64;
use words::Words;

/// Which reading of editions a fingerprint is of: its first byte. A stored one of another reading is not comparable.
/// 2: markup, addresses and lists are compared by what they tell, no longer by their characters.
/// 3: more of a document is read (links, vocabularies, sources).
const READING: u8 = 3;

/// Hash of what an edition tells a reader: `updated` moves, and a new edition is made, only when this does. White space
/// that does not count, the order of attributes, tags and files, tracking parameters, the scheme of links, our source's
/// description of itself are no part of it; every character of the text is.
pub fn fingerprint(edition: &Edition) -> u64 {
    let hashes: Vec<u8> = told(edition).iter().flat_map(|(_, hash)| hash.to_be_bytes()).collect();
    let [_, rest @ ..] = XxHash3_64::oneshot(&hashes).to_be_bytes();
    let mut bytes = [READING; 8];
    bytes.iter_mut().skip(1).zip(rest).for_each(|(to, from)| *to = from);
    u64::from_be_bytes(bytes)
}

/// Whether a stored fingerprint is of the present reading. One that is not says nothing about a change.
pub fn is_comparable(fingerprint: u64) -> bool {
    let [reading, ..] = fingerprint.to_be_bytes();
    reading == READING
}

/// In what the newer of two editions tells a reader something else. Empty exactly where their fingerprints are equal.
pub fn changes(old: &Edition, new: &Edition) -> Vec<Field> {
    let pairs = told(old).into_iter().zip(told(new));
    pairs.filter(|(old, new)| old != new).map(|((field, _), _)| field).collect()
}

/// What each field tells, as a hash.
fn told(edition: &Edition) -> [(Field, u64); 17] {
    let said = &edition.attribution;
    let above = said.upstream.as_ref();
    let publisher = said.publisher.as_ref().map(|publisher| publisher.name.as_str());
    let published = edition.published.map(|time| time.to_rfc3339());
    let source = |words: &mut Words| {
        words.plain(said.dc_source.as_deref());
        words.text(above.and_then(|above| above.title.as_ref()));
        words.address(above.and_then(|above| above.home.as_deref()));
    };
    let byline = |words: &mut Words| said.byline.iter().for_each(|byline| words.plain(Some(byline)));
    [
        (Field::Title, Words::hash(|words| words.text(edition.title.as_ref()))),
        (Field::Link, Words::hash(|words| words.address(edition.link.as_deref()))),
        (Field::Summary, Words::hash(|words| words.text(edition.summary.as_ref()))),
        (Field::Body, Words::hash(|words| words.text(edition.content.as_ref()))),
        (Field::Published, Words::hash(|words| words.plain(published.as_deref()))),
        (Field::Authors, Words::hash(|words| words.people(&edition.authors))),
        (Field::Contributors, Words::hash(|words| words.people(&edition.contributors))),
        (Field::Byline, Words::hash(byline)),
        (Field::Publisher, Words::hash(|words| words.plain(publisher))),
        (Field::Source, Words::hash(source)),
        (Field::Tags, Words::hash(|words| words.set(&edition.tags, Words::tag))),
        (Field::Enclosures, Words::hash(|words| words.set(&edition.enclosures, Words::enclosure))),
        (Field::Links, Words::hash(|words| words.set(&edition.links, Words::link))),
        (Field::Comments, Words::hash(|words| words.address(edition.comments.as_deref()))),
        (Field::Rights, Words::hash(|words| words.text(edition.rights.as_ref()))),
        (Field::Language, Words::hash(|words| words.name(edition.language.as_deref()))),
        (Field::Extensions, Words::hash(|words| words.elements(&edition.extensions))),
    ]
}

/// Whether a newer reading of the same words is all that two editions differ by: the older one was made by an older program,
/// and what our present rules make of its texts are the texts of the newer one.
pub fn is_read_anew(old: &Edition, new: &Edition) -> bool {
    let words = |field: &Field| matches!(field, Field::Title | Field::Summary | Field::Body);
    old.sanitiser < new.sanitiser && !changes(&enrich::again(old.clone()), new).iter().any(words)
}

/// A correction over the edition it corrects: empty never overwrites filled, the publisher's date stays,
/// and `updated` moves forward, to the publisher's newer date or else to the time of the fetch.
pub fn correct(mut new: Edition, old: &Edition, at: Time) -> Edition {
    keep_text(&mut new.title, &old.title);
    keep_body(&mut new, old);
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
    // What was kept of an older sanitiser's work is brought up to the present rules with the rest.
    if old.sanitiser < new.sanitiser { enrich::again(new) } else { new }
}

/// What a further source of the same publisher adds when it first brings an entry: only what was missing.
pub fn complete(old: &Edition, new: &Edition, at: Time) -> Edition {
    let mut whole = old.clone();
    let blank = |text: &Option<Text>| text.as_ref().is_none_or(Text::is_blank);
    keep_text(&mut whole.title, &new.title);
    keep_word(&mut whole.link, &new.link);
    if blank(&old.content) && blank(&old.summary) && old.removed.is_empty() {
        whole.content.clone_from(&new.content);
        whole.summary.clone_from(&new.summary);
        whole.removed.clone_from(&new.removed);
    }
    whole.published = whole.published.or(new.published);
    whole.updated = at.max(old.updated);
    whole
}

/// Keeps of body and summary what the newer edition has nothing to say of. What `removed` names is true of all that then stands:
/// a text that only the rules emptied does not come back, and one that is kept is without what they took out of the others.
fn keep_body(new: &mut Edition, old: &Edition) {
    // The page was not asked again, or not had: its text stays while the feed says only what it can.
    let page = old.full_text == FullText::Page && new.full_text == FullText::Missed;
    let emptied = |text: &Option<Text>| !new.removed.is_empty() && text.is_some();
    let lacks = |new: &Option<Text>, old: &Option<Text>| {
        old.is_some() && new.as_ref().is_none_or(Text::is_blank) && !emptied(new)
    };
    let (content, summary) = (page || lacks(&new.content, &old.content), lacks(&new.summary, &old.summary));
    if page {
        new.full_text = FullText::Page;
    }
    if !content && !summary {
        return;
    }
    let unheard = |selector: &&String| !old.removed.contains(*selector);
    let later: Vec<String> = new.removed.iter().filter(unheard).cloned().collect();
    let kept = |text: &Option<Text>| text.as_ref().map(|text| enrich::without_named(text, &later));
    if content {
        new.content = kept(&old.content);
        // What the feed's own text ended in does not end this one.
        let other = new.attribution.publisher.take().map(|named| Publisher { ends_text: false, ..named });
        new.attribution.publisher = old.attribution.publisher.clone().or(other);
    }
    if summary {
        new.summary = kept(&old.summary);
    }
    new.removed = old.removed.iter().chain(&later).cloned().collect();
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

#[cfg(test)]
mod tests;
