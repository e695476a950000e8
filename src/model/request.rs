//! The last requests to a source and their answers: a short ring, kept as bytes of which a poll reads no more than the end. Requests that
//! were answered alike are one, with how often and since when.

use super::{Answer, Failure, FailureKind, Time};
use chrono::serde::{ts_seconds, ts_seconds_option};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};
use std::fmt;

/// So many are remembered.
const MOST: usize = 10;
/// And so many bytes of them.
const ROOM: usize = 2048;
/// Bytes of an error, an address or a reason that are kept.
const WORDS: usize = 240;

/// One request, or several that were answered alike one after the other; of them the last, and when the first was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// When the answer had come.
    #[serde(rename = "a", with = "ts_seconds")]
    pub at: Time,
    /// When the first of them had.
    #[serde(rename = "f", with = "ts_seconds")]
    pub first: Time,
    /// How many.
    #[serde(rename = "t")]
    pub times: u32,
    /// What came.
    #[serde(rename = "c")]
    pub came: Came,
    /// HTTP status; 0 for folders, files, and where there was no answer.
    #[serde(rename = "s")]
    pub status: u16,
    /// Bytes of the document, after decoding.
    #[serde(rename = "b")]
    pub bytes: u64,
    /// How long the answer took, its host's turn included, in milliseconds.
    #[serde(rename = "d")]
    pub took: u64,
    /// What went wrong, in words.
    #[serde(rename = "m", skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Where it was permanently redirected.
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    /// When it was to be asked next; `None`: no more.
    #[serde(rename = "n", with = "ts_seconds_option", skip_serializing_if = "Option::is_none")]
    pub next: Option<Time>,
    /// Why then.
    #[serde(rename = "w", skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Came {
    /// A document that was read and stored.
    #[default]
    Document,
    /// The answer that nothing changed.
    NotModified,
    /// The same bytes as the last time.
    SameBytes,
    /// Nobody was asked: a hub pushed a document.
    Pushed,
    /// Nothing that could be used.
    Failed(FailureKind),
}

impl Request {
    /// An answer that could be used. `asked` and `answered`: when.
    pub fn answered(came: Came, answer: &Answer, asked: Time, answered: Time) -> Request {
        Request {
            at: answered,
            first: answered,
            times: 1,
            came,
            status: answer.status,
            took: (answered - asked).num_milliseconds().try_into().unwrap_or(0),
            moved_to: answer.moved_to.as_deref().map(short),
            ..Request::default()
        }
    }

    /// One that could not.
    pub fn failed(failure: &Failure, asked: Time, answered: Time) -> Request {
        let message = short(&failure.message);
        Request { message, ..Request::answered(Came::Failed(failure.kind), &failure.answer, asked, answered) }
    }

    /// A document always has something to say of its own.
    fn is_like(&self, before: &Request) -> bool {
        let brought = matches!(self.came, Came::Document | Came::Pushed);
        let what = |it: &Request| (it.came, it.status, it.message.clone(), it.moved_to.clone());
        !brought && what(self) == what(before)
    }
}

/// The ring: each request as its length in two bytes and MessagePack, the oldest first.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Requests(Vec<u8>);

impl Requests {
    /// Remembers one more, and forgets what there is no room for.
    pub fn push(&mut self, mut request: Request) {
        request.why = short(&request.why);
        let starts: Vec<usize> = self.starts().collect();
        if let Some(start) = starts.last()
            && let Some(before) = self.read(*start).filter(|before| request.is_like(before))
        {
            (request.first, request.times) = (before.first, before.times.saturating_add(1));
            self.0.truncate(*start);
        }
        let Ok(bytes) = rmp_serde::to_vec_named(&request) else { return };
        let Ok(length) = u16::try_from(bytes.len()) else { return };
        self.0.extend(length.to_be_bytes());
        self.0.extend(bytes);
        let starts: Vec<usize> = self.starts().collect();
        let too_many = starts.len().saturating_sub(MOST);
        let fits = |start: &usize| self.0.len() - start <= ROOM;
        let first = starts.iter().copied().enumerate().find(|(at, start)| *at >= too_many && fits(start));
        self.0.drain(..first.map_or(0, |(_, start)| start));
    }

