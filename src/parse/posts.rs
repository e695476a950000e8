//! A folder of Jekyll posts → `ParsedFeed` (domain §1). One post that cannot be read is noted and left out.

use super::{frontmatter, frontmatter::FrontMatter, limits, persons, urls, xml};
use crate::{
    fetch::{PostFile, charset},
    model::{
        CategoryRef, Element, FeedInfo, IdForm, InfoCode, ParsedEntry, ParsedFeed, RawDate, Slug, SourceFormat, Tag,
        Text,
    },
};
use pulldown_cmark::{Options, Parser, html};
use std::path::Path;

/// Reads all posts, in the order given.
pub fn read(files: &[PostFile]) -> ParsedFeed {
    gather(files.iter().map(|file| (file, decoded(file))))
}

fn gather<'a>(files: impl Iterator<Item = (&'a PostFile, Result<String, String>)>) -> ParsedFeed {
    let mut notes = Vec::new();
    let mut entries = Vec::new();
    for (file, text) in files {
        let name = file.path.display().to_string();
        match text.and_then(|text| post(&file.path, &text)) {
            Ok((entry, said)) => {
                entries.push(entry);
                notes.extend(said.into_iter().map(|said| format!("{name}: {said}")));
            }
            Err(why) => notes.push(format!("{name}: {why}: left out")),
        }
    }
    if notes.len() > limits::NOTES {
        let more = notes.len() - limits::NOTES;
        notes.truncate(limits::NOTES);
        notes.push(format!("and {more} more of these"));
    }
    ParsedFeed {
        format: SourceFormat::Posts,
        info: FeedInfo::default(),
        entries,
        notes,
        partial: false,
        tombstones: Vec::new(),
    }
}

/// One post already decoded, as the tests have it.
#[cfg(test)]
pub fn read_text(file: &PostFile, text: &str) -> ParsedFeed {
    gather([(file, Ok(text.to_owned()))].into_iter())
}

fn decoded(file: &PostFile) -> Result<String, String> {
    let decoded = charset::decode(&file.bytes, None);
    match decoded.replaced {
        0 => Ok(decoded.text.into_owned()),
        lost => Err(format!("{lost} characters cannot be read in any encoding")),
    }
}

/// One post and what was odd about it; the error says in words why it cannot be read.
fn post(path: &Path, text: &str) -> Result<(ParsedEntry, Option<String>), String> {
    let text = xml::cleaned(text);
    let front = frontmatter::split(&text).ok_or("no front matter between two lines of `---`")?;
    if front.one("published") == Some("false") {
        return Err("says `published: false`".to_owned());
    }
    let body = Body::read(front.body);
    let (filed, tags, note) = filing(&front);
    let link = body.link.or_else(|| front.one("link").and_then(|link| urls::page(None, link)));
    let mut entry = ParsedEntry {
        id_form: IdForm::Guid,
        named_code: front.one("infoCode").and_then(InfoCode::parse),
        title: front.one("title").map(|title| Text::plain(limits::cap(title.to_owned(), limits::LINE))),
        summary: body.digest.or_else(|| front.one("excerpt").map(str::to_owned)).map(Text::plain),
        content: body.content,
        published: front
            .one("date")
            .filter(|said| is_date(said))
            .map(|said| RawDate(limits::cap(said.to_owned(), 200))),
        updated: ["last_modified_at", "updated"]
            .iter()
            .find_map(|key| front.one(key))
            .map(|said| RawDate(said.to_owned())),
        authors: front.list("author").into_iter().take(limits::EACH).map(persons::from_words).collect(),
        language: front.one("lang").map(str::to_owned),
        filed,
        tags,
        extensions: vec![file_name(path)],
        ..ParsedEntry::default()
    };
    if let Some(content) = &mut entry.content {
        content.base.clone_from(&link);
    }
    entry.link = link;
    Ok((entry, note))
}

/// The file's name, which may hold the code (domain §2); `identify` reads it from here.
fn file_name(path: &Path) -> Element {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Element { namespace: "urn:syndic:post".to_owned(), name: "file".to_owned(), text: stem, ..Element::default() }
}

/// A date that is only a zone is no date.
fn is_date(said: &str) -> bool {
    !said.starts_with(['+', '-']) && said.bytes().filter(u8::is_ascii_digit).count() >= 4
}

