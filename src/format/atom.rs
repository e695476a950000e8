//! Atom 1.0 (RFC 4287). The only file that knows atom_syndication. The crate writes no xml:lang on entries, so a language
//! stands on title, summary and content, and once more as dc:language; it writes attribute values of extensions as they
//! are, so they are escaped here.

mod order;

use super::{
    Format, channel,
    chars::{clamp, clean, href, html, language, line, media_type, rfc3339, some_line, unmistakable},
    credits::{self, Origin},
    links, media, others,
    vocabulary::{self, Passed},
};
use crate::{
    model::{self, Enclosure, SourceRef, Tag, Time, UpstreamSource},
    policy,
    view::{FeedView, ItemBody, ItemView},
};
use anyhow::Context;
use atom_syndication::{
    Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Source, Text, TextType,
    extension::{Extension, ExtensionMap},
};
use chrono::DateTime;

/// Renders a feed as Atom.
pub(super) fn render(view: &FeedView) -> anyhow::Result<Vec<u8>> {
    let entries: Vec<(Entry, Vec<Passed>)> = super::writable(view, entry);
    let own = channel::for_atom(view);
    let (generator, made_at) = &view.generator;
    let uri = made_at.as_deref().and_then(href);
    let feed = Feed {
        title: feed_text(&view.title),
        id: some_line(&view.atom_id).context("a feed without an id")?,
        updated: fixed(view.updated.unwrap_or_default()),
        // Ours are none: an author here would claim the work of every entry without one (RFC 4287 §4.2.1).
        authors: people(&view.authors),
        contributors: people(&view.contributors),
        // No version of ours: it would change every feed's bytes, and every reader's copy, at each upgrade.
        generator: some_line(generator).map(|value| Generator { value, uri, version: None }),
        links: feed_links(view),
        categories: view.tags.iter().filter_map(category).collect(),
        logo: view.image.as_ref().and_then(|(url, _)| href(url)),
        icon: view.icon.as_deref().and_then(href),
        rights: view.rights.as_ref().filter(|rights| !rights.is_blank()).map(feed_text),
        subtitle: Some(&view.description).filter(|said| !said.is_blank()).map(feed_text),
        namespaces: vocabulary::namespaces(entries.iter().flat_map(|(_, passed)| passed).chain(&own)),
        lang: language(&view.language),
        extensions: map_of(&own),
        ..Feed::default()
    };
    let entries = entries.into_iter().map(|(entry, passed)| Entry { extensions: map_of(&passed), ..entry }).collect();
    order::entries_last(&feed, entries)
}

/// The feed's language is that of its texts.
fn feed_text(of: &model::Text) -> Text {
    text(of, &None)
}

/// Self, what else is linked, then the page: readers that know one address of a feed take the last.
fn feed_links(view: &FeedView) -> Vec<Link> {
    let own = super::own_address(view, Format::Atom).and_then(|(url, media)| link("self", &url, media));
    let further = view.links.iter().filter_map(further_link);
    let (format, media) = (Format::Atom, Format::Atom.media_type());
    let alternates = others(view, format).into_iter().filter_map(|(of, url)| link("alternate", &url, Some(of)));
    let pages = super::paged(view, format).filter_map(|(rel, url)| link(rel, &url, Some(media)));
    own.into_iter().chain(further).chain(pages).chain(alternates).collect()
}

fn further_link(of: &model::Link) -> Option<Link> {
    let of_type = of.media_type.as_deref().and_then(media_type);
    let link = link(&some_line(&of.rel)?, &of.href, of_type.as_deref())?;
    Some(Link {
        hreflang: of.hreflang.as_deref().and_then(language),
        title: of.title.as_deref().and_then(some_line),
        length: of.length.map(|length| length.to_string()),
        ..link
    })
}

fn entry(item: &ItemView) -> anyhow::Result<(Entry, Vec<Passed>)> {
    let language = item.language.as_deref().and_then(language);
    let (summary, content) = body(item, &language);
    let title = item.title.as_ref().map(|title| text(title, &language));
    // The crate's links have no place for what RFC 4685 counts.
    let (counted, further): (Vec<_>, Vec<_>) =
        links::others(item).into_iter().partition(|link| link.count.is_some() || link.updated.is_some());
    let written = Entry {
        id: some_line(&item.atom_id).context("no atom:id")?,
        title: title.unwrap_or_default(),
        updated: fixed(item.updated),
        published: item.published.map(fixed),
        authors: people(&credits::creators(item)),
        contributors: people(&item.contributors),
        categories: item.tags.iter().filter_map(category).collect(),
        links: entry_links(item, &further),
        rights: item.rights.as_ref().map(|rights| text(rights, &None)),
        source: source(item),
        summary,
        content,
        ..Entry::default()
    };
    let mut passed = media::beside_a_title(vocabulary::of_item(item));
    passed.extend(counted.iter().map(links::element));
    passed.extend(nameless_source(item));
    passed.push(Passed::flat("dc", "identifier", Some(item.code.to_string()), vec![]));
    let chain = credits::chain(item);
    passed.extend(chain.source.map(|source| Passed::flat("dc", "source", Some(source), vec![])));
    passed.extend(chain.publishers.into_iter().map(|name| Passed::flat("dc", "publisher", Some(name), vec![])));
    passed.extend(language.map(|tag| Passed::flat("dc", "language", Some(tag), vec![])));
    Ok((written, passed))
}