    /// The requests, the latest first.
    pub fn latest(&self) -> Vec<Request> {
        let mut requests: Vec<Request> = self.starts().filter_map(|start| self.read(start)).collect();
        requests.reverse();
        requests
    }

    /// True when nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn starts(&self) -> impl Iterator<Item = usize> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let start = next;
            let (length, _) = self.0.get(start..)?.split_first_chunk::<2>()?;
            next = start + 2 + usize::from(u16::from_be_bytes(*length));
            Some(start)
        })
    }

    fn read(&self, start: usize) -> Option<Request> {
        let (length, rest) = self.0.get(start..)?.split_first_chunk::<2>()?;
        rmp_serde::from_slice(rest.get(..usize::from(u16::from_be_bytes(*length)))?).ok()
    }
}

/// So much of a text as is kept, on one line.
fn short(text: &str) -> String {
    let mut text = text.replace(['\n', '\r'], " ");
    text.truncate(text.floor_char_boundary(WORDS));
    text
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.latest()).finish()
    }
}

impl Serialize for Requests {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Requests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Requests, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Requests;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Requests, E> {
                Ok(Requests(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time::from_timestamp(second, 0).unwrap()
    }

    fn answered(second: i64, came: Came, status: u16) -> Request {
        let answer = Answer { status, ..Answer::default() };
        Request::answered(came, &answer, at(second), at(second + 1))
    }

    #[test]
    fn requests_that_were_answered_alike_are_one_and_documents_never_are() {
        let mut ring = Requests::default();
        for second in 0..5 {
            ring.push(Request { next: Some(at(second + 60)), ..answered(second, Came::NotModified, 304) });
        }
        ring.push(answered(5, Came::Document, 200));
        ring.push(answered(6, Came::Document, 200));
        let latest = ring.latest();
        assert_eq!(latest.iter().map(|it| (it.times, it.status)).collect::<Vec<_>>(), [(1, 200), (1, 200), (5, 304)]);
        assert_eq!((latest[2].first, latest[2].at, latest[2].next), (at(1), at(5), Some(at(64))));
        assert_eq!(latest[2].took, 1000);
        let kept: Requests = rmp_serde::from_slice(&rmp_serde::to_vec_named(&ring).unwrap()).unwrap();
        assert_eq!(kept, ring);
    }

    #[test]
    fn the_ring_is_bounded_in_number_and_in_bytes_and_keeps_the_latest() {
        let mut ring = Requests::default();
        for second in 0..100 {
            ring.push(answered(second, Came::Document, 200));
        }
        assert_eq!((ring.latest().len(), ring.latest()[0].at), (MOST, at(100)));
        assert!(ring.0.len() < 800, "{}", ring.0.len());
        for second in 0..100 {
            let failure = Failure::new(FailureKind::Status, format!("{second} {}", "坏".repeat(1000)));
            ring.push(Request::failed(&failure, at(second), at(second)));
        }
        assert!(ring.0.len() <= ROOM && ring.latest().len() > 3, "{}", ring.0.len());
        assert!(ring.latest()[0].message.starts_with("99 坏") && ring.latest()[0].message.len() <= WORDS);
    }

    #[test]
    fn bent_bytes_are_as_many_requests_as_can_be_read() {
        let mut ring = Requests::default();
        ring.push(answered(1, Came::NotModified, 304));
        let whole = ring.0.clone();
        for end in 0..whole.len() {
            let mut cut = Requests(whole[..end].to_vec());
            assert!(cut.latest().is_empty(), "{end}");
            cut.push(answered(2, Came::Document, 200));
            drop(cut.latest());
        }
    }
}
