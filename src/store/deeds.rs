//! What the store is told besides fetches: withdrawals, changed policy, time, retention. Each is one commit or several.

use super::{
    Filling, Order, Rehearsed, Settlement, Shared, Store, StoreError,
    orders::{self, Search},
    read::Reading,
    writer::Job,
};
use crate::model::{Changes, InfoCode, Retention, Time};
use std::sync::Arc;

impl Store {
    /// Takes an entry out of every output and refuses it when it comes again, under this or any other of its names.
    /// Without `erase` it is kept and can be restored. `false`: there is no such entry, or it was taken away already.
    pub async fn retract(&self, code: &InfoCode, reason: &str, erase: bool, at: Time) -> Result<bool, StoreError> {
        let order = Order::Retract { code: code.clone(), reason: reason.to_owned(), erase, at };
        Ok(!self.order(order).await?.withdrawn.is_empty())
    }

    /// Destroys what is left of erased entries in dictionaries, journals, checkpoint and sled's files. Commits wait meanwhile.
    pub async fn forget(&self) -> Result<(), StoreError> {
        self.ask(Job::Forget).await
    }

    /// Brings a retracted entry back: it joins its feeds anew. `false`: nothing to restore.
    pub async fn restore_entry(&self, code: &InfoCode, at: Time) -> Result<bool, StoreError> {
        Ok(self.order(Order::Restore { code: code.clone(), at }).await?.moved > 0)
    }

    /// Puts an entry's full text in the place of the feed's own. `false`: the edition it was made for stands no more.
    pub async fn fill(&self, filling: Filling) -> Result<bool, StoreError> {
        Ok(self.order(Order::Fill(Box::new(filling))).await?.moved > 0)
    }

    /// Applies what policy says now to the entries of the sources whose policy has changed, as one commit.
    pub async fn settle(&self, settlement: Settlement) -> Result<Changes, StoreError> {
        self.order(Order::Settle(Box::new(settlement))).await
    }

    /// What that would do, without doing it. Commits go on meanwhile.
    pub async fn rehearse(&self, settlement: Settlement) -> Result<Vec<Rehearsed>, StoreError> {
        let settlement = Arc::new(settlement);
        let whole = settlement.clone();
        let sources = self.read(move |reading, _| orders::unsettled(&whole, reading)).await?;
        let mut found = Vec::new();
        for source in sources {
            let whole = settlement.clone();
            found.extend(self.read(move |reading, _| orders::rehearse(&whole, &source, reading)).await?);
        }
        Ok(found)
    }

    /// Commits what time alone has changed: embargoes that ended, entries that expired. `hold`: embargoes stay (a clock
    /// that jumped is not believed). Answers with the next time at which there is something to do.
    pub async fn wake(&self, at: Time, hold: bool) -> Result<Option<Time>, StoreError> {
        while self.order(Order::Wake { at, hold }).await?.moved > 0 {}
        self.read(move |reading, _| orders::next_wake(reading.tree, at)).await
    }

    /// One small step of making safe again what an older sanitiser made safe, and of filing under tags what an older program
    /// did not. True while there is more.
    pub async fn renew(&self, at: Time) -> Result<bool, StoreError> {
        Ok(self.order(Order::Renew { at }).await?.moved > 0)
    }

    /// Drops what is older, or more, than is to be kept, and what no source lists any more. Gives back how many.
    pub async fn sweep(&self, retention: Arc<Retention>, at: Time) -> Result<usize, StoreError> {
        if retention.is_endless() {
            return Ok(0);
        }
        let limits = retention.clone();
        let begin = move |reading: &Reading<'_>, _: &Shared| {
            let mut search = Search::begin(reading.tree, limits, at)?;
            Ok((search.purged(reading.tree)?, search))
        };
        let (purged, mut search) = self.read(begin).await?;
        if !purged.is_empty() {
            self.order(Order::Sweep { retention: retention.clone(), codes: Vec::new(), purged, at }).await?;
        }
        let mut dropped = 0;
        while !search.is_over() {
            let step = self.read(move |reading, _| search.step(reading).map(|codes| (search, codes))).await?;
            search = step.0;
            if !step.1.is_empty() {
                let order = Order::Sweep { retention: retention.clone(), codes: step.1, purged: Vec::new(), at };
                dropped += self.order(order).await?.withdrawn.len();
            }
        }
        Ok(dropped)
    }

    /// Begins another history: cursors of the earlier one are told apart. For a store that was restored from a backup.
    pub async fn begin_epoch(&self, at: Time) -> Result<u64, StoreError> {
        self.order(Order::Epoch { at }).await?;
        self.epoch().await
    }
}
