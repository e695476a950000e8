//! Where everything lies: one tree, keys whose byte order is their meaning.
//! Fixed-length parts stand raw and big-endian; a part of variable length is ended by a zero byte, which none can contain.

mod account;
mod follow;
mod hold;
mod lately;
mod own;
mod place;
mod printed;

pub use account::{account, account_of, accounts};
pub use follow::{all_heralded, follower, followers, heralded};
pub use hold::{hold, holds};
pub use lately::{ageing, ageing_of, ageings, lately};
pub use own::{
    applied, categories, category, dictionaries, dictionary, epoch, forget, is_bookkeeping, policies, policy, recode,
    renewed, schema, sequence, tagged,
};
pub use place::Place;
pub use printed::{all_printed, printed};

use super::codec::{self, code_bytes};
use crate::model::{Alias, FeedId, InfoCode, SourceId, TagName, Time};
use sha2::{Digest, Sha256};

/// Version of this layout and of the values below it. An older program refuses a newer one.
/// 2: a journal stands before the tree. 3: joins in blocks, metas packed, dictionaries, withdrawals.
/// 4: tags; what left a feed leaves a trace in its block, and what stands in archives only is marked there.
pub const SCHEMA: u32 = 4;

/// Joins in one value: as many as an archive document will hold.
pub const BLOCK: u64 = 50;

const META: &[u8] = b"m|";
const BODY: &[u8] = b"b|";
const EDITION: &[u8] = b"e|";
const ALIAS: &[u8] = b"a|";
const JOIN: &[u8] = b"j|";
const ORDER: &[u8] = b"c|";
const CHANGE: &[u8] = b"u|";
const STATE: &[u8] = b"f|";
const ABOUT: &[u8] = b"g|";
const PUBLISHED: &[u8] = b"i|";
const HEAD: &[u8] = b"v|";
const TOMBSTONE: &[u8] = b"t|";
const WAKE: &[u8] = b"w|";
const HIDDEN: &[u8] = b"x|";
const LISTED: &[u8] = b"l|";
const SUBSCRIPTION: &[u8] = b"p|";

/// The spelling of a feed in keys and in `Join::feed`: `a:`, `c:<slug>`, `s:<source id>`, `t:<tag>`.
pub fn feed_key(feed: &FeedId) -> String {
    match feed {
        FeedId::All => "a:".to_owned(),
        FeedId::Category(slug) => format!("c:{slug}"),
        FeedId::Source(id) => format!("s:{id}"),
        FeedId::Tag(tag) => tag_feed(tag),
    }
}

/// Before the name of a tag in its feed's key.
pub const TAGS: &str = "t:";

/// Key of a tag's feed.
pub fn tag_feed(tag: &TagName) -> String {
    format!("{TAGS}{tag}")
}

/// Tags are as many as publishers like: what is kept of each feed in memory leaves theirs out.
pub fn is_of_a_tag(feed: &str) -> bool {
    feed.starts_with("t:")
}

/// `m|code`: what is kept of an entry besides its words.
pub fn meta(code: &InfoCode) -> Vec<u8> {
    join(&[META, &code_bytes(code)])
}

/// Prefix of all metas, in code order.
pub fn metas() -> &'static [u8] {
    META
}

/// `b|code`: the current edition.
pub fn body(code: &InfoCode) -> Vec<u8> {
    join(&[BODY, &code_bytes(code)])
}

/// Prefix of all current editions, in code order.
pub fn bodies() -> &'static [u8] {
    BODY
}

/// `e|code 0 number`: an earlier edition.
pub fn edition(code: &InfoCode, number: u32) -> Vec<u8> {
    join(&[EDITION, &code_bytes(code), &[0], &number.to_be_bytes()])
}

/// Prefix of the earlier editions of an entry, oldest first.
pub fn editions(code: &InfoCode) -> Vec<u8> {
    join(&[EDITION, &code_bytes(code), &[0]])
}

/// The number that ends the key of an edition.
pub fn edition_number(key: &[u8]) -> Option<u32> {
    key.last_chunk::<4>().map(|number| u32::from_be_bytes(*number))
}

/// Prefixes of all packed values, in order.
pub fn packed() -> [Vec<u8>; 3] {
    [BODY.to_vec(), EDITION.to_vec(), META.to_vec()]
}

