//! What is decided of a document as a whole, before its entries are taken one by one.

use crate::{
    model::{Candidate, Draft, InfoCode, SourceId},
    store::{StoreError, codec, keys, overlay::Overlay, resolve::Meaning},
};

/// What the source lists now: retention never drops any of it. Of a document that was cut short, what it listed before stays.
pub(super) fn remember_listed(
    overlay: &mut Overlay<'_>,
    source: &SourceId,
    mut codes: Vec<InfoCode>,
    partial: bool,
) -> Result<(), StoreError> {
    if let Some(before) = overlay.get(&keys::listed(source))?.filter(|_| partial) {
        codes.extend(codec::decode_codes(&before)?);
    }
    codes.sort_unstable();
    codes.dedup();
    let (key, value) = (keys::listed(source), codec::encode_codes(&codes));
    if overlay.get(&key)?.as_ref() != Some(&value) {
        overlay.put(key, value);
    }
    Ok(())
}

pub(super) fn split(drafts: Vec<Draft>) -> (Vec<InfoCode>, Vec<Candidate>) {
    let (mut settled, mut candidates) = (Vec::new(), Vec::new());
    for draft in drafts {
        match draft {
            Draft::Unchanged(code) => settled.push(code),
            Draft::Candidate(candidate) => candidates.push(*candidate),
        }
    }
    (settled, candidates)
}

/// The order of joining: by sort date, and within one date the last of the document first, so that the newest gets the
/// highest number.
pub(super) fn oldest_first(mut work: Vec<(Candidate, Meaning)>) -> Vec<(Candidate, Meaning)> {
    work.reverse();
    work.sort_by_key(|(candidate, _)| candidate.sort_date);
    work
}

/// Which of them may join category and `all` feeds: on a source's first fetch, and in a flood, only the newest of those it brings.
pub(super) fn joining(work: &[(Candidate, Meaning)], source: &SourceId, limit: Option<usize>) -> Vec<bool> {
    let brought = |meaning: &Meaning| match meaning {
        Meaning::New { .. } => true,
        Meaning::Known(meta) => meta.filing(source).is_none(),
        Meaning::Kept(_) | Meaning::Refused(_) | Meaning::Repeated => false,
    };
    let total = work.iter().filter(|(_, meaning)| brought(meaning)).count();
    let mut passed_over = limit.map_or(0, |limit| total.saturating_sub(limit));
    let mut may_join = |meaning: &Meaning| {
        let held_back = brought(meaning) && passed_over > 0;
        passed_over -= usize::from(held_back);
        !held_back
    };
    work.iter().map(|(_, meaning)| may_join(meaning)).collect()
}
