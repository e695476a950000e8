//! Changed policy, applied to what is stored as one commit: categories, rules, embargo, expiry, sources that are gone. The store
//! keeps what policy did not touch, so that a rule that is taken back brings everything back.

/// Categories that got another name.
mod renamed;

/// The same, without doing it.
mod rehearse;

use super::done;
use crate::{
    model::{CategoryRef, ChangeKind, Changes, InfoCode, Judge, Removed, Slug, SourceId, Time},
    store::{
        StoreError,
        apply::Outcome,
        codec, keys,
        keys::Place,
        ledger::{Ledger, Stood},
        meta::{Filing, Meta},
        overlay::Overlay,
        pack::{Packer, Unpacker},
        place::{feeds_of, source_feed},
        sled::Tree,
    },
};
pub use rehearse::Rehearsed;
pub(super) use rehearse::{rehearse, sources};
use renamed::Renamed;
use std::collections::{BTreeMap, BTreeSet};

/// Why the entries of a source that is gone are hidden.
const GONE: &str = "its source is not in feeds.toml any more";

/// What holds now.
pub struct Settlement {
    /// The time.
    pub at: Time,
    /// Every source of feeds.toml.
    pub sources: Vec<SourcePolicy>,
    /// What becomes of the entries of all others.
    pub removed: Removed,
    /// Old slugs of categories → new ones.
    pub aliases: BTreeMap<Slug, Slug>,
    /// What policy says of an entry.
    pub judge: Judge,
    /// Of the entries that newly come to stand in a feed, so many of each source join it: the newest.
    pub joining: usize,
    /// Done in the very moment in which readers see the settlement: nobody sees the one without the other.
    pub adopt: Option<Adopt>,
}

/// What else happens in that moment; it must be quick.
pub type Adopt = Box<dyn FnOnce() + Send + Sync>;

/// What policy says of a source.
pub struct SourcePolicy {
    /// The source.
    pub source: SourceId,
    /// Equal hashes mean equal policies.
    pub hash: u64,
    /// Where its entries stand; `None` when they say it themselves.
    pub categories: Option<Vec<CategoryRef>>,
}

/// Decides it.
pub fn settle(
    settlement: Settlement,
    tree: &Tree,
    overlay: &mut Overlay<'_>,
    packer: &mut Packer,
) -> Result<Outcome, StoreError> {
    let mut changes = Changes::default();
    let mut ledger = Ledger::begin(settlement.at, overlay, packer)?;
    let (mut any, mut renamed) = (false, Vec::new());
    let mut apply_all = |ledger: &mut Ledger<'_, '_>, moves: Vec<Move>| {
        let (kept, moves) = moves.into_iter().partition::<Vec<_>, _>(|entry| entry.renamed.is_some());
        renamed.extend(kept);
        apply(ledger, moves, settlement.joining)
    };
    for policy in &settlement.sources {
        let (key, hash) = (keys::policy(&policy.source), policy.hash.to_be_bytes().to_vec());
        if ledger.overlay.get(&key)?.as_ref() == Some(&hash) {
            continue;
        }
        ledger.overlay.put(key, hash);
        any = true;
        let get = |key: &[u8]| ledger.overlay.get(key);
        let look = Source { tree, get: &get, unpacker: ledger.packer.unpacker() };
        let moves = moves(&look, policy, &settlement)?;
        changes.moved += apply_all(&mut ledger, moves)?;
    }
    for (source, value) in gone(ledger.at, tree, &settlement)? {
        ledger.overlay.put(keys::policy(&source), value);
        any = true;
        let get = |key: &[u8]| ledger.overlay.get(key);
        let look = Source { tree, get: &get, unpacker: ledger.packer.unpacker() };
        let moves = moves_of_gone(&look, &source, &settlement)?;
        changes.moved += apply_all(&mut ledger, moves)?;
    }
    renamed.sort_by_key(|entry| entry.renamed.as_ref().map(Renamed::order));
    for entry in renamed {
        changes.moved += apply(&mut ledger, vec![entry], settlement.joining)?;
    }
    let durable = any || ledger.has_changes();
    let outcome = done(ledger, changes)?;
    Ok(Outcome { durable, ..outcome })
}