/// `a|hash of the alias, namespace`: the alias comes first so that a person's link is found without knowing whose it is;
/// hashed, because guids are as long and as odd as their publishers like.
pub fn alias(namespace: &str, alias: &Alias) -> Vec<u8> {
    join(&[ALIAS, &digest(&alias.0), namespace.as_bytes()])
}

/// The same by its hash.
pub fn alias_hashed(namespace: &str, hash: &[u8; 16]) -> Vec<u8> {
    join(&[ALIAS, hash, namespace.as_bytes()])
}

/// Prefix of all aliases.
pub fn aliases() -> &'static [u8] {
    ALIAS
}

/// Hash and namespace in the key of an alias.
pub fn alias_parts(key: &[u8]) -> Option<([u8; 16], &str)> {
    let (hash, namespace) = key.strip_prefix(ALIAS)?.split_first_chunk::<16>()?;
    Some((*hash, std::str::from_utf8(namespace).ok()?))
}

/// Prefix of an alias in every namespace.
pub fn alias_anywhere(alias: &Alias) -> Vec<u8> {
    join(&[ALIAS, &digest(&alias.0)])
}

/// `j|feed 0 block`: who joined a feed, in the order of joining, `BLOCK` numbers a value.
pub fn joined(feed: &str, number: u64) -> Vec<u8> {
    let block = number.saturating_sub(1) / BLOCK;
    join(&[JOIN, feed.as_bytes(), &[0], &block.to_be_bytes()])
}

/// Prefix of all joins of a feed.
pub fn joins(feed: &str) -> Vec<u8> {
    join(&[JOIN, feed.as_bytes(), &[0]])
}

/// `c|feed 0 sort date, sequence of birth, rank`: everything filed under a feed, oldest first.
pub fn order(feed: &str, place: Place) -> Vec<u8> {
    join(&[ORDER, feed.as_bytes(), &[0], &place.bytes()])
}

/// Prefix of all that is filed under a feed.
pub fn orders(feed: &str) -> Vec<u8> {
    join(&[ORDER, feed.as_bytes(), &[0]])
}

/// `u|sequence part`: what a commit changed; a large commit has several parts.
pub fn change(sequence: u64, part: u32) -> Vec<u8> {
    join(&[CHANGE, &sequence.to_be_bytes(), &part.to_be_bytes()])
}

/// Prefix of all changes.
pub fn changes() -> &'static [u8] {
    CHANGE
}

/// Sequence and part of a key of a change.
pub fn change_of(key: &[u8]) -> Option<(u64, u32)> {
    let (sequence, part) = key.strip_prefix(CHANGE)?.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*sequence), u32::from_be_bytes(part.try_into().ok()?)))
}

/// `t|code`: taken away, and when (i64 microseconds).
pub fn tombstone(code: &InfoCode) -> Vec<u8> {
    join(&[TOMBSTONE, &code_bytes(code)])
}

/// Prefix of all tombstones.
pub fn tombstones() -> &'static [u8] {
    TOMBSTONE
}

/// `w|time code`: when time alone changes an entry.
pub fn wake(at: Time, code: &InfoCode) -> Vec<u8> {
    join(&[WAKE, &sortable(at.timestamp_micros()), &code_bytes(code)])
}

/// Prefix of all wakes, in the order of time.
pub fn wakes() -> &'static [u8] {
    WAKE
}

/// Time and code of a wake.
pub fn wake_of(key: &[u8]) -> Option<(Time, InfoCode)> {
    let (time, code) = key.strip_prefix(WAKE)?.split_first_chunk::<8>()?;
    let micros = (u64::from_be_bytes(*time) ^ (1 << 63)) as i64;
    Some((Time::from_timestamp_micros(micros)?, codec::code(code).ok()?))
}

/// `x|source 0 code`: an entry of the source that does not stand in its feed, and has not lost its words.
pub fn hidden(source: &SourceId, code: &InfoCode) -> Vec<u8> {
    join(&[HIDDEN, source.as_str().as_bytes(), &[0], &code_bytes(code)])
}

/// Prefix of a source's hidden entries; the code follows.
pub fn hidden_of(source: &SourceId) -> Vec<u8> {
    join(&[HIDDEN, source.as_str().as_bytes(), &[0]])
}

/// `l|source`: the codes its last document listed.
pub fn listed(source: &SourceId) -> Vec<u8> {
    join(&[LISTED, source.as_str().as_bytes()])
}

