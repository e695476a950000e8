//! What a document holds besides what can be stored: a part of its commit, for the account that is given of it.

use crate::{
    fetch::{Body, Page},
    model::{Candidate, Claim, Draft, Fate, InfoCode, Went},
    poll::flood::Verdict,
};

/// Codes that the document leads to, where their entries are known by others.
pub(super) fn known_as(claims: &[Claim], known: &[Option<InfoCode>]) -> Vec<(InfoCode, InfoCode)> {
    let both = claims.iter().zip(known).filter_map(|(claim, known)| Some((&claim.code, known.as_ref()?)));
    both.filter(|(claimed, known)| claimed != known).map(|(claimed, known)| (claimed.clone(), known.clone())).collect()
}

/// The entries that a flood's verdict holds back, in the document's order.
pub(super) fn held_back(drafts: &[Draft], verdict: &Verdict) -> Vec<Went> {
    let of = |candidate: &Candidate| {
        let went = Went::unstored(candidate.code.clone(), Fate::HeldBack, &candidate.aliases);
        went.titled(candidate.edition.title.as_ref().map_or("", |title| &title.value))
    };
    let held = drafts.iter().enumerate().filter(|(at, _)| verdict.held_back.contains(at));
    let held =
        held.filter_map(|(_, draft)| if let Draft::Candidate(candidate) = draft { Some(candidate) } else { None });
    held.map(|candidate| of(candidate)).collect()
}

/// Bytes of a document, as it is read.
pub(super) fn bytes(page: &Page) -> u64 {
    match &page.body {
        Body::Document(bytes) => bytes.len() as u64,
        Body::Posts(files) => files.iter().map(|file| file.bytes.len() as u64).sum(),
    }
}
