//! What is remembered of a published document over restarts.

use super::Time;
use serde::{Deserialize, Serialize};

/// Tags remembered of a document; the oldest give way.
const MOST_TAGS: usize = 64;

/// Bytes that were published, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// Hash of the bytes.
    pub hash: u64,
    /// When they became what they are, in whole seconds: their Last-Modified.
    pub changed: Time,
    /// Which version of its feed the document of each tag was made of.
    #[serde(default)]
    pub past: Past,
}

/// What a document was made by, besides its feed: `Config::hash` and `RENDER_VERSION`.
pub type Maker = (u64, u32);

/// The entity tags of a feed's document, each with the version of the feed that it is of, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    maker: Maker,
    tags: Vec<(u64, u64)>,
}

impl Past {
    /// Remembers a tag. The first version of equal bytes counts: whoever has them may have read nothing since. What was made
    /// otherwise is forgotten. True when that was new.
    pub fn note(&mut self, maker: Maker, tag: u64, version: u64) -> bool {
        if self.maker != maker {
            *self = Past { maker, tags: Vec::new() };
        }
        let new = self.tags.iter().all(|(known, _)| *known != tag);
        if new {
            self.tags.push((tag, version));
            let beyond = self.tags.len().saturating_sub(MOST_TAGS);
            self.tags.drain(..beyond);
        }
        new
    }

    /// The version that whoever has these tags has read: the oldest of those that are known.
    pub fn version(&self, maker: Maker, tags: impl Iterator<Item = u64>) -> Option<u64> {
        let of = |tag| self.tags.iter().find(|(known, _)| *known == tag).map(|(_, version)| *version);
        tags.filter_map(of).min().filter(|_| self.maker == maker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_version_of_equal_bytes_is_what_a_reader_has() {
        let mut past = Past::default();
        for (tag, version) in [(7, 1), (8, 2), (7, 3)] {
            assert_eq!(past.note((1, 1), tag, version), version != 3);
        }
        let version = |past: &Past, tags: &[u64], maker| past.version(maker, tags.iter().copied());
        assert_eq!(version(&past, &[7], (1, 1)), Some(1));
        assert_eq!(version(&past, &[9, 8], (1, 1)), Some(2));
        assert_eq!(version(&past, &[8, 7], (1, 1)), Some(1), "of several the oldest");
        assert_eq!((version(&past, &[9], (1, 1)), version(&past, &[8], (2, 1))), (None, None));
        past.note((2, 1), 8, 7);
        assert_eq!(version(&past, &[8], (2, 1)), Some(7), "by another configuration it is another document");
        assert_eq!(version(&past, &[7], (2, 1)), None);
    }

    #[test]
    fn the_oldest_tags_give_way() {
        let mut past = Past::default();
        assert!((0..100).all(|n| past.note((1, 1), n, n)));
        assert_eq!(past.tags.len(), MOST_TAGS);
        assert_eq!((past.version((1, 1), [35].into_iter()), past.version((1, 1), [36].into_iter())), (None, Some(36)));
    }
}
