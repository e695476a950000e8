//! One item or entry of any XML dialect → `ParsedEntry`. Dialects mix freely in the wild, so one reading serves them all.

use super::{
    limits, persons, shared,
    slot::Slot,
    text, upstream, urls,
    xml::{Id, Ns, Tree},
};
use crate::model::{IdForm, Link, ParsedEntry, Person, RawDate, Text};

/// Reads an entry. `feed_language` is what it inherits and need not repeat.
/// What cannot be carried on is noted.
pub fn read(tree: &Tree, id: Id, feed_language: Option<&str>, notes: &mut Vec<String>) -> ParsedEntry {
    let mut draft = Draft::default();
    if let Some(about) = tree.about(id) {
        draft.id.offer(2, id_of(&about).map(|id| (id, IdForm::About)));
        draft.link.offer(1, urls::page(tree.base(id), &about).filter(|url| url.starts_with("http")));
    }
    for child in tree.elements(id) {
        draft.element(tree, child);
    }
    let own_language = tree.language(id).filter(|language| Some(*language) != feed_language && !language.is_empty());
    notes.extend(draft.note.take().filter(|note| !notes.contains(note)));
    let mut entry = draft.finish(tree.name(id).0 == Ns::Atom);
    // An element that says nothing but its language says nothing.
    if entry != (ParsedEntry { id_form: entry.id_form, ..ParsedEntry::default() }) {
        entry.language = entry.language.or_else(|| own_language.map(str::to_owned));
    }
    entry
}

/// Everything that may still be overruled by a better element.
#[derive(Default)]
struct Draft {
    entry: ParsedEntry,
    id: Slot<(String, IdForm)>,
    title: Slot<Text>,
    link: Slot<String>,
    summary: Slot<Text>,
    /// What an RSS item calls its summary, beside its description.
    brief: Slot<Text>,
    content: Slot<Text>,
    published: Slot<RawDate>,
    updated: Slot<RawDate>,
    rights: Slot<Text>,
    language: Slot<String>,
    comments: Slot<String>,
    podcast_authors: Vec<Person>,
    duration: Option<u64>,
    extensions: usize,
    note: Option<String>,
}

impl Draft {
    fn element(&mut self, tree: &Tree, id: Id) {
        let (ns, name) = tree.name(id);
        _ = self.texts(tree, id, ns, name)
            || self.dates(tree, id, ns, name)
            || self.people(tree, id, ns, name)
            || self.links(tree, id, ns, name)
            || self.rest(tree, id, ns, name);
        if ns.passes(name) && self.extensions < limits::EXTENSIONS {
            let mut left = limits::EXTENSIONS - self.extensions;
            self.entry.extensions.extend(tree.element(id, 0, &mut left));
            self.extensions = limits::EXTENSIONS - left;
        }
    }

    fn texts(&mut self, tree: &Tree, id: Id, ns: Ns, name: &str) -> bool {
        match (ns, name) {
            (Ns::Rss | Ns::Atom, "title") => self.title.offer(9, text::line(tree, id)),
            (Ns::Dc | Ns::DcTerms, "title") => self.title.offer(6, text::line(tree, id)),
            (Ns::Media, "title") => self.title.offer(3, text::line(tree, id)),
            (Ns::Itunes, "title") => self.title.offer(2, text::line(tree, id)),
            (Ns::Content, "encoded") => self.content.offer(9, text::body(tree, id)),
            (Ns::Atom, "content") => self.atom_content(tree, id),
            (Ns::Xhtml, "body" | "div") => self.content.offer(7, text::body(tree, id)),
            (Ns::Rss, "content" | "content:encoded" | "fullitem" | "body") => {
                self.content.offer(5, text::body(tree, id))
            }
            (Ns::Content, "items") => {}
            (Ns::Atom, "summary") => self.summary.offer(9, text::body(tree, id)),
            (Ns::Rss, "description") => self.summary.offer(8, text::body(tree, id)),
            (Ns::Rss, "summary" | "abstract" | "excerpt") => self.brief.offer(6, text::body(tree, id)),
            (Ns::Dc, "description") | (Ns::DcTerms, "description" | "abstract") => {
                self.summary.offer(5, text::body(tree, id))
            }
            (Ns::Itunes, "summary") => self.summary.offer(4, text::body(tree, id)),
            (Ns::Media, "description") => self.summary.offer(3, text::body(tree, id)),
            (Ns::Itunes, "subtitle") => self.summary.offer(2, text::body(tree, id)),
            (Ns::Atom, "rights" | "copyright") => self.rights.offer(9, text::line(tree, id)),
            (Ns::Rss, "copyright" | "rights") => self.rights.offer(8, text::line(tree, id)),
            (Ns::Dc | Ns::DcTerms, "rights") => self.rights.offer(7, text::line(tree, id)),
            (Ns::Media, "copyright") => self.rights.offer(3, text::line(tree, id)),
            (Ns::Cc | Ns::CcOld | Ns::CcRss, "license") => self.rights.offer(2, shared::licence(tree, id)),
            _ => return false,
        }
        true
    }

