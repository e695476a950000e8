//! A source's last document: how many of its entries went where, and what there is to remark about any of them.

use super::{
    Teller,
    remark::{self, Remark},
};
use crate::{
    model::{Account, Came, Fate, InfoCode, Request, Source, Time, Via, Went},
    store::{StoreError, Whereabouts},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A source's last document that came one way.
#[derive(Debug, Serialize)]
pub struct Document {
    /// Which way.
    pub via: Via,
    /// When the last one came, as far as the requests that are remembered say.
    pub at: Option<Time>,
    /// Its bytes.
    pub bytes: Option<u64>,
    /// The first one of which all that follows was true.
    pub since: Time,
    /// It was a part of what the source lists.
    pub partial: bool,
    /// It came from the address that the source had before.
    pub elsewhere: bool,
    /// Its entries, by what became of them.
    pub counts: BTreeMap<Fate, u32>,
    /// All of them together.
    pub entries: u32,
    /// Those that were stored for the first time.
    pub new: Vec<InfoCode>,
    /// Those that it corrected, and the numbers of their editions.
    pub updated: Vec<(InfoCode, Option<u32>)>,
    /// What there is to remark: first what is in no feed.
    pub remarks: Vec<Remark>,
}

/// Entries of a source that are looked at: a folder may hold any number.
const LOOK: usize = 2_000;

impl Teller<'_> {
    /// What a source's last document came to, one for each way by which one came. `requests`: the latest first.
    pub(super) async fn documents(&self, source: &Source, requests: &[Request]) -> Result<Vec<Document>, StoreError> {
        let mut documents = Vec::new();
        for via in [Via::Poll, Via::Push] {
            if let Some(account) = self.store.account(&source.id, via).await? {
                documents.push(self.document(source, via, account, requests).await?);
            }
        }
        Ok(documents)
    }

    async fn document(
        &self,
        source: &Source,
        via: Via,
        account: Account,
        requests: &[Request],
    ) -> Result<Document, StoreError> {
        let told: BTreeSet<InfoCode> = account.went.iter().map(|went| went.code.clone()).collect();
        let listed = self.store.listed(&source.id).await?;
        let others = listed.into_iter().filter(|code| !told.contains(code)).take(LOOK);
        let codes = others.chain(told.iter().cloned()).collect();
        let kept = self.store.whereabouts(codes).await?;
        let listed: Vec<&Whereabouts> = kept.iter().filter(|entry| speaks_of(&account, entry)).collect();
        let new = listed.iter().filter(|entry| is_new(&account, entry)).map(|entry| entry.code.clone()).collect();
        let updated = account.went.iter().filter(|went| went.fate == Fate::Updated);
        let came = if via == Via::Poll { Came::Document } else { Came::Pushed };
        let last = requests.iter().find(|request| request.came == came);
        Ok(Document {
            via,
            at: last.map(|request| request.at),
            bytes: last.map(|request| request.bytes),
            since: account.since,
            partial: account.partial,
            elsewhere: account.address != source.address(),
            new,
            updated: updated.map(|went| (went.code.clone(), went.edition)).collect(),
            remarks: self.remarks(source, &account, &listed),
            entries: account.entries(),
            counts: account.counts,
        })
    }

    fn remarks(&self, source: &Source, account: &Account, listed: &[&Whereabouts]) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for entry in listed {
            let went = account.of(&entry.code);
            match entry.filed.iter().find(|filed| filed.source == source.id) {
                Some(filed) => remarks.extend(remark::of_kept(self.config, entry, filed, went, self.now)),
                // Only refused: it was never this source's.
                None => remarks.extend(entry.withdrawn.as_ref().map(|how| remark::withdrawn(&entry.code, how))),
            }
        }
        let is_kept = |went: &&Went| listed.iter().any(|entry| entry.code == went.code);
        let others = account.went.iter().filter(|went| !is_kept(went));
        remarks.extend(others.filter_map(|went| remark::of_unstored(went, source, self.config.poll.max_new)));
        remarks.sort_by(|a, b| (a.reason, &a.code).cmp(&(b.reason, &b.code)));
        remarks
    }
}

/// Whether an account is about an entry that its source lists: of a whole document it is about all of them.
fn speaks_of(account: &Account, entry: &Whereabouts) -> bool {
    !account.partial || is_new(account, entry) || account.of(&entry.code).is_some()
}

/// Whether it was born in the account's own commit.
pub(super) fn is_new(account: &Account, entry: &Whereabouts) -> bool {
    account.counts.contains_key(&Fate::New) && entry.born == account.sequence
}
