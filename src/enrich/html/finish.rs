//! The last word on what the HTML parser let through: what is hidden or empty goes out, bare
//! wrappers are taken off, an image shown twice stands once. Reads the parser's own output only, in one linear pass.

use super::{
    super::text,
    allowed::{EMPTIED, PHRASING, VOID},
    images::{Shown, is_stand_in, repeated},
    judge::{Judge, Shape, is_hidden},
    place::stands_here,
    tags::{attributes_of, split_tag},
};
use std::borrow::Cow;
use url::Url;

/// Line breaks in a row; more only push the text down.
const MAX_BREAKS: u8 = 2;

/// A fragment after one pass.
pub struct Finished {
    /// The fragment.
    pub html: String,
    /// Nothing in it is of the kinds that a parser would read another way than it stands.
    pub reads_the_same: bool,
}

/// Finishes the parser's output.
pub fn finish(html: &str, base: Option<&Url>, shape: Shape) -> Finished {
    let legal = text::legal(html);
    let mut pass = Pass {
        judge: Judge { base, shape, offers: None, repeated: repeated(&legal) },
        out: String::with_capacity(html.len()),
        open: Vec::new(),
        hidden: 0,
        solid: 0,
        tail: Tail::default(),
        image: None,
        sound: matches!(legal, Cow::Borrowed(_)),
    };
    let mut rest: &str = &legal;
    while let Some((before, tag)) = rest.split_once('<') {
        pass.text(before);
        let (tag, after) = split_tag(tag);
        match tag.strip_prefix('/') {
            Some(name) => pass.end(name),
            None => pass.start(tag, after),
        }
        rest = after;
    }
    pass.text(rest);
    Finished { html: pass.out, reads_the_same: pass.sound }
}

/// An open element.
pub struct Open {
    /// Its name.
    pub name: String,
    /// Whether its tags are shown.
    pub shown: bool,
    /// Where its start tag begins and ends in the output.
    start: usize,
    inside: usize,
    /// What stood before it.
    before: Tail,
    /// A file that a browser can play stands in it.
    plays: bool,
}

/// How the output ends.
#[derive(Clone, Copy, Default)]
struct Tail {
    /// With a line that goes on.
    in_line: bool,
    /// A wrapper ended the line, and left no tag that says so.
    ended: bool,
    /// With so many line breaks.
    breaks: u8,
}

/// The image written last.
struct Last {
    /// Where it begins; of several stand-ins side by side the first.
    start: usize,
    end: usize,
    src: String,
    stands_in: bool,
}

struct Pass<'a> {
    judge: Judge<'a>,
    out: String,
    open: Vec<Open>,
    /// Depth of open elements since the hidden one that we are in; 0 outside.
    hidden: usize,
    /// Where the last thing ends that can be seen.
    solid: usize,
    tail: Tail,
    image: Option<Last>,
    sound: bool,
}