    /// RFC 4287 §4.1.3: content may be elsewhere.
    fn atom_content(&mut self, tree: &Tree, id: Id) {
        if let Some(source) = tree.attribute(id, "src").and_then(|src| urls::page(tree.base(id), &src)) {
            let media_type = tree.attribute(id, "type");
            if media_type.as_deref().is_none_or(|of| of.contains("html")) {
                self.link.offer(1, Some(source.clone()));
            }
            shared::add_link(
                &mut self.entry.links,
                Link { href: source, rel: "related".to_owned(), media_type, ..Link::default() },
            );
        }
        match text::foreign(tree, id) {
            Some(media_type) => self.note = Some(format!("content of type {media_type} is no text: left out")),
            None => self.content.offer(8, text::body(tree, id)),
        }
    }

    fn dates(&mut self, tree: &Tree, id: Id, ns: Ns, name: &str) -> bool {
        let date = || shared::date(tree, id);
        match (ns, name) {
            (Ns::Atom, "published") => self.published.replace(9, date()),
            (Ns::Rss, "pubdate") => self.published.replace(8, date()),
            (Ns::Atom, "issued") | (Ns::Rss, "published" | "issued") => self.published.replace(7, date()),
            (Ns::DcTerms, "issued") => self.published.replace(6, date()),
            (Ns::Dc | Ns::DcTerms | Ns::Rss, "date") => self.published.replace(5, date()),
            (Ns::Atom | Ns::DcTerms | Ns::Rss, "created") => self.published.replace(4, date()),
            (Ns::Atom, "updated") => self.updated.replace(9, date()),
            (Ns::Atom, "modified") | (Ns::Rss, "updated" | "modified" | "lastbuilddate") => {
                self.updated.replace(8, date())
            }
            (Ns::DcTerms, "modified") => self.updated.replace(7, date()),
            _ => return false,
        }
        true
    }

    fn people(&mut self, tree: &Tree, id: Id, ns: Ns, name: &str) -> bool {
        match (ns, name) {
            (Ns::Atom | Ns::Rss, "author") | (Ns::Dc | Ns::DcTerms, "creator" | "author") => {
                persons::add(&mut self.entry.authors, persons::read(tree, id));
            }
            (Ns::Itunes, "author") => persons::add(&mut self.podcast_authors, persons::read(tree, id)),
            (Ns::Atom | Ns::Dc | Ns::DcTerms, "contributor") => {
                persons::add(&mut self.entry.contributors, persons::read(tree, id));
            }
            _ => return false,
        }
        true
    }

    fn links(&mut self, tree: &Tree, id: Id, ns: Ns, name: &str) -> bool {
        match (ns, name) {
            (Ns::Rss, "link") if tree.attribute(id, "href").is_none() => self.link.offer(8, shared::address(tree, id)),
            (Ns::Atom | Ns::Rss, "link") => self.atom_link(tree, id),
            (Ns::Rss, "guid") => self.guid(tree, id),
            (Ns::Atom, "id") => self.id.offer(9, atom_id(tree, id).map(|id| (id, IdForm::Atom))),
            (Ns::Dc | Ns::DcTerms, "identifier") => {
                self.id.offer(1, id_of(&tree.text(id)).map(|id| (id, IdForm::Guid)));
            }
            (Ns::Rss, "comments") => self.comments.offer(9, shared::address(tree, id)),
            _ => return false,
        }
        true
    }

    fn atom_link(&mut self, tree: &Tree, id: Id) {
        let Some(link) = shared::link(tree, id) else { return };
        let rank = shared::page_rank(&link);
        if rank > 0 && (self.link.is_empty() || rank == 7) {
            self.link.offer(rank, Some(link.href.clone()));
        }
        match link.rel.as_str() {
            "enclosure" => shared::add_enclosure(
                &mut self.entry.enclosures,
                Some(crate::model::Enclosure {
                    url: link.href,
                    media_type: link.media_type,
                    length: link.length,
                    title: link.title,
                    duration: None,
                }),
            ),
            rel => {
                match rel {
                    "replies" if link.media_type.as_deref().is_none_or(|of| of.contains("html")) => {
                        self.comments.offer(5, Some(link.href.clone()));
                    }
                    "license" => self.rights.offer(1, Some(Text::plain(link.href.clone()))),
                    _ => {}
                }
                shared::add_link(&mut self.entry.links, link);
            }
        }
    }

