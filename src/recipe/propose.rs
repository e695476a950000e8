//! A recipe proposed from a document: what repeats in it with links and dates, for the operator to edit. Pure. A proposal reads
//! the document it was made from; whether it is what the operator wants only he can say.

use super::{findings, json};
use crate::{
    css::{self, Part, Selector},
    enrich::{
        dates::{self, Around},
        html,
    },
    fetch::{Body, Page, charset},
    model::Time,
    parse,
};
use chrono_tz::Tz;
use serde_json::Value;
use url::Url;

/// Items that are looked at.
const MAX_ITEMS: usize = 30;

/// What a document is to be read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposed {
    /// A page that lists things.
    Page,
    /// JSON that lists things.
    Json,
}

/// The lines of a section for feeds.toml.
///
/// Errors, in words: nothing repeats in the document.
pub fn propose(kind: Proposed, page: &Page, zone: Option<Tz>, now: Time) -> Result<String, String> {
    let Body::Document(bytes) = &page.body else { return Err("a folder of posts needs no recipe".to_owned()) };
    let decoded = charset::decode(bytes, page.content_type.as_deref());
    let base = page.base.as_deref().and_then(|base| Url::parse(base).ok());
    let around = Around { zone, chinese: true, seen: now, now };
    match kind {
        Proposed::Page => of_page(&decoded.text, base.as_ref(), &around),
        Proposed::Json => of_json(&decoded.text, base.as_ref(), &around),
    }
}

fn of_page(text: &str, base: Option<&Url>, around: &Around) -> Result<String, String> {
    if !parse::is_page(text) {
        return Err(format!("this is no page: {}", findings::what_it_is(text, base)));
    }
    let html = html::bounded(text).ok_or("the page has too many elements, or they stand too deep in each other")?;
    let groups = css::repeated(&html, 3);
    let Some(group) = groups.first() else {
        let why = findings::login(text).unwrap_or("nothing with links repeats on the page; is it made by JavaScript?");
        return Err(why.to_owned());
    };
    // The first row of a table has no link.
    let (selector, times) = match group.links < group.times {
        true => (format!("{}:has(a)", group.selector), group.links),
        false => (group.selector.clone(), group.times),
    };
    let items = Selector::parse(&selector).map_err(|why| format!("`{selector}` {why}"))?;
    let parts = css::parts(&html, &items, MAX_ITEMS);
    let mut lines = Lines::of("page", "items", &selector, &format!("{times} items"));
    for other in groups.iter().skip(1) {
        lines.comment(&format!("items = {}  # {} of these repeat as well", quoted(&other.selector), other.times));
    }
    let title = title(&parts, times.min(MAX_ITEMS));
    match title {
        Some(part) => {
            let inside = part.attributes.iter().any(|(name, _)| *name == "href");
            lines.field("title", &part.selector, part.texts.first());
            let link = if inside { format!("{}@href", part.selector) } else { "a[href]@href".to_owned() };
            lines.field("link", &link, None);
        }
        None => lines.comment("title and link are those of the item's first link"),
    }
    let dated = |value: &str| dates::read(value, around).is_ok();
    let date = parts.iter().find_map(|part| {
        let told =
            part.attributes.iter().find(|(name, value)| matches!(*name, "datetime" | "data-time") && dated(value));
        let written = || part.texts.iter().filter(|text| dated(text)).count() * 2 > part.texts.len().max(1);
        match told {
            Some((name, value)) => Some((format!("{}@{name}", part.selector), value)),
            None => written()
                .then(|| (part.selector.clone(), part.texts.first()))?
                .1
                .map(|text| (part.selector.clone(), text)),
        }
    });
    match date {
        Some((selector, sample)) => lines.field("published", &selector, Some(sample)),
        None => lines.comment("no date was found: entries are dated by when they are first seen"),
    }
    let length =
        |part: &Part| part.texts.iter().map(|text| text.chars().count()).sum::<usize>() / part.texts.len().max(1);
    let longer = title.map_or(20, |title| length(title) + 10);
    let summary = parts.iter().filter(|part| {
        part.selector.starts_with('p') || part.selector.contains("desc") || part.selector.contains("summary")
    });
    if let Some(part) = summary.filter(|part| length(part) >= longer).max_by_key(|part| length(part)) {
        lines.field("summary", &part.selector, part.texts.first());
    }
    let picture = parts.iter().filter(|part| part.selector.starts_with("img")).find_map(|part| {
        let lazy = ["data-src", "data-original", "src"];
        let name = lazy.into_iter().find(|lazy| part.attributes.iter().any(|(name, _)| name == lazy))?;
        Some(format!("{}@{name}", part.selector))
    });
    if let Some(picture) = picture {
        lines.field("image", &picture, None);
    }
    lines.comment(
        "[source.detail]  # for the text of each article: content = \"<selector>\", or nothing more to have it found",
    );
    Ok(lines.0)
}

/// What reads like a headline: in nearly every item, another one in each, a link or a heading before anything else.
fn title(parts: &[Part], items: usize) -> Option<&Part> {
    let distinct = |part: &Part| part.texts.iter().collect::<std::collections::BTreeSet<_>>().len();
    let letters =
        |part: &Part| part.texts.iter().map(|text| text.chars().count()).sum::<usize>() / part.texts.len().max(1);
    let is_heading = |part: &Part| matches!(part.selector.split('.').next(), Some("h1" | "h2" | "h3" | "h4" | "h5"));
    let is_link = |part: &Part| part.attributes.iter().any(|(name, _)| *name == "href");
    let fit = |part: &&Part| {
        let often = part.texts.len() * 5 >= items * 4 && distinct(part) * 5 >= part.texts.len() * 4;
        often && (2..=150).contains(&letters(part)) && (is_heading(part) || is_link(part))
    };
    // A link in a heading says the same as the heading, and where it leads.
    parts.iter().filter(fit).max_by_key(|part| (letters(part).min(60), is_link(part)))
}

