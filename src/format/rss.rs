//! RSS 2.0 by the Advisory Board's profile. The only file that knows the rss crate. Elements RSS has no word for stand in
//! Dublin Core, Atom and Media RSS. (The crate cannot write `&#x26;` for `&` in titles as the profile prefers; `&amp;` is
//! the same character to every XML parser.)

use super::{
    Format, channel,
    chars::{characters, clean, href, html, is_web, language, line, media_type, rfc822, rfc3339, some_line},
    credits::{self, Origin},
    files, links, others,
    vocabulary::{self, Passed},
};
use crate::{
    model::{self, Caption, Cloud, Enclosure, Person, Tag, Text, TextInput, TextKind},
    policy,
    view::{Address, FeedView, ItemBody, ItemView},
};
use anyhow::Context;
use rss::{
    Category, Channel, Guid, Image, Item, Source,
    extension::{Extension, ExtensionMap, dublincore::DublinCoreExtension},
};

/// Renders a feed as RSS.
pub(super) fn render(view: &FeedView) -> anyhow::Result<Vec<u8>> {
    let extensions: Vec<Passed> = feed_links(view)
        .into_iter()
        .chain(channel::for_rss(view))
        .chain(view.tags.iter().filter_map(labelled))
        .collect();
    let items: Vec<(Item, Vec<Passed>)> = super::writable(view, item);
    let mut namespaces = vocabulary::namespaces(items.iter().flat_map(|(_, passed)| passed).chain(&extensions));
    namespaces.remove(vocabulary::RSS.0);
    let updated = view.updated.map(rfc822);
    let title = characters(&view.title).unwrap_or_default();
    let home = href(&view.home).unwrap_or_default();
    // Ours hold what was published when they changed; of another's we know only what it says.
    let ours = matches!(view.address, Address::Ours(_));
    let channel = Channel {
        description: description(&view.description).unwrap_or_else(|| title.clone()),
        language: language(&view.language),
        copyright: view.rights.as_ref().and_then(characters),
        managing_editor: channel::mailbox(&view.authors),
        webmaster: channel::mailbox(&view.contributors),
        pub_date: view.published.map(rfc822).or_else(|| updated.clone().filter(|_| ours)),
        last_build_date: updated,
        generator: some_line(&view.generator.0),
        rating: view.rare.rating.as_deref().and_then(some_line),
        docs: view.rare.docs.as_deref().and_then(href),
        cloud: view.rare.cloud.as_ref().map(cloud),
        text_input: view.rare.text_input.as_ref().and_then(text_input),
        ttl: view.wishes.ttl_minutes.map(|minutes| minutes.to_string()),
        skip_hours: view.wishes.skip_hours.iter().map(u8::to_string).collect(),
        skip_days: channel::days(&view.wishes.skip_days).collect(),
        categories: view.tags.iter().filter_map(category).collect(),
        image: view.image.as_ref().and_then(|(url, caption)| image(url, caption, &title, &home)),
        title,
        link: home,
        namespaces: namespaces
            .into_iter()
            .chain([(vocabulary::DC.0.to_owned(), vocabulary::DC.1.to_owned())])
            .collect(),
        extensions: map_of(&extensions),
        items: items.into_iter().map(|(item, passed)| Item { extensions: map_of(&passed), ..item }).collect(),
        ..Channel::default()
    };
    channel.write_to(Vec::new()).context("write RSS")
}

/// The same of a description, where HTML may stand.
fn description(of: &Text) -> Option<String> {
    match of.kind {
        TextKind::Plain => characters(of),
        TextKind::Html => Some(clean(of.value.trim()).into_owned()).filter(|html| !html.is_empty()),
    }
}

/// RSS 2.0: a picture has a title and a link; the feed's own where it says none.
fn image(url: &str, caption: &Caption, title: &str, home: &str) -> Option<Image> {
    Some(Image {
        url: href(url)?,
        title: caption.title.as_deref().and_then(some_line).unwrap_or_else(|| title.to_owned()),
        link: caption.link.as_deref().and_then(href).unwrap_or_else(|| home.to_owned()),
        width: caption.width.map(|width| width.to_string()),
        height: caption.height.map(|height| height.to_string()),
        description: caption.description.as_deref().and_then(some_line),
    })
}

fn cloud(of: &Cloud) -> rss::Cloud {
    rss::Cloud {
        domain: line(&of.domain),
        port: line(&of.port),
        path: line(&of.path),
        register_procedure: line(&of.register_procedure),
        protocol: line(&of.protocol),
    }
}

