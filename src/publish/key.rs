//! Which document of which feed, in which format.

use crate::{
    format::Format,
    model::{FeedId, FeedPart},
};

/// A document of a feed, in a format.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The feed.
    pub feed: FeedId,
    /// Which of its documents.
    pub part: FeedPart,
    /// The format.
    pub format: Format,
}

impl Key {
    /// What a feed's subscribers read.
    pub fn head(feed: FeedId, format: Format) -> Key {
        Key { feed, part: FeedPart::Head, format }
    }

    /// Its path, under which the store remembers it.
    pub fn path(&self) -> String {
        format!("{}{}.{}", self.feed.path(), self.part.path(), self.format.extension())
    }

    /// The reverse; `None` for any other path.
    pub fn of_path(path: &str) -> Option<Key> {
        let (stem, extension) = path.rsplit_once('.')?;
        let format = Format::ALL.into_iter().find(|format| format.extension() == extension)?;
        let archive = stem.rsplit_once("/archive/").and_then(|(feed, number)| Some((feed, number.parse().ok()?)));
        let (feed, part) = match archive.map(|(feed, number)| (FeedId::of_path(feed), FeedPart::Archive(number))) {
            Some((Some(feed), part)) => (feed, part),
            _ => (FeedId::of_path(stem)?, FeedPart::Head),
        };
        Some(Key { feed, part, format })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_document_and_is_read_back() {
        let tag = FeedId::Tag(crate::model::TagName::of("铁路 1/2").unwrap());
        for feed in [FeedId::All, FeedId::Category(crate::model::Slug::parse("archive").unwrap()), tag] {
            for part in [FeedPart::Head, FeedPart::Archive(12)] {
                let key = Key { feed: feed.clone(), part, format: Format::Atom };
                assert_eq!(Key::of_path(&key.path()), Some(key));
            }
        }
        for path in ["", "/all", "/all.html", "/category/Rail.rss", "/all/archive/x.atom", "all.rss"] {
            assert_eq!(Key::of_path(path), None, "{path}");
        }
    }
}