impl Pass<'_> {
    fn text(&mut self, text: &str) {
        if self.hidden > 0 || text.is_empty() {
            return;
        }
        let in_table = self.open.last().is_some_and(|open| {
            matches!(open.name.as_str(), "table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup")
        });
        let blank = text.trim().is_empty();
        self.sound &= !in_table || blank;
        if blank {
            self.out.push_str(text);
        } else {
            self.end_line();
            self.out.push_str(text);
            self.tail = Tail { in_line: true, ..Tail::default() };
            if !text.trim_matches(is_unseen).is_empty() {
                self.solid = self.out.len();
            }
        }
    }

    /// Before something that stands in a line: a wrapper that is gone had ended the one before.
    fn end_line(&mut self) {
        if self.tail.ended && self.tail.in_line {
            self.out.push_str("<br>");
            self.tail = Tail { breaks: 1, ..Tail::default() };
        }
    }

    fn end(&mut self, name: &str) {
        if self.hidden > 0 {
            self.hidden -= 1;
            if self.hidden == 0 && self.open.last().is_some_and(|open| open.name == name) {
                self.open.pop();
            }
            return;
        }
        let Some(open) = self.open.pop() else { return };
        let block = !PHRASING.contains(&open.name.as_str());
        match open.name.as_str() {
            "picture" => self.judge.offers = None,
            // Nothing could be played: what was said in its place is left.
            "audio" | "video" if open.shown && !open.plays => return self.unwrap(&open),
            "audio" | "video" if open.shown => self.solid = self.out.len(),
            _ => {}
        }
        if !open.shown {
            self.tail.ended |= block;
            return;
        }
        if self.solid <= open.start {
            if EMPTIED.contains(&open.name.as_str()) {
                self.out.truncate(open.start);
                self.tail = Tail { ended: true, ..open.before };
                return;
            }
            // A style or link around nothing but space: the space stays.
            if !matches!(open.name.as_str(), "rt" | "rp" | "wbr" | "data" | "time") && !block {
                return self.unwrap(&open);
            }
        }
        self.out.push_str("</");
        self.out.push_str(&open.name);
        self.out.push('>');
        if block {
            self.tail = Tail::default();
        }
    }

    /// Takes back a start tag, but not what followed it.
    fn unwrap(&mut self, open: &Open) {
        let length = open.inside - open.start;
        self.out.replace_range(open.start..open.inside, "");
        let moved = |at: usize| if at >= open.inside { at - length } else { at };
        // Content has moved to another place than the parser put it in.
        self.sound &= self.solid <= open.start;
        self.solid = moved(self.solid);
        self.image = self.image.take().map(|last| Last { start: moved(last.start), end: moved(last.end), ..last });
    }

    fn start(&mut self, tag: &str, after: &str) {
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let void = VOID.contains(&name);
        if self.hidden > 0 {
            self.hidden += usize::from(!void);
            return;
        }
        let attributes = attributes_of(attributes);
        let (hidden, in_player) =
            (is_hidden(&attributes), self.open.iter().rev().find(|open| open.shown).is_some_and(is_player));
        let shown = if hidden { None } else { self.judge.shown(name, &attributes, in_player) };
        self.sound &= shown.is_none() || stands_here(&self.open, name) && !(name == "pre" && after.starts_with('\n'));
        let (is_shown, in_line) = (shown.is_some(), PHRASING.contains(&name));
        if is_shown && in_line {
            self.end_line();
        }
        let (start, before) = (self.out.len(), self.tail);
        let plays = shown.as_ref().is_some_and(|kept| kept.iter().any(|(name, _)| *name == "src"));
        match (name, shown) {
            ("img", Some(kept)) => self.write_image(kept),
            ("br", Some(_)) => self.write_break(),
            (_, Some(kept)) => {
                self.write(name, &kept);
                if !in_line {
                    self.tail = Tail::default();
                }
            }
            (_, None) => self.tail.ended |= !hidden && !void && !in_line,
        }
        match name {
            "hr" => self.solid = self.out.len(),
            "source" if plays => {
                let player = self.open.iter_mut().rev().find(|open| is_player(open));
                player.into_iter().for_each(|open| open.plays = true);
            }
            _ => {}
        }
        if !void {
            self.hidden = usize::from(hidden);
            self.open.push(Open {
                name: name.to_owned(),
                shown: is_shown,
                start,
                inside: self.out.len(),
                before,
                plays,
            });
        }
    }

    fn write(&mut self, name: &str, attributes: &[(&str, String)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.out.push_str(&text::escape_attribute(value));
            self.out.push('"');
        }
        self.out.push('>');
    }

    fn write_break(&mut self) {
        let verbatim = self.open.iter().any(|open| open.name == "pre");
        if verbatim || self.tail.breaks < MAX_BREAKS {
            self.out.push_str("<br>");
            self.tail = Tail { breaks: self.tail.breaks.saturating_add(1), ..Tail::default() };
        }
    }

    /// Of two images side by side that are one (a stand-in and its original, or the same again for pages without scripts), one.
    fn write_image(&mut self, kept: Shown) {
        let src = kept.iter().find(|(name, _)| *name == "src").map_or("", |(_, src)| src).to_owned();
        let stands_in = is_stand_in(&src);
        let mut start = None;
        if let Some(last) = self.image.as_ref().filter(|last| {
            self.solid == last.end && self.out.get(last.end..).is_some_and(|rest| rest.trim().is_empty())
        }) {
            if last.src == src || stands_in && !last.stands_in {
                return self.out.truncate(last.end);
            }
            if last.stands_in && !stands_in {
                self.out.truncate(last.start);
            }
            start = Some(last.start).filter(|_| last.stands_in && stands_in);
        }
        let start = start.unwrap_or(self.out.len());
        self.write("img", &kept);
        self.solid = self.out.len();
        self.tail = Tail { in_line: true, ..Tail::default() };
        self.image = Some(Last { start, end: self.solid, src, stands_in });
    }
}

fn is_player(open: &Open) -> bool {
    open.shown && matches!(open.name.as_str(), "audio" | "video")
}

/// White space of any width, also of none.
fn is_unseen(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}