fn text_input(of: &TextInput) -> Option<rss::TextInput> {
    Some(rss::TextInput {
        title: line(&of.title),
        description: line(&of.description),
        name: line(&of.name),
        link: href(&of.link)?,
    })
}

fn feed_links(view: &FeedView) -> Vec<Passed> {
    let link = |rel: &str, url: &str, media: Option<&str>| {
        let mut attributes = vec![("rel", rel.to_owned()), ("href", href(url)?)];
        attributes.extend(media.map(|media| ("type", media.to_owned())));
        Some(Passed::flat(vocabulary::ATOM.0, "link", None, attributes))
    };
    let own = super::own_address(view, Format::Rss).and_then(|(url, media)| link("self", &url, media));
    let further = view.links.iter().filter_map(|of| {
        let of_type = of.media_type.as_deref().and_then(media_type);
        link(&some_line(&of.rel)?, &of.href, of_type.as_deref())
    });
    let alternates =
        others(view, Format::Rss).into_iter().filter_map(|(media, url)| link("alternate", &url, Some(media)));
    let media = Format::Rss.media_type();
    let pages = super::paged(view, Format::Rss).filter_map(|(rel, url)| link(rel, &url, Some(media)));
    own.into_iter().chain(further).chain(pages).chain(alternates).collect()
}

fn item(item: &ItemView) -> anyhow::Result<(Item, Vec<Passed>)> {
    let guid = some_line(&item.guid).context("no guid")?;
    let (description, content) = body(item);
    let link = href(&item.link).or_else(|| href(&item.page));
    // RSS 2.0: at least one of title and description.
    let title = item.title.as_ref().and_then(characters);
    let title = title.or_else(|| description.is_none().then(|| link.clone().unwrap_or_else(|| guid.clone())));
    let mut enclosures = item.enclosures.iter().filter_map(enclosure);
    let first = enclosures.next();
    let authors = credits::makers(item);
    let mut passed = vocabulary::of_item(item);
    passed.extend(item.tags.iter().filter_map(labelled));
    passed.extend(files::further(item));
    passed.extend(further_links(item));
    passed.extend(further_people(&authors, &item.contributors));
    if item.published != Some(item.updated) {
        passed.push(Passed::flat("atom", "updated", Some(rfc3339(item.updated)), vec![]));
    }
    let written = Item {
        title,
        link,
        description,
        categories: item.tags.iter().filter_map(category).collect(),
        author: authors.iter().find_map(author),
        comments: item.comments.as_deref().and_then(href),
        enclosure: first,
        guid: Some(Guid { permalink: item.guid_is_permalink && is_web(&guid), value: guid }),
        pub_date: item.published.map(rfc822),
        source: source(item),
        content,
        dublin_core_ext: Some(dublin_core(item, authors)),
        ..Item::default()
    };
    Ok((written, passed))
}

/// (description, content:encoded): whole bodies beside the author's summary, excerpts as the description. A body without a
/// summary stands in both: not every reader knows the content module.
fn body(item: &ItemView) -> (Option<String>, Option<String>) {
    let summary = item.summary.as_ref().filter(|summary| !summary.is_blank()).map(policy::html_of);
    let some = |html: String| Some(clean(&html).into_owned()).filter(|html| !html.trim().is_empty());
    match &item.body {
        ItemBody::Full(body) => {
            let body = some(body.clone());
            (summary.and_then(some).or_else(|| body.clone()), body)
        }
        ItemBody::Excerpt { text, credit } => {
            let shown = summary.unwrap_or_else(|| html(text));
            (some(shown + credit.as_deref().unwrap_or_default()), None)
        }
        ItemBody::Link => (None, None),
    }
}

fn category(tag: &Tag) -> Option<Category> {
    let name = some_line(&tag.term).or_else(|| tag.label.as_deref().and_then(some_line))?;
    Some(Category { name, domain: tag.scheme.as_deref().and_then(some_line) })
}

/// Of a category whose label is another than its term, what `<category>` has no place for.
fn labelled(tag: &Tag) -> Option<Passed> {
    let (term, label) = (some_line(&tag.term)?, tag.label.as_deref().and_then(some_line)?);
    let scheme = tag.scheme.as_deref().and_then(some_line).map(|scheme| ("scheme", scheme));
    let attributes = [("term", term.clone()), ("label", label.clone())].into_iter().chain(scheme).collect();
    (term != label).then(|| Passed::flat(vocabulary::ATOM.0, "category", None, attributes))
}

