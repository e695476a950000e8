//! Before the parser, which drops them: frames, plug-ins, formulas and drawings become what a reader can use.
//! Nothing depends on it for safety, as the parser reads its output like any other text.

use super::{
    super::text,
    allowed::{ELEMENTS, LAZY, LAZY_SETS},
    foreign,
    images::counts_readers,
    judge::is_hidden,
    players,
    tokens::{Piece, attribute, until_end_of},
};
use std::borrow::Cow;
use url::Url;

/// What this is about.
const EMBEDS: &[&str] = &["iframe", "object", "embed", "noscript", "svg", "math", "video"];
/// Their content is no markup.
const RAW: &[&str] = &["script", "style", "textarea", "title", "xmp", "noembed", "noframes", "plaintext"];
/// What a page without scripts would load instead.
const LOADED: &[&str] = &["img", "picture", "source", "audio", "video", "iframe"];
/// Files that a plug-in would have shown.
const FILES: &[&str] = &[".pdf", ".mp4", ".webm", ".mov", ".m4v", ".ogv", ".mp3", ".m4a", ".ogg", ".wav", ".flv"];

/// The text, with links and characters in the place of what is embedded.
pub fn in_plain_forms<'a>(html: &'a str, base: Option<&Url>) -> Cow<'a, str> {
    let begins = |(at, _): (usize, &str)| {
        let tag = html.get(at + 1..).unwrap_or("").as_bytes();
        EMBEDS.iter().any(|name| tag.get(..name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes())))
    };
    if !html.match_indices('<').any(begins) && !html.contains("data:") {
        return Cow::Borrowed(html);
    }
    let mut pass = Pass {
        base,
        out: String::with_capacity(html.len()),
        objects: Vec::new(),
        in_picture: false,
        endless: Vec::new(),
    };
    pass.read(html, |_| true);
    Cow::Owned(pass.out)
}

struct Pass<'b> {
    base: Option<&'b Url>,
    out: String,
    /// Open objects, and whether a link stands for each.
    objects: Vec<bool>,
    /// Within a `picture`, whose sources may offer a better image.
    in_picture: bool,
    /// Kinds of formulas and drawings of which no end follows any more.
    endless: Vec<&'static str>,
}

