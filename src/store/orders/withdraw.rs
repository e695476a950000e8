//! An entry is taken away, or comes back. What is known of it stays known, so that it is refused when it comes again.

use super::done;
use crate::{
    model::{Alias, ChangeKind, Changes, InfoCode, PublishedIds, Standing, Time, Withdrawal, WithdrawalKind},
    store::{
        StoreError, accounts,
        apply::Outcome,
        keys,
        ledger::{Ledger, Stood},
        meta::Meta,
        sled::Tree,
    },
};

/// Retracts an entry, or destroys the bytes of one that was retracted before.
pub fn retract(
    mut ledger: Ledger<'_, '_>,
    tree: &Tree,
    code: &InfoCode,
    reason: String,
    erase: bool,
) -> Result<Outcome, StoreError> {
    let mut changes = Changes::default();
    let before = ledger.meta(code)?.filter(|meta| match &meta.withdrawn {
        None => true,
        Some(withdrawn) => erase && withdrawn.kind != WithdrawalKind::Erased,
    });
    if let Some(mut meta) = before {
        let kind = if erase { WithdrawalKind::Erased } else { WithdrawalKind::Retracted };
        let at = meta.withdrawn.as_ref().map_or(ledger.at, |withdrawn| withdrawn.at);
        withdraw(&mut ledger, tree, &mut meta, Withdrawal { kind, at, reason }, ChangeKind::Withdrawn)?;
        changes.withdrawn.push(meta.code);
        if erase {
            accounts::forget_words(tree, ledger.overlay)?;
            ledger.overlay.put(keys::forget().to_vec(), Vec::new());
        }
    }
    done(ledger, changes)
}

/// Brings a retracted entry back, at the end of its feeds and at its old place on their pages.
pub fn restore(mut ledger: Ledger<'_, '_>, code: &InfoCode) -> Result<Outcome, StoreError> {
    let mut changes = Changes::default();
    let kept = |withdrawn: &Withdrawal| matches!(withdrawn.kind, WithdrawalKind::Retracted | WithdrawalKind::Deleted);
    let kept = |meta: &Meta| meta.withdrawn.as_ref().is_some_and(kept) && !meta.is_stub();
    if let Some(mut meta) = ledger.meta(code)?.filter(kept) {
        let stood = Stood::at(&meta);
        meta.withdrawn = None;
        ledger.settle(&stood, &mut meta, true)?;
        ledger.keep(&mut meta, Some(ChangeKind::Restored))?;
        changes.moved = 1;
    }
    done(ledger, changes)
}

/// Takes an entry out of every feed; unless it was only retracted, its words and names go too, and hashes stay.
pub fn withdraw(
    ledger: &mut Ledger<'_, '_>,
    tree: &Tree,
    meta: &mut Meta,
    withdrawal: Withdrawal,
    change: ChangeKind,
) -> Result<(), StoreError> {
    let stood = Stood::at(meta);
    meta.withdrawn = Some(withdrawal);
    if meta.is_stub() {
        ledger.overlay.remove(keys::body(&meta.code));
        for item in tree.under(&keys::editions(&meta.code)) {
            ledger.overlay.remove(item?.0);
        }
    }
    ledger.settle(&stood, meta, false)?;
    if meta.is_stub() {
        blank(meta, ledger.at);
    }
    ledger.keep(meta, Some(change))
}

/// What an entry said of itself goes; whose it was and where it was filed stays, and hashes of its names.
fn blank(meta: &mut Meta, at: Time) {
    meta.aliases = Vec::<Alias>::new();
    (meta.tags, meta.formerly) = (Vec::new(), Vec::new());
    // Readers are told under which id it was published. What is erased keeps none but one of our own making: a publisher's
    // may be the very words that are to go.
    let kept = meta.ids.atom.starts_with("tag:") && meta.ids.atom.ends_with(meta.code.as_str());
    let told = meta.withdrawn.as_ref().is_some_and(|withdrawn| withdrawn.kind == WithdrawalKind::Retired) || kept;
    let atom = if told { std::mem::take(&mut meta.ids.atom) } else { String::new() };
    meta.ids = PublishedIds { atom, ..PublishedIds::default() };
    meta.other_words.clear();
    (meta.first_seen, meta.sort_date, meta.edition_number) = (at, at, 1);
    for filing in &mut meta.filed {
        (filing.raw_hash, filing.standing) = (0, Standing::default());
    }
}

/// A withdrawal by retention.
pub fn retired(at: Time, reason: String) -> Withdrawal {
    Withdrawal { kind: WithdrawalKind::Retired, at, reason }
}