/// `f|source`: state and validators.
pub fn state(source: &SourceId) -> Vec<u8> {
    join(&[STATE, source.as_str().as_bytes()])
}

/// `g|source`: what its document says about itself.
pub fn about(source: &SourceId) -> Vec<u8> {
    join(&[ABOUT, source.as_str().as_bytes()])
}

/// Prefix of all states.
pub fn states() -> &'static [u8] {
    STATE
}

/// `p|callback token`: a subscription at a WebSub hub.
pub fn subscription(token: &str) -> Vec<u8> {
    join(&[SUBSCRIPTION, token.as_bytes()])
}

/// Prefix of all subscriptions.
pub fn subscriptions() -> &'static [u8] {
    SUBSCRIPTION
}

/// `i|hash of a published id`: who is published under it, in whichever format.
pub fn published(id: &str) -> Vec<u8> {
    join(&[PUBLISHED, &digest(id)])
}

/// Keys that meet small pages all over the store: in a large one a thousand different ones.
pub fn strewn() -> impl Iterator<Item = Vec<u8>> {
    (0..=u16::MAX).step_by(64).map(|start| join(&[PUBLISHED, &start.to_be_bytes()]))
}

/// `v|feed`: version and counters of a feed.
pub fn head(feed: &str) -> Vec<u8> {
    join(&[HEAD, feed.as_bytes()])
}

/// Prefix of all heads.
pub fn heads() -> &'static [u8] {
    HEAD
}

/// Prefixes of the heads that are kept in memory: all but those of tags.
pub fn held_heads() -> [Vec<u8>; 3] {
    ["a:", "c:", "s:"].map(head)
}

/// What follows a prefix in a key, as text; `None` when the key has another form.
pub fn tail<'a>(prefix: &[u8], key: &'a [u8]) -> Option<&'a str> {
    key.strip_prefix(prefix).and_then(|rest| std::str::from_utf8(rest).ok())
}

/// The sign bit turned over, so that times before 1970 sort before those after.
fn sortable(micros: i64) -> [u8; 8] {
    ((micros as u64) ^ (1 << 63)).to_be_bytes()
}

/// The first half of SHA-256: what is stored is hostile, so a weak hash would let one id take another's place.
fn digest(text: &str) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut().zip(Sha256::digest(text.as_bytes()).iter()).for_each(|(to, from)| *to = *from);
    half
}

fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn order_is_by_date_then_birth_then_rank() {
        let keys: Vec<_> = [(-5, 9, 9), (5, 1, 2), (5, 2, 1), (5, 256, 1), (300, 1, 1)]
            .map(|(date, born, rank)| order("a:", Place::new(at(date), born, rank)))
            .to_vec();
        assert!(keys.is_sorted(), "{keys:?}");
    }

    #[test]
    fn a_feed_whose_name_begins_another_keeps_its_own_keys() {
        assert!(!joined("c:rail-news", 1).starts_with(&joins("c:rail")));
        assert_eq!([1, 50, 51].map(|number| joined("a:", number) == joined("a:", 1)), [true, true, false]);
        assert!(joined("c:rail", 1).starts_with(&joins("c:rail")));
        let (short, long) = (InfoCode::parse("NW1").unwrap(), InfoCode::parse("NW10").unwrap());
        assert!(!edition(&long, 1).starts_with(&edition(&short, 1)[..6]));
    }

    #[test]
    fn no_two_kinds_of_values_lie_under_one_letter() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
        let files = std::fs::read_dir(folder.join("keys")).unwrap().map(|file| file.unwrap().path());
        let mut letters = Vec::new();
        for file in files.chain([folder.join("keys.rs")]) {
            let text = std::fs::read_to_string(file).unwrap();
            let lines = text.lines().filter(|line| line.starts_with("const ") && line.ends_with("|\";"));
            letters.extend(lines.filter_map(|line| Some(line.split_once("b\"")?.1.to_owned())));
        }
        let found = letters.len();
        letters.sort();
        letters.dedup();
        assert!(found > 20 && letters.len() == found, "{letters:?}");
    }

    #[test]
    fn an_alias_is_found_in_every_namespace_and_never_in_another_alias() {
        let (one, two) = (Alias("link:a/b".into()), Alias("link:a/bc".into()));
        assert!(alias("x.example", &one).starts_with(&alias_anywhere(&one)));
        assert_ne!(alias("cx.example", &one), alias("x.example", &two));
    }
}