fn enclosure(of: &Enclosure) -> Option<rss::Enclosure> {
    Some(rss::Enclosure {
        url: href(&of.url)?,
        // The profile: 0 where the size is not known.
        length: of.length.unwrap_or(0).to_string(),
        mime_type: of
            .media_type
            .as_deref()
            .and_then(media_type)
            .unwrap_or_else(|| "application/octet-stream".to_owned()),
    })
}

/// What neither `<link>` nor `<comments>` says.
fn further_links(item: &ItemView) -> impl Iterator<Item = Passed> {
    let said = |link: &model::Link| {
        link.rel == "replies"
            && Some(&link.href) == item.comments.as_ref()
            && link.count.is_none()
            && link.updated.is_none()
    };
    links::others(item).into_iter().filter(move |link| !said(link)).map(|link| links::element(&link))
}

/// RSS 2.0: the author's e-mail address, with the name behind it.
fn author(of: &Person) -> Option<String> {
    let email = of.email.as_deref()?;
    Some(if of.name == email { email.to_owned() } else { format!("{email} ({})", of.name) })
}

/// People of whom more is known than dc:creator, dc:contributor and `<author>` say. An item has one atom:author; of further authors
/// links say where they are.
fn further_people(authors: &[Person], contributors: &[Person]) -> Vec<Passed> {
    let known = |who: &&Person| who.uri.is_some() || who.email.is_some();
    let told = authors.iter().find_map(author).is_some() && authors.iter().filter(known).count() == 1;
    // One with an e-mail address and nothing else is in `<author>` already.
    let mut authors = authors.iter().filter(known).filter(|who| !(told && who.uri.is_none()));
    let first = authors.next().map(|who| credits::element("author", who.clone()));
    let further = authors.flat_map(author_links);
    let more = credits::people(contributors).into_iter().filter(|who| who.uri.is_some() || who.email.is_some());
    first.into_iter().chain(further).chain(more.map(|who| credits::element("contributor", who))).collect()
}

/// The registered relation `author` (HTML): a person's page, and a mail address.
fn author_links(who: &Person) -> impl Iterator<Item = Passed> {
    let mail = who.email.as_ref().and_then(|email| href(&format!("mailto:{email}")));
    let link = |href: String| {
        let link = model::Link { href, rel: "author".into(), title: Some(who.name.clone()), ..Default::default() };
        links::element(&link)
    };
    who.uri.clone().into_iter().chain(mail).map(link)
}

fn source(item: &ItemView) -> Option<Source> {
    let above = match credits::origin(item) {
        Origin::Upstream(of) => credits::upstream_address(of).map(|url| (url, credits::upstream_title(of))),
        Origin::Ours(_) => None,
    };
    // What stands above ours without an address is named in Dublin Core.
    let ours = || Some((credits::source_address(&item.source)?, some_line(&item.source.title)));
    let (url, title) = above.or_else(ours)?;
    let title = title.unwrap_or_else(|| url.clone());
    Some(Source { url, title: Some(title) })
}

fn dublin_core(item: &ItemView, authors: Vec<Person>) -> DublinCoreExtension {
    let names = |people: Vec<Person>| people.into_iter().map(|person| person.name).collect();
    let chain = credits::chain(item);
    DublinCoreExtension {
        // `<author>` would have to be an e-mail address.
        creators: names(authors),
        contributors: names(credits::people(&item.contributors)),
        identifiers: vec![item.code.to_string()],
        sources: chain.source.into_iter().collect(),
        publishers: chain.publishers,
        rights: item.rights.as_ref().and_then(characters).into_iter().collect(),
        languages: item.language.as_deref().and_then(language).into_iter().collect(),
        ..DublinCoreExtension::default()
    }
}

fn map_of(elements: &[Passed]) -> ExtensionMap {
    let mut map = ExtensionMap::new();
    for element in elements {
        let of = map.entry(element.prefix.to_owned()).or_default().entry(element.local.clone()).or_default();
        of.push(extension(element));
    }
    map
}

/// RSS's own elements inside of others have no prefix here.
fn name(element: &Passed) -> String {
    if element.prefix == vocabulary::RSS.0 { element.local.clone() } else { element.name() }
}

fn extension(element: &Passed) -> Extension {
    let mut children = std::collections::BTreeMap::<String, Vec<Extension>>::new();
    for child in &element.children {
        children.entry(name(child)).or_default().push(extension(child));
    }
    Extension { name: name(element), value: element.text.clone(), attrs: element.attributes.clone(), children }
}
