//! A rehearsal in words, a line an entry.

use super::{FeedChange, Line, Rehearsal, Standing};
use crate::{
    policy,
    view::{ItemBody, ItemView},
};
use std::fmt;

/// Entries named of each kind in each feed; of more the number is told.
const NAMED: usize = 20;

/// What of an entry would read otherwise; `None`: nothing.
pub(super) fn difference(was: &ItemView, is: &ItemView) -> Option<String> {
    let title = |item: &ItemView| item.title.as_ref().map(policy::plain).unwrap_or_default();
    let kind = |body: &ItemBody| match body {
        ItemBody::Full(_) => "full",
        ItemBody::Excerpt { .. } => "excerpt",
        ItemBody::Link => "link",
    };
    let mut told = Vec::new();
    if title(was) != title(is) {
        told.push(format!("title: {}", title(is).trim()));
    }
    if kind(&was.body) != kind(&is.body) {
        told.push(format!("content: {} → {}", kind(&was.body), kind(&is.body)));
    } else if format!("{:?}", was.body) != format!("{:?}", is.body) {
        told.push("text".to_owned());
    }
    if was.link != is.link {
        told.push(format!("link: {}", is.link));
    }
    if was.credit != is.credit {
        told.push("credit line".to_owned());
    }
    if told.is_empty() && format!("{was:?}") != format!("{is:?}") {
        told.push("what is said of its source".to_owned());
    }
    Some(told.join("; ")).filter(|told| !told.is_empty())
}

impl fmt::Display for Rehearsal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.feeds.is_empty() {
            return f.write_str("no published feed would change");
        }
        for feed in &self.feeds {
            writeln!(f, "{feed}")?;
        }
        let sum = |count: fn(&FeedChange) -> usize| self.feeds.iter().map(count).sum::<usize>();
        let (left, joined, changed) =
            (sum(|feed| feed.left.len()), sum(|feed| feed.joined.len()), sum(|feed| feed.changed.len()));
        write!(f, "{} feeds would change: {left} entries out, {joined} in, {changed} otherwise", self.feeds.len())
    }
}

impl fmt::Display for FeedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standing = match self.standing {
            Standing::Stays => "",
            Standing::New => "  (new)",
            Standing::Gone => "  (not there any more)",
        };
        writeln!(f, "{}{standing}", self.feed.path())?;
        if let Some((was, is)) = &self.title {
            writeln!(f, "  title: {} → {}", was.trim(), is.trim())?;
        }
        some(f, '-', self.left.iter().map(|(line, why)| (line, why.as_str())))?;
        some(f, '+', self.joined.iter().map(|line| (line, "")))?;
        some(f, '~', self.changed.iter().map(|(line, what)| (line, what.as_str())))
    }
}

fn some<'a>(
    f: &mut fmt::Formatter<'_>,
    sign: char,
    lines: impl ExactSizeIterator<Item = (&'a Line, &'a str)>,
) -> fmt::Result {
    let more = lines.len().saturating_sub(NAMED);
    for (Line { date, title, .. }, what) in lines.take(NAMED) {
        let what = if what.is_empty() { String::new() } else { format!("  ({what})") };
        writeln!(f, "  {sign} {}  {title}{what}", date.format("%Y-%m-%d"))?;
    }
    if more > 0 {
        writeln!(f, "  {sign} and {more} more")?;
    }
    Ok(())
}