    /// RSS 2.0: a guid is a permalink unless it says it is not.
    fn guid(&mut self, tree: &Tree, id: Id) {
        let Some(said) = id_of(&tree.text(id)) else { return };
        let permalink = !tree.attribute(id, "isPermaLink").is_some_and(|said| said.eq_ignore_ascii_case("false"));
        let is_url = url::Url::parse(&said).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if permalink && is_url {
            self.link.offer(2, Some(said.clone()));
        }
        let form = if permalink && is_url { IdForm::Permalink } else { IdForm::Guid };
        self.id.offer(8, Some((said, form)));
    }

    fn rest(&mut self, tree: &Tree, id: Id, ns: Ns, name: &str) -> bool {
        match (ns, name) {
            (Ns::Rss | Ns::Atom | Ns::Media | Ns::Itunes, "category") | (Ns::Dc | Ns::DcTerms, "subject") => {
                shared::tags(tree, id, &mut self.entry.tags);
            }
            (Ns::Itunes | Ns::Media, "keywords") => shared::tags(tree, id, &mut self.entry.tags),
            (Ns::Rss, "enclosure") => shared::add_enclosure(&mut self.entry.enclosures, shared::enclosure(tree, id)),
            (Ns::Media, "content" | "group") => self.media(tree, id, 0),
            (Ns::Itunes, "duration") => self.duration = shared::duration(&tree.text(id)),
            (Ns::Atom, "source") => self.entry.upstream = Some(upstream::atom(tree, id)),
            (Ns::Rss, "source") => self.entry.upstream = upstream::rss(tree, id).or(self.entry.upstream.take()),
            (Ns::Dc | Ns::DcTerms, "source") => self.entry.dc_source = text::words(tree, id),
            (Ns::Dc | Ns::DcTerms | Ns::Rss, "language") => self.language.offer(5, text::words(tree, id)),
            _ => return false,
        }
        true
    }

    /// media:content and media:group: files are enclosures, texts stand in for missing ones.
    fn media(&mut self, tree: &Tree, id: Id, depth: usize) {
        if tree.name(id).1 == "content" {
            shared::add_enclosure(&mut self.entry.enclosures, shared::enclosure(tree, id));
        }
        for child in tree.elements(id).filter(|_| depth < limits::EXTENSION_DEPTH) {
            match tree.name(child) {
                (Ns::Media, "content" | "group") => self.media(tree, child, depth + 1),
                (Ns::Media, "title") => self.title.offer(2, text::line(tree, child)),
                (Ns::Media, "description") => self.summary.offer(1, text::body(tree, child)),
                (Ns::Media, "category" | "keywords") => shared::tags(tree, child, &mut self.entry.tags),
                _ => {}
            }
        }
    }

    fn finish(mut self, is_atom: bool) -> ParsedEntry {
        let mut entry = self.entry;
        (entry.id, entry.id_form) = self.id.take().map_or((None, IdForm::default()), |(id, form)| (Some(id), form));
        entry.title = self.title.take();
        entry.link = self.link.take();
        entry.links.retain(|link| !(link.rel == "alternate" && Some(&link.href) == entry.link.as_ref()));
        entry.published = self.published.take();
        entry.updated = self.updated.take();
        entry.rights = self.rights.take();
        entry.language = self.language.take();
        entry.comments = self.comments.take();
        entry.summary = self.summary.take();
        entry.content = self.content.take();
        if !is_atom && entry.content.is_none() {
            entry.content = entry.summary.take();
        }
        let brief = self.brief.take();
        if entry.content.is_none() {
            entry.content = brief;
        } else if entry.summary.is_none() {
            entry.summary = brief;
        }
        if entry.summary.as_ref().map(|text| &text.value) == entry.content.as_ref().map(|text| &text.value) {
            entry.summary = None;
        }
        if entry.authors.is_empty() {
            entry.authors = std::mem::take(&mut self.podcast_authors);
        }
        if let (Some(seconds), [only]) = (self.duration, entry.enclosures.as_mut_slice()) {
            only.duration = only.duration.or(Some(seconds));
        }
        entry
    }
}

/// RFC 4287 §4.2.6: an IRI, never changed. One that is relative to a base the document states is none without it.
fn atom_id(tree: &Tree, id: Id) -> Option<String> {
    let said = id_of(&tree.text(id))?;
    let relative = url::Url::parse(&said) == Err(url::ParseError::RelativeUrlWithoutBase);
    let joined = tree.stated_base(id).filter(|_| relative).and_then(|base| base.join(&said).ok());
    Some(joined.map_or(said, |url| url.to_string()))
}

/// An id, character for character but for the white space around it.
fn id_of(said: &str) -> Option<String> {
    let said = said.trim();
    (!said.is_empty() && said.len() <= limits::LINE).then(|| said.to_owned())
}