/// (summary, content): whole bodies are content; an excerpt is a summary.
fn body(item: &ItemView, language: &Option<String>) -> (Option<Text>, Option<Content>) {
    let summary = item.summary.as_ref().filter(|summary| !summary.is_blank());
    match &item.body {
        ItemBody::Full(body) => {
            let value = Some(clean(body).into_owned()).filter(|body| !body.trim().is_empty());
            let content = value.map(|value| Content {
                value: Some(value),
                content_type: Some("html".to_owned()),
                lang: language.clone(),
                ..Content::default()
            });
            (summary.map(|summary| text(summary, language)), content)
        }
        ItemBody::Excerpt { text: excerpt, credit } => {
            let shown = match (summary, credit) {
                (Some(summary), None) => text(summary, language),
                (None, None) => text(&model::Text::plain(excerpt.as_str()), language),
                (Some(summary), Some(credit)) => text(&model::Text::html(policy::html_of(summary) + credit), language),
                (None, Some(credit)) => text(&model::Text::html(html(excerpt) + credit), language),
            };
            (Some(shown).filter(|shown| !shown.value.trim().is_empty()), None)
        }
        ItemBody::Link => (None, None),
    }
}

fn text(of: &model::Text, language: &Option<String>) -> Text {
    let of = unmistakable(of);
    let value = clean(of.value.trim()).into_owned();
    let text = match of.kind {
        model::TextKind::Plain => Text::plain(value),
        model::TextKind::Html => Text::html(value),
    };
    Text { lang: language.clone(), ..text }
}

fn entry_links(item: &ItemView, further: &[model::Link]) -> Vec<Link> {
    let original = href(&item.link).or_else(|| href(&item.page));
    let original = original.and_then(|url| link("alternate", &url, None));
    let via = credits::source_address(&item.source).and_then(|url| link("via", &url, None));
    let replies = item.comments.as_deref().and_then(|url| link("replies", url, Some("text/html")));
    let files = item.enclosures.iter().filter_map(enclosure);
    let ours: Vec<Link> = original.into_iter().chain(via).chain(replies).chain(files).collect();
    let new = |link: &&model::Link| !ours.iter().any(|known| known.href == link.href && known.rel == link.rel);
    let further: Vec<Link> = further.iter().filter(new).filter_map(further_link).collect();
    ours.into_iter().chain(further).collect()
}

fn link(rel: &str, url: &str, media: Option<&str>) -> Option<Link> {
    let mime_type = media.map(str::to_owned);
    Some(Link { href: href(url)?, rel: rel.to_owned(), mime_type, ..Link::default() })
}

fn enclosure(of: &Enclosure) -> Option<Link> {
    let of_type = of.media_type.as_deref().and_then(media_type);
    let link = link("enclosure", &of.url, of_type.as_deref())?;
    Some(Link {
        length: of.length.map(|length| length.to_string()),
        title: of.title.as_deref().and_then(some_line),
        ..link
    })
}

fn category(tag: &Tag) -> Option<Category> {
    let label = tag.label.as_deref().and_then(some_line);
    let term = some_line(&tag.term).or_else(|| label.clone())?;
    Some(Category { term, scheme: tag.scheme.as_deref().and_then(href), label })
}

/// `None` where the source above ours has no address: see `nameless_source`.
fn source(item: &ItemView) -> Option<Source> {
    let mut source = match credits::origin(item) {
        Origin::Upstream(of) => upstream(of, item, credits::upstream_address(of)?),
        Origin::Ours(of) => ours(of, item),
    };
    // RFC 4287 §4.1.2: an entry without an author has its source's, which is never us.
    if source.authors.is_empty() && credits::creators(item).is_empty() {
        let name = match source.title.r#type {
            TextType::Text => source.title.value.clone(),
            _ => policy::plain(&model::Text::html(source.title.value.as_str())),
        };
        source.authors = people(&[model::Person { name, ..model::Person::default() }]);
    }
    Some(source)
}

