//! The lines of a file of entries, each with its number, in the order in which the entries were first seen: so they join feeds
//! as they once did, whatever order the file has. Forty bytes of memory a line; the lines themselves stay in the file.

use crate::model::Time;
use anyhow::Context;
use serde::Deserialize;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};
use tokio::sync::mpsc;

/// Longest line, bytes. Ten editions of the longest bodies that are read from a document are two thirds of it.
pub const MAX_LINE: usize = 64 << 20;
/// Lines on their way at a time.
const WAITING: usize = 8;

/// A line of the file; or why it cannot be one.
#[derive(Debug)]
pub struct Line {
    /// From 1, as editors count.
    pub number: u64,
    /// Without its line break.
    pub text: Result<String, String>,
}

/// A file of entries, looked through once.
pub(super) struct Lines {
    file: File,
    places: Vec<Place>,
}

/// Where a line is, ordered by when its entry was first seen.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    first_seen: i64,
    sort_date: i64,
    number: u64,
    at: u64,
    length: usize,
}

/// What decides the order. A line that has none of it is wrong, and comes first.
#[derive(Deserialize)]
struct Order {
    first_seen: Option<Time>,
    sort_date: Option<Time>,
}

impl Lines {
    /// Looks through a file; `-` and what is no regular file are first copied to a temporary one.
    pub(super) fn open(path: &Path) -> anyhow::Result<Lines> {
        let stdin = path == Path::new("-");
        let name = if stdin { "standard input".to_owned() } else { path.display().to_string() };
        let file = if stdin {
            spooled(&mut io::stdin().lock())
        } else {
            File::open(path).and_then(|mut file| if file.metadata()?.is_file() { Ok(file) } else { spooled(&mut file) })
        };
        let file = file.with_context(|| format!("{name}: cannot be read"))?;
        let places = places(&mut BufReader::new(&file)).with_context(|| format!("{name}: cannot be read"))?;
        Ok(Lines { file, places })
    }

    /// How many there are; blank ones do not count.
    pub(super) fn count(&self) -> u64 {
        self.places.len() as u64
    }

    /// Reads them on a thread of its own.
    pub(super) fn start(self) -> mpsc::Receiver<Line> {
        let (sender, lines) = mpsc::channel(WAITING);
        tokio::task::spawn_blocking(move || {
            for place in &self.places {
                // Whoever reads them may have ended early.
                if sender.blocking_send(self.line(place)).is_err() {
                    break;
                }
            }
        });
        lines
    }

    fn line(&self, place: &Place) -> Line {
        let mut bytes = vec![0; place.length.min(MAX_LINE)];
        let text = if place.length > MAX_LINE {
            Err(format!("longer than {} MiB", MAX_LINE >> 20))
        } else {
            let read =
                self.file.read_exact_at(&mut bytes, place.at).map_err(|error| format!("cannot be read: {error}"));
            read.and_then(|()| String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned()))
        };
        Line { number: place.number, text: text.map(|text| text.trim_start_matches('\u{feff}').trim().to_owned()) }
    }
}

fn places(reader: &mut impl BufRead) -> io::Result<Vec<Place>> {
    let (mut places, mut at, mut number, mut line) = (Vec::new(), 0, 0, Vec::new());
    loop {
        line.clear();
        let length = next_line(reader, &mut line)?;
        if length == 0 {
            break;
        }
        number += 1;
        if length > MAX_LINE || !line.trim_ascii().is_empty() {
            let order = serde_json::from_slice(&line).unwrap_or(Order { first_seen: None, sort_date: None });
            let micros = |time: Option<Time>| time.map_or(i64::MIN, |time| time.timestamp_micros());
            let (first_seen, sort_date) = (micros(order.first_seen), micros(order.sort_date));
            places.push(Place { first_seen, sort_date, number, at, length });
        }
        at += length as u64;
    }
    places.sort_unstable();
    Ok(places)
}

/// Reads a line, of one that is too long its beginning only; gives its whole length with the line break, 0 at the end.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    loop {
        let buffer = reader.fill_buf()?;
        let (part, ended) = match memchr::memchr(b'\n', buffer) {
            Some(at) => (buffer.get(..=at).unwrap_or(buffer), true),
            None => (buffer, buffer.is_empty()),
        };
        let room = MAX_LINE.saturating_sub(line.len());
        line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
        let taken = part.len();
        length += taken;
        reader.consume(taken);
        if ended {
            return Ok(length);
        }
    }
}

/// A copy that goes with this process.
fn spooled(from: &mut dyn Read) -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("syndic-import-{}.tmp", std::process::id()));
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    fs::remove_file(&path)?;
    io::copy(from, &mut file)?;
    file.flush()?;
    io::Seek::rewind(&mut file)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_by_first_seen_with_their_numbers_and_blank_ones_do_not_count() {
        let line = |seen: &str, sort: &str| {
            format!("{{\"first_seen\":\"{seen}T00:00:00Z\",\"sort_date\":\"{sort}T00:00:00Z\"}}")
        };
        let text = [line("2022-02-02", "2022-01-01"), String::new(), line("2022-01-01", "2022-01-01"), "wrong".into()];
        let text = format!("{}\n{}", text.join("\n"), line("2022-02-02", "2021-01-01"));
        let places = places(&mut text.as_bytes()).unwrap();
        assert_eq!(places.iter().map(|place| place.number).collect::<Vec<_>>(), [4, 3, 5, 1]);
        let last = &places[3];
        assert!(text[last.at as usize..][..last.length].starts_with("{\"first_seen\":\"2022-02-02"));
    }

    #[test]
    fn a_line_too_long_is_measured_and_not_held() {
        let text = [vec![b'x'; MAX_LINE + 10], b"\nshort".to_vec()].concat();
        let mut reader = BufReader::new(&text[..]);
        let mut line = Vec::new();
        assert_eq!(next_line(&mut reader, &mut line).unwrap(), MAX_LINE + 11);
        assert_eq!(line.len(), MAX_LINE);
        line.clear();
        assert_eq!((next_line(&mut reader, &mut line).unwrap(), line.as_slice()), (5, &b"short"[..]));
        assert_eq!(next_line(&mut reader, &mut line).unwrap(), 0);
    }
}