/// What is remembered of a source that feeds.toml does not name any more, in the place of its policy's hash.
pub(super) struct Gone {
    /// Since when.
    pub since: Time,
    hash: u64,
}

impl Gone {
    fn value(&self) -> Vec<u8> {
        [self.hash.to_be_bytes(), self.since.timestamp_micros().to_be_bytes()].concat()
    }

    /// `None`: the source was there when its policy was settled last.
    pub(super) fn read(value: &[u8]) -> Option<Gone> {
        let (hash, rest) = value.split_first_chunk::<8>()?;
        let since = Time::from_timestamp_micros(i64::from_be_bytes(*rest.first_chunk::<8>()?))?;
        Some(Gone { since, hash: u64::from_be_bytes(*hash) })
    }
}

/// The sources that were settled before and are not there now, where something is to be done about them.
fn gone(at: Time, tree: &Tree, settlement: &Settlement) -> Result<Vec<(SourceId, Vec<u8>)>, StoreError> {
    let present: BTreeSet<&SourceId> = settlement.sources.iter().map(|policy| &policy.source).collect();
    let words = format!("{:?}", (settlement.removed, &settlement.aliases));
    let hash = twox_hash::XxHash3_64::oneshot(words.as_bytes());
    let mut found = Vec::new();
    for item in tree.under(keys::policies()) {
        let (key, value) = item?;
        let Some(source) = keys::tail(keys::policies(), &key).and_then(SourceId::parse) else { continue };
        let before = Gone::read(&value);
        if present.contains(&source) || before.as_ref().is_some_and(|before| before.hash == hash) {
            continue;
        }
        let since = before.map_or(at, |before| before.since);
        found.push((source, Gone { since, hash }.value()));
    }
    Ok(found)
}

/// An entry that policy files otherwise than before.
struct Move {
    code: InfoCode,
    place: Place,
    filing: Filing,
    /// Where that makes it stand, together with what other sources say.
    categories: Vec<Slug>,
    /// Feeds it newly comes to stand in.
    gained: Vec<String>,
    /// Feeds it leaves.
    lost: Vec<String>,
    /// It stood in one of them already, which had another name.
    renamed: Option<Renamed>,
}

type Get<'a> = dyn Fn(&[u8]) -> Result<Option<Vec<u8>>, StoreError> + 'a;

/// Where entries are looked at: what is stored, and what was decided before.
struct Source<'a> {
    tree: &'a Tree,
    get: &'a Get<'a>,
    unpacker: &'a Unpacker,
}

impl Source<'_> {
    fn meta(&self, code: &InfoCode) -> Result<Option<Meta>, StoreError> {
        let key = keys::meta(code);
        (self.get)(&key)?.map(|bytes| self.unpacker.meta(&key, &bytes)).transpose()
    }
}

fn moves(look: &Source<'_>, policy: &SourcePolicy, settlement: &Settlement) -> Result<Vec<Move>, StoreError> {
    let mut moves = Vec::new();
    for code in codes_of(look.tree, &policy.source)? {
        let Some(meta) = look.meta(&code)? else { continue };
        let Some(old) = meta.filing(&policy.source) else { continue };
        let body = look.tree.get(&keys::body(&code))?.ok_or_else(|| codec::damaged("it has no body"));
        let edition = match body.and_then(|body| look.unpacker.edition(&body)) {
            Ok(edition) => edition,
            // One damaged entry must not keep syndic from starting.
            Err(error) => {
                tracing::error!(%code, %error, "policy is not applied to it");
                continue;
            }
        };
        let own = || renamed::slugs(&old.categories, &settlement.aliases);
        let filing = Filing {
            categories: policy.categories.as_ref().map_or_else(own, |now| slugs(now)),
            standing: settlement.judge.of(&policy.source, &edition, meta.sort_date).unwrap_or_default(),
            ..old.clone()
        };
        if filing != *old {
            moves.push(moved(look, meta, filing, settlement)?);
        }
    }
    moves.sort_by_key(|entry| entry.place);
    Ok(moves)
}