impl Pass<'_> {
    /// Reads a text; tags and characters that are not `wanted` are left out (the empty name is that of characters).
    fn read(&mut self, html: &str, wanted: impl Fn(&str) -> bool) {
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            let (before, tag) = rest.split_at(at);
            self.push(before, wanted(""));
            rest = match Piece::read(tag) {
                Piece::Start { name, rest, .. } if !wanted(&name) => rest,
                Piece::Start { name, text, rest, .. } => self.start(&name, text, rest),
                Piece::End { name, rest } => {
                    self.in_picture &= name != "picture";
                    if name == "object" {
                        self.objects.pop();
                    } else if wanted(&name) {
                        self.out.push_str(tag.get(..tag.len() - rest.len()).unwrap_or(""));
                    }
                    rest
                }
                Piece::Nothing { rest } => rest,
                Piece::Bare { rest } => {
                    self.push("&lt;", wanted(""));
                    rest
                }
            };
        }
        self.push(rest, wanted(""));
    }

    fn push(&mut self, characters: &str, wanted: bool) {
        // White space stays in any case: it parts nothing that was together.
        if wanted || characters.trim().is_empty() {
            self.out.push_str(characters);
        }
    }

    /// One start tag; returns what is to be read next.
    fn start<'a>(&mut self, name: &str, tag: &str, rest: &'a str) -> &'a str {
        self.in_picture |= name == "picture";
        match name {
            "iframe" => {
                let addresses = || ["src"].iter().chain(LAZY).filter_map(|name| attribute(tag, name));
                let _ = addresses().any(|address| self.player(&address, tag))
                    || addresses().any(|address| self.page(&address, tag));
                until_end_of(rest, name).1
            }
            "object" => {
                if attribute(tag, "data").is_some_and(|data| self.plug_in(&data, tag)) {
                    return until_end_of(rest, name).1;
                }
                self.objects.push(false);
                rest
            }
            "embed" | "param" => {
                let names = ["movie", "src", "url", "filename"];
                let named = attribute(tag, "name").is_some_and(|name| names.contains(&&*name.to_ascii_lowercase()));
                let address =
                    if name == "embed" { attribute(tag, "src") } else { attribute(tag, "value").filter(|_| named) };
                let stands = self.objects.last() == Some(&true);
                if !stands && address.is_some_and(|address| self.plug_in(&address, tag)) {
                    self.objects.last_mut().into_iter().for_each(|stands| *stands = true);
                }
                rest
            }
            "img" if !self.in_picture && is_inline_picture(tag) => {
                self.out.push_str(&text::escape(&attribute(tag, "alt").unwrap_or_default()));
                rest
            }
            "video" if is_poster(tag, rest) => {
                let poster = attribute(tag, "poster").unwrap_or_default();
                self.out.push_str(&format!("<img src=\"{}\">", text::escape_attribute(&poster)));
                rest
            }
            "noscript" => {
                let (inside, rest) = until_end_of(rest, name);
                self.read(inside, |name| LOADED.contains(&name));
                rest
            }
            "math" => self.foreign("math", foreign::formula, tag, rest),
            "svg" => self.foreign("svg", foreign::drawing, tag, rest),
            _ if RAW.contains(&name) => until_end_of(rest, name).1,
            // Parts of a drawing that is open to the end; the parser would drop the article that follows with them.
            _ if !self.endless.is_empty() && !ELEMENTS.contains(&name) => rest,
            _ => {
                self.out.push_str(tag);
                rest
            }
        }
    }

    fn foreign<'a>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str, &'a str) -> Option<(String, &'a str)>,
        tag: &str,
        rest: &'a str,
    ) -> &'a str {
        if tag.ends_with("/>") || self.endless.contains(&name) {
            return rest;
        }
        match read(tag, rest) {
            Some((text, rest)) => {
                self.out.push_str(&text);
                rest
            }
            None => {
                self.endless.push(name);
                rest
            }
        }
    }

    fn url(&self, address: &str) -> Option<Url> {
        let address = address.trim();
        // Players are often named without a scheme.
        let whole = address.strip_prefix("//").map(|address| format!("https://{address}"));
        Url::options().base_url(self.base).parse(whole.as_deref().unwrap_or(address)).ok()
    }

    /// A link in the place of a known player.
    fn player(&mut self, address: &str, tag: &str) -> bool {
        let Some((name, page)) = self.url(address).as_ref().and_then(players::page_of) else { return false };
        self.link(&page, &format!("▶ {}", caption(name, tag)));
        true
    }

    /// A link in the place of any other page that a reader was to see: not of one that is too small, hidden, or an advertisement.
    fn page(&mut self, address: &str, tag: &str) -> bool {
        let page =
            self.url(address).filter(|url| matches!(url.scheme(), "http" | "https") && !players::is_no_content(url));
        let Some((page, host)) = page.as_ref().and_then(|page| Some((page, page.host_str()?))) else { return false };
        let looks = ["width", "height", "style", "hidden"];
        let looks: Vec<_> = looks.into_iter().filter_map(|name| Some((name, attribute(tag, name)?))).collect();
        let seen = !is_hidden(&looks) && !counts_readers(&looks, page.as_str());
        if seen {
            self.link(page.as_str(), &caption(host.trim_start_matches("www."), tag));
        }
        seen
    }

    /// A link in the place of a plug-in that played a video or showed a file.
    fn plug_in(&mut self, address: &str, tag: &str) -> bool {
        if self.player(address, tag) {
            return true;
        }
        let file = self.url(address).filter(|url| matches!(url.scheme(), "http" | "https")).filter(|url| {
            let path = url.path().to_ascii_lowercase();
            FILES.iter().any(|ending| path.ends_with(ending))
        });
        if let Some(url) = &file {
            self.link(url.as_str(), &format!("▶ {}", url.path().rsplit('/').next().unwrap_or_default()));
        }
        file.is_some()
    }

    fn link(&mut self, address: &str, caption: &str) {
        let (address, caption) = (text::escape_attribute(address), text::escape(caption));
        self.out.push_str(&format!(" <a href=\"{address}\">{caption}</a> "));
    }
}

/// A picture that is written out within the text, which nobody passes on, and no address of another.
fn is_inline_picture(tag: &str) -> bool {
    let inline = attribute(tag, "src").is_some_and(|src| src.trim_start().to_ascii_lowercase().starts_with("data:"));
    let named = |names: &[&str]| names.iter().any(|name| attribute(tag, name).is_some());
    inline && !named(LAZY) && !named(LAZY_SETS) && !named(&["srcset"])
}

/// A video of which only its picture is known: no address, and no source follows at once.
fn is_poster(tag: &str, rest: &str) -> bool {
    let named = |name: &&str| attribute(tag, name).is_some();
    let inside: String = rest.chars().take(200).collect::<String>().to_ascii_lowercase();
    let inside = inside.split("</video").next().unwrap_or_default();
    named(&"poster") && !named(&"src") && !LAZY.iter().any(named) && !inside.contains("<source")
}

/// What stands there, and what it is called.
fn caption(name: &str, tag: &str) -> String {
    let title = attribute(tag, "title").filter(|title| !title.trim().is_empty());
    title.map_or_else(|| name.to_owned(), |title| format!("{name}: {}", title.trim()))
}
