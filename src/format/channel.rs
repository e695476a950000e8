//! What a feed says of itself that one of the XML formats has no element for, in the vocabulary that has.

use super::{
    chars::{href, rfc3339, some_line},
    credits,
    vocabulary::{self, Passed},
};
use crate::{
    model::{Caption, Cloud, Deleted, Person, TextInput},
    view::{Address, FeedView},
};

/// Monday first.
pub(super) const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// For Atom: RSS's own elements in RSS's namespace, and the date it lacks.
pub(super) fn for_atom(view: &FeedView) -> Vec<Passed> {
    let rss = |name: &str, text: Option<String>| text.map(|text| flat(vocabulary::RSS.0, name, Some(text)));
    let (rare, wishes) = (&view.rare, &view.wishes);
    let mut all = shared(view);
    all.extend(view.deleted.iter().filter_map(tombstone));
    all.extend(view.published.map(|at| flat(vocabulary::DCTERMS.0, "issued", Some(rfc3339(at)))));
    all.extend(rss("ttl", wishes.ttl_minutes.map(|minutes| minutes.to_string())));
    all.extend(rss("docs", rare.docs.as_deref().and_then(href)));
    all.extend(rss("rating", rare.rating.as_deref().and_then(some_line)));
    all.extend(several("skipHours", "hour", wishes.skip_hours.iter().map(u8::to_string)));
    all.extend(several("skipDays", "day", days(&wishes.skip_days)));
    all.extend(rare.cloud.as_ref().map(cloud));
    all.extend(rare.text_input.as_ref().and_then(text_input));
    all.extend(view.image.as_ref().and_then(|(url, caption)| image(url, caption)));
    all
}

/// For RSS: Atom's own elements in Atom's namespace, Dublin Core for names.
pub(super) fn for_rss(view: &FeedView) -> Vec<Passed> {
    let mut all = shared(view);
    // Of ours, RSS tells readers that ask what changed: no other looks for it.
    let told = view.paging.is_delta || matches!(view.address, Address::Theirs(_));
    all.extend(view.deleted.iter().filter(|_| told).filter_map(tombstone));
    for (people, dc, atom) in [(&view.authors, "creator", "author"), (&view.contributors, "contributor", "contributor")]
    {
        for who in credits::people(people) {
            all.push(flat(vocabulary::DC.0, dc, Some(who.name.clone())));
            all.extend(person(atom, who));
        }
    }
    all.extend(view.icon.as_deref().and_then(href).map(|url| flat(vocabulary::ATOM.0, "icon", Some(url))));
    if let (name, Some(uri)) = &view.generator {
        let uri = href(uri).map(|uri| ("uri", uri)).into_iter().collect();
        all.push(Passed::flat(vocabulary::ATOM.0, "generator", some_line(name), uri));
    }
    all
}

/// RSS 2.0 managingEditor and webMaster are one person each: whoever is the only one, and can be written to.
pub(super) fn mailbox(people: &[Person]) -> Option<String> {
    let [who] = credits::people(people).try_into().ok()?;
    let Person { name, email, .. } = who;
    let email = email?;
    Some(if name == email { email } else { format!("{email} ({name})") })
}

/// Names of days counted from Monday.
pub(super) fn days(numbers: &[u8]) -> impl Iterator<Item = String> {
    numbers.iter().filter_map(|day| DAYS.get(usize::from(*day))).map(|day| (*day).to_owned())
}

/// Other vocabularies. Podcast readers know one picture, and many of the others know no logo: it is written for them.
fn shared(view: &FeedView) -> Vec<Passed> {
    let is_picture = |element: &Passed| element.prefix == vocabulary::ITUNES.0 && element.local == "image";
    let leads = |element: &Passed| element.attributes.get("href").and_then(|url| href(url)).is_some();
    let mut all = vocabulary::passed(&view.extensions);
    all.retain(|element| !is_picture(element) || leads(element));
    if !all.iter().any(is_picture) {
        let url = view.image.as_ref().and_then(|(url, _)| href(url));
        all.extend(url.map(|url| Passed::flat(vocabulary::ITUNES.0, "image", None, vec![("href", url)])));
    }
    all.extend(view.paging.is_archive.then(|| flat(vocabulary::FH.0, "archive", None)));
    all
}

