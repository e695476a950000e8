//! Two runs of lines compared: sentence by sentence, and what was replaced word by word.

use super::{Line, Piece};
use similar::{Algorithm, DiffOp, capture_diff_slices, get_diff_ratio};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// Beyond so many sentences or words the comparison, quadratic at worst, is not made: everything counts as replaced.
const MAX_PARTS: usize = 2_000;
/// Texts less alike than this are shown whole: marks on every other word help nobody.
const ALIKE: f32 = 0.35;
/// Common words between two changes, no more than this, are taken as changed with them.
const SPLINTER: usize = 1;

/// The lines of both, in one run.
pub fn compare(old: &[String], new: &[String]) -> Vec<Line> {
    let (old, new) = (sentences(old), sentences(new));
    let mut lines = Vec::new();
    for op in operations(&old, &new) {
        let (gone, come) = (slice(&old, op.old_range()), slice(&new, op.new_range()));
        if matches!(op, DiffOp::Equal { .. }) {
            lines.extend(gone.iter().map(|line| Line::Same((*line).to_owned())));
        } else {
            replaced(gone, come, &mut lines);
        }
    }
    lines
}

fn sentences(lines: &[String]) -> Vec<&str> {
    lines.iter().flat_map(|line| line.split_sentence_bounds()).map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// What turns one run into the other, a change at a time; of runs too long, one change of everything between what is common
/// at both ends.
fn operations<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<DiffOp> {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (slice(old, head..old.len()), slice(new, head..new.len()));
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old_len, new_len) = (old_rest.len() - tail, new_rest.len() - tail);
    if old_len.max(new_len) <= MAX_PARTS {
        return together(capture_diff_slices(Algorithm::Myers, old, new));
    }
    let common = |old_index, new_index, len| DiffOp::Equal { old_index, new_index, len };
    let between = DiffOp::Replace { old_index: head, old_len, new_index: head, new_len };
    let ops = [common(0, 0, head), between, common(head + old_len, head + new_len, tail)];
    ops.into_iter().filter(|op| !op.old_range().is_empty() || !op.new_range().is_empty()).collect()
}

/// A removal and an addition side by side are one replacement.
fn together(ops: Vec<DiffOp>) -> Vec<DiffOp> {
    let mut joined: Vec<DiffOp> = Vec::with_capacity(ops.len());
    for op in ops {
        let equal = |op: &DiffOp| matches!(op, DiffOp::Equal { .. });
        match joined.last_mut() {
            Some(last) if !equal(last) && !equal(&op) => {
                let (old, new) = (last.old_range(), last.new_range());
                *last = DiffOp::Replace {
                    old_index: old.start,
                    old_len: op.old_range().end.saturating_sub(old.start),
                    new_index: new.start,
                    new_len: op.new_range().end.saturating_sub(new.start),
                };
            }
            _ => joined.push(op),
        }
    }
    joined
}

/// Sentences that stand in place of others: compared as one run of words, so that it does not matter where they end.
fn replaced(gone: &[&str], come: &[&str], lines: &mut Vec<Line>) {
    let words = |sentences: &[&'_ str]| sentences.iter().map(|sentence| sentence.split_word_bounds().count()).sum();
    let (old_len, new_len): (usize, usize) = (words(gone), words(come));
    let old: Vec<&str> = gone.iter().flat_map(|sentence| sentence.split_word_bounds()).collect();
    let new: Vec<&str> = come.iter().flat_map(|sentence| sentence.split_word_bounds()).collect();
    let ops = if gone.is_empty() || come.is_empty() { Vec::new() } else { operations(&old, &new) };
    let alike = get_diff_ratio(&ops, old_len, new_len) >= ALIKE;
    let (mut less, mut more) = (vec![false; old_len], vec![false; new_len]);
    if alike {
        let last = ops.len().saturating_sub(1);
        for (at, op) in ops.iter().enumerate() {
            let splinter = at > 0 && at < last && op.old_range().len() <= SPLINTER;
            if splinter || !matches!(op, DiffOp::Equal { .. }) {
                mark(&mut less, op.old_range());
                mark(&mut more, op.new_range());
            }
        }
    }
    pieces(gone, &less).for_each(|pieces| lines.push(Line::Removed(pieces)));
    pieces(come, &more).for_each(|pieces| lines.push(Line::Added(pieces)));
}

fn mark(marks: &mut [bool], range: Range<usize>) {
    marks.iter_mut().skip(range.start).take(range.len()).for_each(|mark| *mark = true);
}

/// The words of each sentence, those alike in being marked or not put together.
fn pieces(sentences: &[&str], marks: &[bool]) -> impl Iterator<Item = Vec<Piece>> {
    let mut marks = marks.iter().copied();
    sentences.iter().map(move |sentence| {
        let mut pieces: Vec<Piece> = Vec::new();
        for word in sentence.split_word_bounds() {
            let changed = marks.next().unwrap_or_default();
            match pieces.last_mut() {
                Some(last) if last.changed == changed => last.text.push_str(word),
                _ => pieces.push(Piece { text: word.to_owned(), changed }),
            }
        }
        pieces
    })
}

fn slice<'s, 't>(of: &'s [&'t str], range: Range<usize>) -> &'s [&'t str] {
    of.get(range).unwrap_or_default()
}
