//! What an older program stored is filed under its tags, in small steps: first what entered the feed of everything, in the
//! order in which it did and at the same times, as if tags had always been; then the rest, which stands in archives only.

use super::{done, quiet};
use crate::{
    model::{Changes, InfoCode, TagName},
    store::{
        StoreError,
        apply::Outcome,
        codec, keys,
        ledger::{Ledger, Stood},
        place::EVERYTHING,
        sled::Tree,
    },
};

/// Keys looked at in one step; a block of joins holds fifty entries.
const BLOCKS: usize = 4;
const METAS: usize = 200;

/// How far it is: nothing is left, or the last key seen.
const DONE: &[u8] = b"done";

/// Decides a step; `moved` says how many keys were looked at, none when all are done.
pub fn tag(mut ledger: Ledger<'_, '_>, tree: &Tree) -> Result<Outcome, StoreError> {
    let blocks = keys::joins(EVERYTHING);
    let from = ledger.overlay.get(keys::tagged())?.unwrap_or_else(|| blocks.clone());
    if from == DONE {
        return Ok(quiet(Changes::default()));
    }
    let (mut seen, mut last) = (0, None);
    if from.starts_with(&blocks) {
        for item in tree.after(&blocks, &from).take(BLOCKS) {
            let (key, value) = item?;
            for joined in codec::decode_block(&value)?.into_iter().filter(|joined| !joined.left) {
                ledger.join_at(joined.at);
                one(&mut ledger, &joined.code, !joined.quiet)?;
            }
            (seen, last) = (seen + 1, Some(key));
        }
        last = last.or_else(|| Some(keys::metas().to_vec()));
    } else {
        for item in tree.after(keys::metas(), &from).take(METAS) {
            let (key, _) = item?;
            one(&mut ledger, &codec::code(key.strip_prefix(keys::metas()).unwrap_or_default())?, false)?;
            (seen, last) = (seen + 1, Some(key));
        }
    }
    ledger.overlay.put(keys::tagged().to_vec(), last.unwrap_or_else(|| DONE.to_vec()));
    done(ledger, Changes { moved: seen.max(1), ..Changes::default() })
}

/// `joins`: it enters the heads of its tags' feeds.
fn one(ledger: &mut Ledger<'_, '_>, code: &InfoCode, joins: bool) -> Result<(), StoreError> {
    let Some(mut meta) = ledger.meta(code)?.filter(|meta| meta.tags.is_empty() && !meta.is_stub()) else {
        return Ok(());
    };
    let Some(body) = ledger.overlay.get(&keys::body(code))? else { return Ok(()) };
    let edition = match ledger.packer.unpacker().edition(&body) {
        Ok(edition) => edition,
        Err(error) => {
            tracing::error!(%error, "an entry that cannot be read stands under no tag");
            return Ok(());
        }
    };
    let stood = Stood::at(&meta);
    meta.tags = TagName::all(&edition.tags);
    if meta.tags.is_empty() {
        return Ok(());
    }
    ledger.settle(&stood, &mut meta, joins)?;
    ledger.keep(&mut meta, None)
}
