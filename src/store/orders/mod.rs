//! Commits that no fetch brings: withdrawals, restored entries, changed policy, time that passes, retention. Each is decided
//! alone, over a tree that nobody writes meanwhile. Pure but for reading it.

mod fill;
mod renew;
mod settle;
mod sweep;
mod tags;
mod withdraw;

pub use fill::Filling;
pub use settle::{Adopt, Rehearsed, Settlement, SourcePolicy};
pub use sweep::Search;

use super::{
    StoreError,
    apply::Outcome,
    keys,
    ledger::{Ledger, Stood},
    overlay::Overlay,
    pack::{Kind, Packer},
    read::Reading,
    sled::Tree,
};
use crate::model::{ChangeKind, Changes, InfoCode, Retention, SourceId, Time};
use std::sync::Arc;

/// Entries that one commit of time or retention changes at most: readers wait while it is applied.
const STEP: usize = 1000;

/// What is to be done.
pub enum Order {
    /// Takes an entry away.
    Retract { code: InfoCode, reason: String, erase: bool, at: Time },
    /// Brings a retracted one back.
    Restore { code: InfoCode, at: Time },
    /// Puts the full text where the feed's own stands.
    Fill(Box<Filling>),
    /// Applies changed policy.
    Settle(Box<Settlement>),
    /// Lets time pass.
    Wake { at: Time, hold: bool },
    /// Drops those of these entries that are not to be kept any longer, and the accounts of sources that are purged.
    Sweep { retention: Arc<Retention>, codes: Vec<InfoCode>, purged: Vec<SourceId>, at: Time },
    /// Begins another history.
    Epoch { at: Time },
    /// Packs with these dictionaries from now on.
    Train(Vec<(Kind, Vec<u8>)>),
    /// What was erased is gone from every file.
    Forgotten,
    /// Makes the next entries safe again that an older sanitiser made safe; then files those under their tags that an older
    /// program did not.
    Renew { at: Time },
    /// Packs the next values anew that are packed with older dictionaries.
    Recode,
    /// Keeps or forgets a record that stands for itself (a subscription, a follower), as it is encoded.
    Record { key: Vec<u8>, value: Option<Vec<u8>> },
}

/// Decides an order into the overlay.
pub fn decide(
    order: Order,
    tree: &Tree,
    overlay: &mut Overlay<'_>,
    packer: &mut Packer,
) -> Result<Outcome, StoreError> {
    match order {
        Order::Retract { code, reason, erase, at } => {
            withdraw::retract(Ledger::begin(at, overlay, packer)?, tree, &code, reason, erase)
        }
        Order::Restore { code, at } => withdraw::restore(Ledger::begin(at, overlay, packer)?, &code),
        Order::Fill(filling) => fill::fill(*filling, overlay, packer),
        Order::Settle(settlement) => settle::settle(*settlement, tree, overlay, packer),
        Order::Wake { at, hold } => wake(Ledger::begin(at, overlay, packer)?, tree, hold),
        Order::Sweep { retention, codes, purged, at } => {
            sweep::sweep(Ledger::begin(at, overlay, packer)?, tree, retention, (&codes, &purged))
        }
        Order::Epoch { at } => epoch(at, overlay),
        Order::Train(trained) => train(trained, overlay, packer),
        Order::Forgotten => {
            overlay.remove(keys::forget().to_vec());
            Ok(quiet(Changes::default()))
        }
        Order::Renew { at } => match renew::is_done(overlay)? {
            false => renew::renew(Ledger::begin(at, overlay, packer)?, tree),
            true => tags::tag(Ledger::begin(at, overlay, packer)?, tree),
        },
        Order::Recode => recode(tree, overlay, packer),
        Order::Record { key, value } => {
            match value {
                Some(value) => overlay.put(key, value),
                None => overlay.remove(key),
            }
            Ok(quiet(Changes::default()))
        }
    }
}

/// The sources that a settlement would do something about.
pub fn unsettled(settlement: &Settlement, reading: &Reading<'_>) -> Result<Vec<SourceId>, StoreError> {
    settle::sources(settlement, reading)
}

/// What it would do about one of them.
pub fn rehearse(
    settlement: &Settlement,
    source: &SourceId,
    reading: &Reading<'_>,
) -> Result<Vec<Rehearsed>, StoreError> {
    settle::rehearse(settlement, source, reading)
}

/// When time alone changes something next; overdue only what is held.
pub fn next_wake(tree: &Tree, after: Time) -> Result<Option<Time>, StoreError> {
    let mut wakes = tree.under(keys::wakes()).map(|item| Ok(keys::wake_of(&item?.0).map(|(time, _)| time)));
    let wake = wakes.find_map(|time| time.map(|time| time.filter(|time| *time > after)).transpose()).transpose()?;
    let ageing = tree.under(keys::ageings()).next().transpose()?;
    let ageing = ageing.and_then(|(key, _)| keys::ageing_of(&key).map(|(time, _)| time));
    Ok(wake.into_iter().chain(ageing.filter(|time| *time > after)).min())
}