/// An atom:source that is a title: the crate would write an id and a date for it that nobody gave it.
fn nameless_source(item: &ItemView) -> Option<Passed> {
    let Origin::Upstream(of) = credits::origin(item) else { return None };
    if credits::upstream_address(of).is_some() {
        return None;
    }
    let flat = |local: &str, value: String| Passed::flat("atom", local, Some(value), vec![]);
    let html = |text: &model::Text| (text.kind == model::TextKind::Html).then(|| ("type", "html".to_owned()));
    let texts = [("title", &of.title), ("subtitle", &of.subtitle), ("rights", &of.rights)];
    let texts = texts.into_iter().filter_map(|(local, said)| Some((local, unmistakable(said.as_ref()?))));
    let texts = texts.map(|(local, said)| {
        Passed::flat("atom", local, Some(clean(said.value.trim()).into_owned()), html(&said).into_iter().collect())
    });
    let title = || model::Person { name: credits::upstream_title(of).unwrap_or_default(), ..model::Person::default() };
    let named =
        if of.authors.is_empty() && credits::creators(item).is_empty() { vec![title()] } else { of.authors.clone() };
    let authors = credits::people(&named).into_iter().map(|who| credits::element("author", who));
    let id = of.id.as_deref().and_then(some_line).map(|id| flat("id", id));
    let updated = of.updated.as_ref().and_then(|date| read_date(&date.0)).map(|date| flat("updated", rfc3339(date)));
    Some(Passed::around("atom", "source", texts.chain(authors).chain(id).chain(updated).collect()))
}

fn ours(of: &SourceRef, item: &ItemView) -> Source {
    let own = of.feed_url.as_deref().and_then(|url| link("self", url, None));
    let home = of.home.as_deref().and_then(|url| link("alternate", url, None));
    let said = |said: &Option<String>| Some(feed_text(&model::Text::plain(some_line(said.as_deref()?)?)));
    Source {
        title: feed_text(&model::Text::plain(line(&of.title))),
        id: some_line(&of.id).or_else(|| credits::source_address(of)).unwrap_or_else(|| item.page.clone()),
        updated: fixed(of.updated.unwrap_or(item.updated)),
        authors: people(&of.authors),
        contributors: people(&of.contributors),
        categories: of.tags.iter().filter_map(category).collect(),
        links: own.into_iter().chain(home).collect(),
        icon: of.icon.as_deref().and_then(href),
        logo: of.logo.as_deref().and_then(href),
        subtitle: said(&of.subtitle),
        rights: said(&of.rights),
        ..Source::default()
    }
}

fn upstream(of: &UpstreamSource, item: &ItemView, address: String) -> Source {
    let own = of.feed_url.as_deref().and_then(|url| link("self", url, None));
    let home = of.home.as_deref().and_then(|url| link("alternate", url, None));
    let further = links::fit_all(&of.links);
    let said_text = |said: &Option<model::Text>| said.as_ref().map(|said| text(said, &None));
    let said = of.updated.as_ref().and_then(|date| read_date(&date.0));
    Source {
        title: said_text(&of.title).unwrap_or_else(|| Text::plain(address.as_str())),
        subtitle: said_text(&of.subtitle),
        id: of.id.as_deref().and_then(some_line).unwrap_or(address),
        // The element must be there; without one that can be read the entry's own date is the nearest truth.
        updated: fixed(said.unwrap_or(item.updated)),
        authors: people(&of.authors),
        contributors: people(&of.contributors),
        categories: of.tags.iter().filter_map(category).collect(),
        generator: of.generator.as_deref().and_then(some_line).map(|value| Generator { value, ..Generator::default() }),
        icon: of.icon.as_deref().and_then(href),
        logo: of.logo.as_deref().and_then(href),
        links: own.into_iter().chain(home).chain(further.iter().filter_map(further_link)).collect(),
        rights: said_text(&of.rights),
    }
}

fn read_date(text: &str) -> Option<Time> {
    let date = DateTime::parse_from_rfc3339(text.trim()).or_else(|_| DateTime::parse_from_rfc2822(text.trim()));
    date.ok().map(|date| date.to_utc())
}

fn people(of: &[model::Person]) -> Vec<Person> {
    let person = |who: model::Person| Person { name: who.name, email: who.email, uri: who.uri, ..Person::default() };
    credits::people(of).into_iter().map(person).collect()
}

fn fixed(time: Time) -> FixedDateTime {
    clamp(time).fixed_offset()
}

fn map_of(elements: &[Passed]) -> ExtensionMap {
    let mut map = ExtensionMap::new();
    for element in elements {
        let of = map.entry(element.prefix.to_owned()).or_default().entry(element.local.clone()).or_default();
        of.push(extension(element));
    }
    map
}

fn extension(element: &Passed) -> Extension {
    let mut children = std::collections::BTreeMap::<String, Vec<Extension>>::new();
    for child in &element.children {
        children.entry(child.name()).or_default().push(extension(child));
    }
    let escaped =
        |(name, value): (&String, &String)| (name.clone(), quick_xml::escape::escape(value.as_str()).into_owned());
    let attrs = element.attributes.iter().map(escaped).collect();
    Extension { name: element.name(), value: element.text.clone(), attrs, children }
}