/// Names of members, in lower case, and the field that they mostly are; the first that fits counts.
const NAMES: [(&str, &[&str]); 10] = [
    ("title", &["title", "headline", "subject", "name", "标题"]),
    ("link", &["url", "link", "href", "arturl", "weburl", "shareurl", "uniqueurl", "pageurl"]),
    (
        "published",
        &[
            "showtime",
            "publishtime",
            "published",
            "publishdate",
            "pubdate",
            "pubtime",
            "ptime",
            "date",
            "time",
            "ctime",
            "created",
            "createtime",
            "datetime",
        ],
    ),
    ("updated", &["updated", "updatetime", "mtime", "modified", "modifytime", "lastmodified"]),
    ("summary", &["digest", "summary", "abstract", "description", "desc", "intro", "brief", "subtitle"]),
    ("content", &["content", "body", "html", "text", "fulltext"]),
    ("author", &["author", "authors", "writer", "byline", "reporter"]),
    ("publisher", &["medianame", "media", "source", "from", "publisher", "origin", "site", "sitename"]),
    ("tags", &["tags", "keywords", "labels", "columns"]),
    ("image", &["image", "img", "pic", "picture", "thumb", "thumbnail", "cover", "imgurl"]),
];
/// What codes and ids are called.
const IDS: &[&str] =
    &["infocode", "code", "newsid", "artcode", "articleid", "docid", "contentid", "guid", "uuid", "id", "nid", "key"];

fn of_json(text: &str, base: Option<&Url>, around: &Around) -> Result<String, String> {
    let inside = json::inside(text, None);
    if !inside.starts_with(['{', '[']) {
        return Err(format!("this is no JSON: {}", findings::what_it_is(text, base)));
    }
    let (value, ..) = parse::json_value(inside).map_err(|failure| failure.message)?;
    let lists = findings::lists(&value);
    let named =
        |list: &findings::List, names: &[&str]| list.names.iter().any(|name| names.contains(&plain(name).as_str()));
    let titles = NAMES.first().map_or(&[][..], |(_, names)| names);
    // The longest list whose objects have titles; else the longest.
    let list = lists
        .iter()
        .find(|list| named(list, titles))
        .or(lists.first())
        .ok_or("there is no list of objects in this document")?;
    let items = format!("{}[*]", list.path);
    let path = crate::jsonpath::Path::parse(&items).map_err(|why| format!("`{items}` {why}"))?;
    let found = path.find(&value)?;
    let first = found.first().and_then(|item| item.as_object()).ok_or("the list has no objects")?;
    let mut lines = Lines::of("json", "items", &items, &format!("{} items", list.members));
    let is_date = |value: &str| dates::read(value, around).is_ok();
    let sample = |value: &Value| match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    let member = |names: &[&str], fits: &dyn Fn(&str) -> bool| {
        let known = names.iter().find_map(|wanted| first.iter().find(|(name, _)| plain(name) == **wanted));
        known.map(|(name, value)| (name, sample(value))).filter(|(_, value)| fits(value))
    };
    let mut taken: Vec<&str> = Vec::new();
    if let Some((name, value)) = member(IDS, &|value| !value.is_empty()) {
        let code = crate::model::InfoCode::parse(&value).is_some() && plain(name).contains("code");
        lines.field(if code { "code" } else { "id" }, &format!("${}", findings::step(name)), Some(&value));
        taken.push(name);
    }
    for (field, names) in NAMES {
        let fits: &dyn Fn(&str) -> bool = match field {
            "link" | "image" => &|value: &str| value.contains('/') && !value.contains(' '),
            "published" | "updated" => &is_date,
            _ => &|value: &str| !value.is_empty(),
        };
        match member(names, fits) {
            Some((name, value)) => {
                lines.field(field, &format!("${}", findings::step(name)), Some(&value));
                taken.push(name);
            }
            None if field == "link" => {
                lines.comment("link = \"https://…/{code}.html\"  # no address was found: what are the articles' pages?")
            }
            None if matches!(field, "title" | "published") => lines.comment(&format!("{field} was not found")),
            None => {}
        }
    }
    let others: Vec<&str> = first.keys().map(String::as_str).filter(|name| !taken.contains(name)).take(30).collect();
    if !others.is_empty() {
        lines.comment(&format!("an item also has {}", others.join(", ")));
    }
    Ok(lines.0)
}

/// A member's name as the tables above have it.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '-'], "")
}

/// Lines of a section.
struct Lines(String);

impl Lines {
    fn of(section: &str, key: &str, value: &str, comment: &str) -> Lines {
        Lines(format!("[source.{section}]\n{key} = {}  # {comment}\n", quoted(value)))
    }

    fn field(&mut self, key: &str, value: &str, sample: Option<&String>) {
        let sample = sample.map(|sample| {
            format!(
                "  # {}",
                sample.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(50).collect::<String>()
            )
        });
        let sample = sample.unwrap_or_default().replace(char::is_control, " ");
        self.0.push_str(&format!("{key} = {}{sample}\n", quoted(value)));
    }

    fn comment(&mut self, words: &str) {
        self.0.push_str(&format!("# {}\n", words.replace(char::is_control, " ")));
    }
}

/// As TOML writes it: a document's own names and classes stand in it.
fn quoted(value: &str) -> String {
    let escaped: String = value
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}