/// The same of a source that is gone: its rules are gone with it, and what they kept out stays out.
fn moves_of_gone(look: &Source<'_>, source: &SourceId, settlement: &Settlement) -> Result<Vec<Move>, StoreError> {
    let mut moves = Vec::new();
    for code in codes_of(look.tree, source)? {
        let Some(meta) = look.meta(&code)? else { continue };
        let Some(old) = meta.filing(source) else { continue };
        let mut filing = Filing { categories: renamed::slugs(&old.categories, &settlement.aliases), ..old.clone() };
        let dropped = &mut filing.standing.dropped;
        match settlement.removed {
            Removed::Keep => drop(dropped.take_if(|why| why == GONE)),
            Removed::Hide | Removed::Purge => drop(dropped.get_or_insert_with(|| GONE.to_owned())),
        }
        if filing != *old {
            moves.push(moved(look, meta, filing, settlement)?);
        }
    }
    moves.sort_by_key(|entry| entry.place);
    Ok(moves)
}

fn moved(look: &Source<'_>, mut meta: Meta, filing: Filing, settlement: &Settlement) -> Result<Move, StoreError> {
    let (at, before) = (settlement.at, feeds_of(&meta));
    meta.file(filing.clone());
    meta.filed.iter_mut().for_each(|filing| filing.shown = filing.standing.is_shown(at));
    let now = feeds_of(&meta);
    let lost = before.iter().filter(|feed| !now.contains(feed)).cloned().collect();
    let gained: Vec<String> = now.into_iter().filter(|feed| !before.contains(feed)).collect();
    let renamed = Renamed::find(look, &meta, &gained, &settlement.aliases)?;
    Ok(Move { place: meta.place(), categories: meta.categories(), code: meta.code, filing, gained, lost, renamed })
}

/// Oldest first, so that the newest get the highest join numbers.
fn apply(ledger: &mut Ledger<'_, '_>, moves: Vec<Move>, joining: usize) -> Result<usize, StoreError> {
    let mut gaining = BTreeMap::<String, usize>::new();
    moves.iter().flat_map(|entry| &entry.gained).for_each(|feed| *gaining.entry(feed.clone()).or_default() += 1);
    let (mut count, now) = (0, ledger.at);
    for Move { code, filing, gained, renamed, .. } in moves {
        let Some(mut meta) = ledger.meta(&code)? else { continue };
        let stood = Stood::at(&meta);
        meta.file(filing);
        let among_newest = |feed: &str| match &renamed {
            Some(renamed) => renamed.joins(feed),
            None => gaining.get(feed).is_none_or(|left| *left <= joining),
        };
        // It has stood there all along.
        ledger.join_at(renamed.as_ref().map_or(now, |renamed| renamed.at));
        let changed = ledger.settle_where(&stood, &mut meta, among_newest)?;
        for feed in &gained {
            gaining.entry(feed.clone()).and_modify(|left| *left -= 1);
        }
        let told = changed && meta.withdrawn.is_none();
        ledger.keep(&mut meta, told.then_some(ChangeKind::Moved))?;
        count += usize::from(told);
    }
    ledger.join_at(now);
    Ok(count)
}

/// All entries of a source that have words, in its feed or hidden.
fn codes_of(tree: &Tree, source: &SourceId) -> Result<Vec<InfoCode>, StoreError> {
    let filed = tree.under(&keys::orders(&source_feed(source))).map(|item| codec::code(&item?.1));
    let prefix = keys::hidden_of(source);
    let hidden = tree.under(&prefix).map(|item| codec::code(item?.0.get(prefix.len()..).unwrap_or_default()));
    filed.chain(hidden).collect()
}

fn slugs(categories: &[CategoryRef]) -> Vec<crate::model::Slug> {
    categories.iter().map(|category| category.slug.clone()).collect()
}