fn wake(mut ledger: Ledger<'_, '_>, tree: &Tree, hold: bool) -> Result<Outcome, StoreError> {
    let mut moved = 0;
    for item in tree.under(keys::wakes()) {
        let key = item?.0;
        let Some((time, code)) = keys::wake_of(&key) else { continue };
        if time > ledger.at || moved >= STEP {
            break;
        }
        moved += 1;
        let Some(mut meta) = ledger.meta(&code)?.filter(|meta| meta.wake == Some(time)) else {
            ledger.overlay.remove(key);
            continue;
        };
        let turns =
            |to: bool| meta.filed.iter().any(|filing| filing.shown != to && filing.standing.is_shown(ledger.at) == to);
        // An expiry is never held.
        if hold && turns(true) && !turns(false) {
            moved -= 1;
            continue;
        }
        let stood = Stood::at(&meta);
        let changed = ledger.settle(&stood, &mut meta, true)?;
        ledger.keep(&mut meta, changed.then_some(ChangeKind::Moved))?;
    }
    // A clock that is not believed ends nothing: readers would never hear of the withdrawal.
    let ageings = tree.under(keys::ageings()).take(if hold { 0 } else { STEP });
    for item in ageings {
        let key = item?.0;
        let Some((time, feed)) = keys::ageing_of(&key) else { continue };
        if time > ledger.at {
            break;
        }
        moved += 1;
        ledger.overlay.remove(key.clone());
        ledger.age(feed)?;
    }
    done(ledger, Changes { moved, ..Changes::default() })
}

/// Later than any before it, so that cursors of both histories stay apart whatever the clock says.
fn epoch(at: Time, overlay: &mut Overlay<'_>) -> Result<Outcome, StoreError> {
    let last = overlay.get(keys::epoch())?.map_or(Ok(0), |bytes| super::codec::number(&bytes))?;
    let next = u64::try_from(at.timestamp()).unwrap_or(0).max(last + 1);
    overlay.put(keys::epoch().to_vec(), next.to_be_bytes().to_vec());
    Ok(quiet(Changes::default()))
}

fn train(trained: Vec<(Kind, Vec<u8>)>, overlay: &mut Overlay<'_>, packer: &Packer) -> Result<Outcome, StoreError> {
    for (key, value) in packer.dictionaries().further(trained) {
        overlay.put(key, value);
        overlay.put(keys::recode().to_vec(), Vec::new());
    }
    Ok(quiet(Changes::default()))
}

/// A step of packing everything anew; `moved` says how many values were looked at. At the end the old dictionaries go.
fn recode(tree: &Tree, overlay: &mut Overlay<'_>, packer: &mut Packer) -> Result<Outcome, StoreError> {
    let Some(from) = overlay.get(keys::recode())? else { return Ok(quiet(Changes::default())) };
    let (mut seen, mut last) = (0, None);
    let prefixes =
        keys::packed().into_iter().filter(|prefix| from.as_slice() < prefix.as_slice() || from.starts_with(prefix));
    for prefix in prefixes {
        for item in tree.after(&prefix, from.as_slice().max(&prefix)) {
            let (key, value) = item?;
            let kind = if prefix == keys::metas() { Kind::Meta } else { Kind::Body };
            if Some(super::pack::dictionary_of(&value)) != packer.dictionaries().newest(kind) {
                match packer.unpacker().plain(&value) {
                    Ok(plain) => overlay.put(key.clone(), packer.pack(kind, &plain)?),
                    Err(error) => tracing::error!(%error, "a value that cannot be read stays as it is"),
                }
            }
            seen += 1;
            last = Some(key);
            if seen >= STEP {
                break;
            }
        }
        if seen >= STEP {
            break;
        }
    }
    match last.filter(|_| seen >= STEP) {
        Some(last) => overlay.put(keys::recode().to_vec(), last),
        None => {
            overlay.remove(keys::recode().to_vec());
            for id in packer.dictionaries().superseded() {
                overlay.remove(keys::dictionary(id));
            }
        }
    }
    Ok(quiet(Changes { moved: seen, ..Changes::default() }))
}

/// The end of a commit.
fn done(ledger: Ledger<'_, '_>, changes: Changes) -> Result<Outcome, StoreError> {
    let written = ledger.finish()?;
    let changes = Changes { sequence: written.sequence, ..changes };
    Ok(Outcome { changes, heads: written.heads, durable: true })
}

/// The end of one that no reader sees.
fn quiet(changes: Changes) -> Outcome {
    Outcome { changes, heads: Default::default(), durable: true }
}
