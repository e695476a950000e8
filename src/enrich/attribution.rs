//! Whose work it is (domain §5): the publisher and the bylines a text names, and our source's reference to itself.

use super::text;
use crate::model::{Publisher, Text, TextKind};
use regex::Regex;
use std::sync::LazyLock;

/// Lines looked at from each end of a text.
const HEAD: usize = 4;
const TAIL: usize = 5;
/// Longest line that can be an attribution or a byline, in characters; more is prose.
const MAX_LINE: usize = 120;
/// Bylines kept.
const MAX_BYLINES: usize = 4;

static NAMED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[（(]\s*(?:文章)?来源\s*[:：]\s*(.+?)\s*[）)]$").ok());
static AT_END: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[（(]\s*(?:文章)?来源\s*[:：][^（()）]+(?:[（(][^（()）]*[）)])?\s*[）)]$").ok());
static SECOND: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^([（(].+[）)])\s*[（(][^（()）]*[）)]$").ok());
static BYLINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[\s（(【，。；|｜])((?:[\p{Han}A-Za-z·]{0,12}?记者|通讯员)[\s:：]*[\p{Han}·]{2,}(?:[\s、，,]+(?:通讯员[\s:：]*)?[\p{Han}·]{2,4})*)").ok()
});

/// What the text says about whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The publisher named.
    pub publisher: Option<Publisher>,
    /// Bylines, each run as one string.
    pub byline: Vec<String>,
}

/// Looks through a body. `raw` is what the document said, in which the class that marks an attribution still stands;
/// `safe` is the same, sanitised.
pub fn find(raw: &Text, safe: &str) -> Found {
    // Neither can stand in a text without these words, which spares most sources the search.
    let (sourced, signed) = (safe.contains("来源"), safe.contains("记者") || safe.contains("通讯员"));
    if !sourced && !signed {
        return Found::default();
    }
    let lines = match raw.kind {
        TextKind::Html => text::lines(safe),
        TextKind::Plain => {
            raw.value.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        }
    };
    Found {
        publisher: publisher(raw, &lines).filter(|_| sourced),
        byline: if signed { byline(&lines) } else { Vec::new() },
    }
}

fn publisher(raw: &Text, lines: &[String]) -> Option<Publisher> {
    let last = lines.last().map(String::as_str).unwrap_or_default();
    let marked = marked_line(&raw.value);
    let tail = lines.iter().rev().take(TAIL).map(String::as_str);
    marked.as_deref().into_iter().chain(tail).find_map(|line| {
        let (line, name) = named_in(line)?;
        Some(Publisher { name, raw: line.to_owned(), ends_text: last.ends_with(line) })
    })
}

/// The attribution in a line and the name in it: the whole line, before a second bracket, or the line's end.
fn named_in(line: &str) -> Option<(&str, String)> {
    let line = line.trim();
    let name_of = |text: &str| NAMED.as_ref()?.captures(text)?.get(1).map(|name| name.as_str().to_owned());
    let short = |name: &String| name.chars().count() <= MAX_LINE / 2 && !name.is_empty();
    if line.chars().count() <= MAX_LINE {
        let first = SECOND
            .as_ref()
            .and_then(|second| second.captures(line))
            .and_then(|found| found.get(1))
            .map(|first| first.as_str());
        if let Some(name) = first.and_then(name_of).filter(short).filter(|name| !name.contains(['）', ')'])) {
            return Some((line, name));
        }
        if let Some(name) = name_of(line).filter(short) {
            return Some((line, name));
        }
    }
    let end = AT_END.as_ref()?.find(line)?.as_str();
    Some((end, name_of(end).filter(short)?))
}

/// The text of the last element of class `em_media`.
fn marked_line(html: &str) -> Option<String> {
    let mark = html.rfind("em_media")?;
    let open = html.get(..mark)?.rfind('<')?;
    let name: String = html.get(open + 1..)?.chars().take_while(char::is_ascii_alphanumeric).collect();
    let inside = html.get(mark..)?.split_once('>')?.1;
    let end = inside.find(&format!("</{name}")).unwrap_or(inside.len());
    let words: Vec<String> = text::lines(inside.get(..end)?);
    Some(words.concat()).filter(|line| !line.is_empty())
}

fn byline(lines: &[String]) -> Vec<String> {
    let tail = lines.len().saturating_sub(TAIL).max(HEAD);
    let ends = lines.iter().take(HEAD).chain(lines.iter().skip(tail));
    let mut found: Vec<String> = Vec::new();
    for line in ends {
        // A byline opens or closes a paragraph; in the midst of prose 记者 is only a word.
        let head: String = line.chars().take(MAX_LINE / 2).collect();
        let tail: String =
            line.chars().skip(line.chars().count().saturating_sub(MAX_LINE / 2).max(MAX_LINE / 2)).collect();
        for part in [head, tail] {
            for run in BYLINE.iter().flat_map(|byline| byline.captures_iter(&part)).filter_map(|found| found.get(1)) {
                for run in runs(run.as_str()) {
                    if is_clean(run) && !found.iter().any(|other| other == run) && found.len() < MAX_BYLINES {
                        found.push(run.to_owned());
                    }
                }
            }
        }
    }
    found
}

/// `记者 王五 通讯员 赵六` are two runs.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let at = text
        .char_indices()
        .skip(1)
        .find_map(|(at, _)| text.get(at..).filter(|rest| rest.starts_with("通讯员")).map(|_| at));
    let (first, second) = text.split_at_checked(at.unwrap_or(text.len())).unwrap_or((text, ""));
    [first.trim(), second.trim()].into_iter().filter(|run| !run.is_empty())
}

/// Names follow the word with a space or colon between, or are short; `记者从市政府了解到` is prose.
fn is_clean(run: &str) -> bool {
    let Some(after) = run.split_once("记者").or_else(|| run.split_once("通讯员")).map(|(_, after)| after) else {
        return false;
    };
    let names = after.trim_start_matches([' ', '\u{3000}', ':', '：']);
    let apart = names.len() < after.len();
    let prose = [
        "从", "获悉", "了解", "在", "近日", "看到", "采访", "问", "会", "表示", "今", "昨", "注意", "发现", "就", "们",
        "为",
    ];
    let starts_as_prose = prose.iter().any(|word| names.starts_with(word));
    let longest = names.split([' ', '\u{3000}', '、', '，', ',']).map(|name| name.chars().count()).max().unwrap_or(0);
    !starts_as_prose && !names.is_empty() && longest <= if apart { 8 } else { 4 }
}
