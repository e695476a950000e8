//! Two editions side by side, for people and programs: field by field, text by sentences, and within them by words or, where
//! a script has none between spaces, by characters. Pure and bounded.

mod readable;
mod sentences;
#[cfg(test)]
mod tests;

use crate::{
    model::{Edition, Field},
    store,
};
use serde::Serialize;
use std::fmt::Write;

/// Sentences shown around a change.
const CONTEXT: usize = 1;

/// What changed from one edition to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Number of the older edition.
    pub from: u32,
    /// Number of the newer edition.
    pub to: u32,
    /// The fields in which they tell a reader something else.
    pub fields: Vec<Difference>,
}

/// What changed in a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The field.
    pub field: Field,
    /// Its lines, both editions in one run.
    pub lines: Vec<Line>,
}

/// A line or sentence of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// In both.
    Same(String),
    /// In the older one only.
    Removed(Vec<Piece>),
    /// In the newer one only.
    Added(Vec<Piece>),
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Its characters.
    pub text: String,
    /// It is what changed in the line. In a line that has no counterpart nothing is marked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub changed: bool,
}

/// Compares two editions, each with its number.
pub fn compare(old: (u32, &Edition), new: (u32, &Edition)) -> Comparison {
    let difference = |field| {
        let lines = readable::forms(field, old.1, new.1);
        Difference { field, lines: lines.iter().flat_map(|(old, new)| sentences::compare(old, new)).collect() }
    };
    let fields = store::changes(old.1, new.1).into_iter().map(difference).collect();
    Comparison { from: old.0, to: new.0, fields }
}

impl Comparison {
    /// As text: `-` and `+` lines below each field's name, with what changed in them marked, in colours or by brackets.
    pub fn text(&self, coloured: bool) -> String {
        let style = if coloured { &COLOURED } else { &BARE };
        let mut text = String::new();
        for (at, Difference { field, lines }) in self.fields.iter().enumerate() {
            let gap = if at == 0 { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{}{field}{}", style.name.0, style.name.1);
            let shown = near_changes(lines);
            let mut left_out = 0;
            for (line, shown) in lines.iter().zip(shown) {
                if !shown {
                    left_out += 1;
                    continue;
                }
                note_left_out(&mut text, &mut left_out);
                style.line(&mut text, line);
            }
            note_left_out(&mut text, &mut left_out);
        }
        text.trim_end().to_owned()
    }
}

/// Which lines stand near enough to a change to be shown.
fn near_changes(lines: &[Line]) -> Vec<bool> {
    let changed: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| !matches!(line, Line::Same(_))).map(|(at, _)| at).collect();
    let mut shown = vec![false; lines.len()];
    for at in changed {
        shown.iter_mut().skip(at.saturating_sub(CONTEXT)).take(at.min(CONTEXT) + 1 + CONTEXT).for_each(|it| *it = true);
    }
    shown
}

fn note_left_out(text: &mut String, left_out: &mut usize) {
    if *left_out > 0 {
        let _ = writeln!(text, "  … {left_out} unchanged");
    }
    *left_out = 0;
}

/// What stands before and after each kind of thing.
struct Style {
    name: (&'static str, &'static str),
    removed: (&'static str, &'static str),
    added: (&'static str, &'static str),
    less: (&'static str, &'static str),
    more: (&'static str, &'static str),
}

const BARE: Style =
    Style { name: ("", ""), removed: ("", ""), added: ("", ""), less: ("[-", "-]"), more: ("{+", "+}") };
const COLOURED: Style = Style {
    name: ("\x1b[1m", "\x1b[0m"),
    removed: ("\x1b[31m", "\x1b[0m"),
    added: ("\x1b[32m", "\x1b[0m"),
    less: ("\x1b[7m", "\x1b[27m"),
    more: ("\x1b[7m", "\x1b[27m"),
};

impl Style {
    fn line(&self, text: &mut String, line: &Line) {
        let (sign, (before, after), marks, pieces) = match line {
            Line::Same(line) => return writeln!(text, "  {line}").unwrap_or_default(),
            Line::Removed(pieces) => ("-", self.removed, self.less, pieces),
            Line::Added(pieces) => ("+", self.added, self.more, pieces),
        };
        let _ = write!(text, "{before}{sign} ");
        for Piece { text: piece, changed } in pieces {
            let (open, close) = if *changed { marks } else { ("", "") };
            let _ = write!(text, "{open}{piece}{close}");
        }
        let _ = writeln!(text, "{after}");
    }
}
