//! The full text of an entry arrives after the entry: it takes the place of the feed's own in the edition that stands.
//! That is no correction: the edition keeps its number and its dates.

use super::done;
use crate::{
    model::{ChangeKind, Changes, Edition, InfoCode, Judge, TagName, Time},
    store::{
        StoreError,
        apply::Outcome,
        keys,
        ledger::{Ledger, Stood},
        overlay::Overlay,
        pack::Packer,
    },
};

/// What arrived.
pub struct Filling {
    /// The entry.
    pub code: InfoCode,
    /// The number of the edition that was filled: a later one is left alone.
    pub edition_number: u32,
    /// It, with the text.
    pub edition: Edition,
    /// What policy says.
    pub judge: Judge,
    /// The time.
    pub at: Time,
}

/// Decides it. `moved` is 1 when the edition was still the same.
pub fn fill(filling: Filling, overlay: &mut Overlay<'_>, packer: &mut Packer) -> Result<Outcome, StoreError> {
    let Filling { code, edition_number, edition, judge, at } = filling;
    let mut ledger = Ledger::begin(at, overlay, packer)?;
    let mut changes = Changes::default();
    let stands = ledger.meta(&code)?.filter(|meta| meta.withdrawn.is_none() && meta.edition_number == edition_number);
    if let Some(mut meta) = stands {
        let stood = Stood::at(&meta);
        meta.tags = TagName::all(&edition.tags);
        let sort_date = meta.sort_date;
        for filing in &mut meta.filed {
            if let Some(standing) = judge.of(&filing.source, &edition, sort_date) {
                filing.standing = standing;
            }
        }
        let body = ledger.packer.pack_edition(&edition)?;
        ledger.overlay.put(keys::body(&code), body);
        ledger.settle(&stood, &mut meta, true)?;
        ledger.keep(&mut meta, Some(ChangeKind::Updated))?;
        changes.moved = 1;
    }
    done(ledger, changes)
}
