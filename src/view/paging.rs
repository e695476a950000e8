//! Where the documents of a feed lead to each other (RFC 5005 §4): the head to the newest archive, each archive to those beside
//! it and to the head. Addresses are without extension: each format leads to documents of its own.

use crate::model::FeedPart;

/// The neighbours of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paging {
    /// It is an archive.
    pub is_archive: bool,
    /// It holds what changed since a reader last asked, not what there is (RFC 3229).
    pub is_delta: bool,
    /// The archive of what is older.
    pub previous: Option<String>,
    /// The archive of what is newer.
    pub next: Option<String>,
    /// The head, for an archive.
    pub current: Option<String>,
}

impl Paging {
    /// Of a document of the feed whose address is `base`, which has archives of these numbers.
    pub(super) fn of(base: &str, part: &FeedPart, archives: Option<(u64, u64)>) -> Paging {
        let (first, last) = archives.unwrap_or((1, 0));
        let address = |number: u64| {
            (first..=last).contains(&number).then(|| format!("{base}{}", FeedPart::Archive(number).path()))
        };
        match part {
            FeedPart::Head => Paging { previous: address(last), ..Paging::default() },
            FeedPart::Archive(number) => Paging {
                is_archive: true,
                previous: address(number.saturating_sub(1)),
                next: address(number + 1),
                current: Some(base.to_owned()),
                ..Paging::default()
            },
        }
    }

    /// Relations and addresses, of those that are there.
    pub fn links(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let links = [("prev-archive", &self.previous), ("next-archive", &self.next), ("current", &self.current)];
        links.into_iter().filter_map(|(rel, address)| Some((rel, address.as_deref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_lead_to_those_that_are_there() {
        let of = |part, archives| {
            let paging = Paging::of("/all", &part, archives);
            paging.links().map(|(rel, to)| format!("{rel} {to}")).collect::<Vec<_>>()
        };
        assert_eq!(of(FeedPart::Head, None), [""; 0]);
        assert_eq!(of(FeedPart::Head, Some((3, 4))), ["prev-archive /all/archive/4"]);
        assert_eq!(of(FeedPart::Archive(4), Some((3, 4))), ["prev-archive /all/archive/3", "current /all"]);
        assert_eq!(of(FeedPart::Archive(3), Some((3, 4))), ["next-archive /all/archive/4", "current /all"]);
    }
}