/// `categories` are slugs, `tags` the names they are shown under, pair by pair; tags left over are the publisher's own.
fn filing(front: &FrontMatter<'_>) -> (Vec<CategoryRef>, Vec<Tag>, Option<String>) {
    let mut slugs = front.list("categories");
    if slugs.is_empty() {
        slugs = front.list("category");
    }
    // Jekyll splits one line at spaces; a slug holds none.
    let slugs: Vec<&str> = slugs.into_iter().flat_map(str::split_whitespace).take(limits::EACH).collect();
    let names = front.list("tags");
    let mut bad = Vec::new();
    let mut filed = Vec::new();
    for (at, slug) in slugs.iter().enumerate() {
        match Slug::parse(slug) {
            Some(slug) => {
                let title = names.get(at).map_or_else(|| slug.to_string(), |name| (*name).to_owned());
                filed.push(CategoryRef { slug, title: limits::cap(title, limits::LINE) });
            }
            None => bad.push(format!("`{}`", super::sniff::short(slug))),
        }
    }
    let left = names.iter().skip(slugs.len()).take(limits::EACH);
    let tags = left.map(|name| Tag { term: limits::cap((*name).to_owned(), limits::LINE), ..Tag::default() }).collect();
    let note = (!bad.is_empty()).then(|| format!("{} is no slug: filed in no such category", bad.join(", ")));
    (filed, tags, note)
}

/// A post's body, taken apart.
#[derive(Default)]
struct Body {
    link: Option<String>,
    digest: Option<String>,
    content: Option<Text>,
}

impl Body {
    fn read(text: &str) -> Body {
        let mut body = Body::default();
        let mut lines = Vec::new();
        for line in text.lines() {
            match autolink(line.trim()) {
                Some("") => {}
                Some(url) if body.link.is_none() => body.link = urls::page(None, url),
                _ => lines.push(line.trim_end()),
            }
        }
        while lines.last().is_some_and(|line| line.is_empty() || is_way_back(line)) {
            lines.pop();
        }
        let start = lines.iter().position(|line| !line.trim_matches(is_indent).is_empty()).unwrap_or(lines.len());
        let lines = lines.get(start..).unwrap_or_default();
        let quoted = lines.iter().take_while(|line| line.starts_with('>')).count();
        let (digest, rest) = lines.split_at(quoted);
        let digest: Vec<&str> =
            digest.iter().map(|line| line.trim_start_matches('>').trim_matches(is_indent)).collect();
        let digest = Some(digest.join("\n").trim().to_owned()).filter(|digest| !digest.is_empty());
        let rest = content(rest);
        // A digest alone is all there is to read.
        (body.digest, body.content) = if rest.is_none() { (None, digest.map(Text::plain)) } else { (digest, rest) };
        body
    }
}

/// `<http://…>` alone on a line; `<>` gives the empty one.
fn autolink(line: &str) -> Option<&str> {
    let url = line.strip_prefix('<')?.strip_suffix('>')?.trim();
    (url.is_empty() || (url.starts_with("http") && url.contains("://") && !url.contains(['<', '>', ' '])))
        .then_some(url)
}

/// The last line of such posts leads back to the category and the home page.
fn is_way_back(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("[返回") || line.starts_with("[Back to ")
}

fn is_indent(c: char) -> bool {
    c.is_whitespace() || c == '\u{3000}'
}

fn content(lines: &[&str]) -> Option<Text> {
    let text: Vec<&str> = lines.iter().map(|line| line.trim_start_matches('\u{3000}')).collect();
    let text = text.join("\n");
    let text = text.trim();
    // An export puts HTML in which Markdown would find something into an element of its own.
    let inside = text.strip_prefix("<div markdown=\"0\">").and_then(|rest| rest.strip_suffix("</div>"));
    let text = inside.map_or(text, str::trim);
    if text.is_empty() {
        return None;
    }
    // HTML from end to end is not Markdown: indented lines in it are no code.
    let mut out = String::with_capacity(text.len() + 64);
    if text.starts_with('<') && text.ends_with('>') && super::text::holds_html(text) {
        out.push_str(text);
    } else {
        html::push_html(&mut out, Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH));
    }
    let paragraphs: Vec<&str> = out.split("<p>").map(|paragraph| paragraph.trim_start_matches('\u{3000}')).collect();
    Some(Text::html(limits::cap(paragraphs.join("<p>").trim().to_owned(), limits::BODY)))
}
