//! What an older sanitiser made safe is made safe again, in place and in small steps: no correction, no new edition, no date.
//! An entry keeps the number of the reading that made it, so that what a newer one reads out of its document is no correction either.

use super::{done, quiet};
use crate::{
    enrich,
    model::{ChangeKind, Changes, Edition},
    store::{StoreError, apply::Outcome, codec, keys, ledger::Ledger, overlay::Overlay, sled::Tree},
};

/// Entries looked at in one step, and how many of them may be sanitised: other commits wait as long.
const SEEN: usize = 500;
const MADE: usize = 50;

/// True when all are as this version makes them.
pub fn is_done(overlay: &Overlay<'_>) -> Result<bool, StoreError> {
    Ok(overlay.get(keys::renewed())?.is_some_and(|kept| kept == enrich::SANITISER.to_be_bytes()))
}

/// Decides a step; `moved` says how many entries were looked at, none when all are done. How far it is, is kept under a key:
/// the version, and while it goes on the last body seen.
pub fn renew(mut ledger: Ledger<'_, '_>, tree: &Tree) -> Result<Outcome, StoreError> {
    let version = enrich::SANITISER.to_be_bytes();
    let kept = ledger.overlay.get(keys::renewed())?.unwrap_or_default();
    let from = match kept.strip_prefix(&version) {
        Some([]) => return Ok(quiet(Changes::default())),
        Some(last) => last.to_vec(),
        None => keys::bodies().to_vec(),
    };
    let (mut seen, mut made, mut last) = (0, 0, None);
    for item in tree.after(keys::bodies(), &from) {
        if seen >= SEEN || made >= MADE {
            break;
        }
        let (key, body) = item?;
        seen += 1;
        match ledger.packer.unpacker().edition(&body) {
            Ok(old) if old.sanitiser < enrich::SANITISER => {
                made += 1;
                one(&mut ledger, &key, &old)?;
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "an entry that cannot be read stays as it is"),
        }
        last = Some(key);
    }
    let whole = seen < SEEN && made < MADE;
    let last = last.filter(|_| !whole).unwrap_or_default();
    ledger.overlay.put(keys::renewed().to_vec(), [&version[..], &last].concat());
    // At least one, so that the next step comes: it says that there is nothing more to do.
    done(ledger, Changes { moved: seen.max(1), ..Changes::default() })
}

fn one(ledger: &mut Ledger<'_, '_>, key: &[u8], old: &Edition) -> Result<(), StoreError> {
    let new = Edition { sanitiser: old.sanitiser, ..enrich::again(old.clone()) };
    if new == *old {
        return Ok(());
    }
    let code = codec::code(key.strip_prefix(keys::bodies()).unwrap_or_default())?;
    let body = ledger.packer.pack_edition(&new)?;
    ledger.overlay.put(key.to_vec(), body);
    match ledger.meta(&code)? {
        // Readers get other bytes: versions move.
        Some(mut meta) if meta.withdrawn.is_none() => ledger.keep(&mut meta, Some(ChangeKind::Moved)),
        _ => Ok(()),
    }
}
