//! The beginning of a text, ended where a reader would end it. Never longer than `EXCERPT_GRAPHEMES`.

use super::plain;
use crate::model::Text;
use unicode_segmentation::UnicodeSegmentation;

/// Longest excerpt, in graphemes, the ellipsis included (contract: Content).
pub const EXCERPT_GRAPHEMES: usize = 300;

/// The beginning of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Plain characters; paragraphs are separated by an empty line.
    pub text: String,
    /// It is the whole text: its end is to be seen.
    pub whole: bool,
}

impl Default for Excerpt {
    fn default() -> Self {
        Excerpt {
            text: String::new(),
            whole: true,
        }
    }
}

/// Cuts at the last sentence's end; where there is none, after a clause or word, with an ellipsis; else anywhere.
pub fn excerpt(of: &Text) -> Excerpt {
    let (text, complete) = plain::plain_start(of, plain::ENOUGH_BYTES);
    let Some((limit, last)) = window(&text) else {
        return if complete {
            Excerpt { text, whole: true }
        } else {
            Excerpt {
                text: text + "…",
                whole: false,
            }
        };
    };
    let cut = match sentence_end(&text, limit) {
        Some(end) => before(&text, end).trim_end().to_owned(),
        None => {
            let room = before(&text, last);
            let room = clause_end(room).map_or(room, |end| before(room, end));
            format!(
                "{}…",
                room.trim_end_matches(|c: char| c.is_whitespace() || is_clause_mark(c))
            )
        }
    };
    Excerpt {
        text: cut,
        whole: false,
    }
}

/// Byte offsets after grapheme 300 and after grapheme 299 (room for an ellipsis); `None` when the text fits.
fn window(text: &str) -> Option<(usize, usize)> {
    let mut graphemes = text.grapheme_indices(true).skip(EXCERPT_GRAPHEMES - 1);
    let (last, _) = graphemes.next()?;
    let (limit, _) = graphemes.next()?;
    Some((limit, last))
}

/// The last place at or before `limit` where a sentence, with the quotes and brackets that close after it, has ended.
fn sentence_end(text: &str, limit: usize) -> Option<usize> {
    let mut found = None;
    let mut open: Option<bool> = None; // inside a run of end marks and closers; true once the run surely ends a sentence
    for (at, c) in text.char_indices() {
        if let Some(sure) = open {
            let goes_on = is_end_mark(c) || is_closer(c);
            if !goes_on {
                // A full stop inside `3.14` or `example.com` ends nothing.
                if at <= limit && (sure || c.is_whitespace()) {
                    found = Some(at);
                }
                open = None;
            } else if is_end_mark(c) && c != '.' {
                open = Some(true);
            }
        } else if is_end_mark(c) {
            open = Some(c != '.');
        }
        if at > limit && open.is_none() {
            break;
        }
    }
    found
}

/// The last clause or word end, unless it would throw away more than half.
fn clause_end(room: &str) -> Option<usize> {
    let (at, c) = room
        .char_indices()
        .rfind(|(_, c)| c.is_whitespace() || is_clause_mark(*c))?;
    (at >= room.len() / 2).then_some(at + c.len_utf8())
}

fn is_end_mark(c: char) -> bool {
    matches!(
        c,
        '。' | '！' | '？' | '…' | '．' | '｡' | '.' | '!' | '?' | '‼' | '⁇'
    )
}

fn is_closer(c: char) -> bool {
    matches!(
        c,
        '”' | '’'
            | '"'
            | '\''
            | '」'
            | '』'
            | '）'
            | ')'
            | '】'
            | ']'
            | '》'
            | '〉'
            | '»'
            | '〕'
            | '］'
            | '＂'
    )
}

fn is_clause_mark(c: char) -> bool {
    matches!(
        c,
        '，' | '、' | '；' | '：' | ',' | ';' | ':' | '—' | '–' | '｜'
    )
}

fn before(text: &str, end: usize) -> &str {
    text.get(..end).unwrap_or(text)
}