/// at:deleted-entry (RFC 6721 §3); its author is an Atom person (§3.2). RSS has other ids: the code says whom it means.
fn tombstone(of: &Deleted) -> Option<Passed> {
    let by = of.by.as_deref().and_then(some_line).map(|name| {
        let name = flat(vocabulary::ATOM.0, "name", Some(name));
        Passed::around(vocabulary::AT.0, "by", vec![name])
    });
    let comment = of.comment.as_deref().and_then(some_line).map(|why| flat(vocabulary::AT.0, "comment", Some(why)));
    let said = vec![("ref", some_line(&of.id)?), ("when", rfc3339(of.when))];
    let code = of.code.as_ref().map(|code| flat(vocabulary::DC.0, "identifier", Some(code.to_string())));
    let children = by.into_iter().chain(comment).chain(code).collect();
    Some(Passed { children, ..Passed::flat(vocabulary::AT.0, "deleted-entry", None, said) })
}

fn flat(prefix: &'static str, name: &str, text: Option<String>) -> Passed {
    Passed::flat(prefix, name, text, vec![])
}

fn several(name: &str, each: &str, values: impl Iterator<Item = String>) -> Option<Passed> {
    let children: Vec<Passed> = values.map(|value| flat(vocabulary::RSS.0, each, Some(value))).collect();
    (!children.is_empty()).then(|| Passed { children, ..flat(vocabulary::RSS.0, name, None) })
}

/// Parts that are there, in an element of RSS.
fn parts<const N: usize>(name: &str, parts: [(&str, Option<String>); N]) -> Passed {
    let there = parts.into_iter().filter_map(|(part, text)| Some(flat(vocabulary::RSS.0, part, Some(text?))));
    Passed { children: there.collect(), ..flat(vocabulary::RSS.0, name, None) }
}

fn cloud(of: &Cloud) -> Passed {
    let said = [
        ("domain", &of.domain),
        ("port", &of.port),
        ("path", &of.path),
        ("registerProcedure", &of.register_procedure),
        ("protocol", &of.protocol),
    ];
    let attributes = said.into_iter().map(|(name, value)| (name, some_line(value).unwrap_or_default())).collect();
    Passed::flat(vocabulary::RSS.0, "cloud", None, attributes)
}

fn text_input(of: &TextInput) -> Option<Passed> {
    let link = Some(href(&of.link)?);
    let [title, description, name] = [&of.title, &of.description, &of.name].map(|said| some_line(said));
    Some(parts("textInput", [("title", title), ("description", description), ("name", name), ("link", link)]))
}

/// Only where it says more than the logo does.
fn image(url: &str, caption: &Caption) -> Option<Passed> {
    let title = caption.title.as_deref().and_then(some_line);
    let link = caption.link.as_deref().and_then(href);
    let [width, height] = [caption.width, caption.height].map(|side| side.map(|side| side.to_string()));
    let description = caption.description.as_deref().and_then(some_line);
    let said = [("title", title), ("link", link), ("width", width), ("height", height), ("description", description)];
    let there = said.into_iter().filter_map(|(part, text)| Some(flat(vocabulary::RSS.0, part, Some(text?))));
    let mut children: Vec<Passed> = there.collect();
    if children.is_empty() {
        return None;
    }
    children.push(flat(vocabulary::RSS.0, "url", href(url)));
    Some(Passed { children, ..flat(vocabulary::RSS.0, "image", None) })
}

/// A person of whom more is known than RSS or Dublin Core can say.
fn person(name: &str, who: Person) -> Option<Passed> {
    let parts = [("name", Some(who.name)), ("email", who.email), ("uri", who.uri)];
    let there = parts.into_iter().filter_map(|(part, text)| Some(flat(vocabulary::ATOM.0, part, Some(text?))));
    let children: Vec<Passed> = there.collect();
    (children.len() > 1).then(|| Passed { children, ..flat(vocabulary::ATOM.0, name, None) })
}
