//! Every subscription there is, in memory and in the store alike: whatever changes one is written first.
//! Also knows which sources need no polling for now, because their hub says when there is news.

use super::{
    discovery::Wish,
    standing::Standing,
    subscriber::{self, Act, Decision, Event},
    turns::Turns,
};
use crate::{
    model::{Phase, SourceId, Subscription, Time},
    refresh::Outcome,
    store::{Store, StoreError},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, OwnedMutexGuard};

/// Records of one source, those that are over included: a document that names another hub each time gets no further.
const MOST: usize = 4;

/// All subscriptions. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub struct Subscriptions(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: StoreHandle,
    book: Mutex<Book>,
    /// One change after the other: the store must not learn of two in the wrong order.
    lane: tokio::sync::Mutex<()>,
    stirred: Notify,
    turns: Turns,
}

/// The store, which has nothing to say in logs.
struct StoreHandle(Store);

impl std::fmt::Debug for StoreHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

#[derive(Debug, Default)]
struct Book {
    kept: BTreeMap<String, Kept>,
    by_source: BTreeMap<SourceId, BTreeSet<String>>,
    /// Somebody answers hubs. Without, no hub is relied on.
    listening: bool,
    /// Sources polled since they were last looked at, and whether that found what the hub should have pushed.
    polled: BTreeMap<SourceId, bool>,
}

#[derive(Debug)]
struct Kept {
    subscription: Subscription,
    /// The source was polled since the hub verified and we listen: before, things may have been missed that no hub is to blame for.
    caught_up: bool,
    ignored: u64,
}

impl Subscriptions {
    /// What the store holds.
    pub fn load(store: &Store) -> Result<Subscriptions, StoreError> {
        let mut book = Book::default();
        for (token, subscription) in store.subscriptions()? {
            book.put(&token, Some(subscription));
        }
        Ok(Subscriptions(Arc::new(Shared {
            store: StoreHandle(store.clone()),
            book: Mutex::new(book),
            lane: tokio::sync::Mutex::default(),
            stirred: Notify::new(),
            turns: Turns::default(),
        })))
    }

    /// Whether a source's hub says when there is news. Never without somebody who listens.
    pub fn covers(&self, source: &SourceId, now: Time) -> bool {
        let book = self.book();
        book.of(source).any(|(_, kept)| kept.caught_up && subscriber::covers(&kept.subscription, now))
    }

    /// Waits until nobody else polls that source or takes in what was pushed, and keeps them waiting while the guard lives.
    pub async fn alone(&self, source: &SourceId) -> OwnedMutexGuard<()> {
        self.0.turns.of(source).await
    }

    /// The same, if nobody has to be waited for.
    pub fn alone_now(&self, source: &SourceId) -> Option<OwnedMutexGuard<()>> {
        self.0.turns.now(source)
    }

    /// Something was pushed and is lost: until the next poll its source is not relied on to have everything.
    pub(super) fn lost(&self, token: &str) {
        if let Some(kept) = self.book().kept.get_mut(token) {
            kept.caught_up = false;
        }
    }

    /// A poll has ended. Where no hub is named and none was subscribed at, as with most sources, nothing follows from it.
    pub fn polled(&self, source: &SourceId, outcome: &Outcome, names_hub: bool, now: Time) {
        let found = match outcome {
            Outcome::Committed(changes) => Some(!changes.new.is_empty()),
            Outcome::NotModified => Some(false),
            Outcome::Failed(_) => None,
        };
        let mut book = self.book();
        let tokens = book.by_source.get(source).cloned().unwrap_or_default();
        if !book.listening || (tokens.is_empty() && !names_hub) {
            return;
        }
        let mut missed = false;
        for token in tokens {
            let Some(kept) = book.kept.get_mut(&token) else { continue };
            let has_missed = kept.caught_up && found == Some(true) && subscriber::covers(&kept.subscription, now);
            kept.caught_up = found.is_some() && !has_missed && subscriber::accepts(&kept.subscription);
            missed |= has_missed;
        }
        *book.polled.entry(source.clone()).or_default() |= missed;
        drop(book);
        self.stir();
    }

    /// How things stand with a source's hub; `None` where there is no subscription to speak of.
    pub fn standing(&self, source: &SourceId, now: Time) -> Option<Standing> {
        let book = self.book();
        let live = book.of(source).filter(|(_, kept)| is_live(&kept.subscription));
        let live = live.max_by_key(|(_, kept)| subscriber::accepts(&kept.subscription));
        let (_, kept) = live.or_else(|| book.of(source).find(|(_, kept)| kept.subscription.phase == Phase::Leaving))?;
        let of = &kept.subscription;
        Some(Standing {
            state: of.phase,
            hub: of.hub.clone(),
            topic: of.topic.clone(),
            verified_until: of.until,
            last_push: of.last_push,
            distrusted: of.distrusted.is_some(),
            covered: kept.caught_up && subscriber::covers(of, now),
            ignored: kept.ignored,
            trouble: of.trouble.clone(),
        })
    }

    /// The record of a callback token.
    pub(super) fn get(&self, token: &str) -> Option<Subscription> {
        self.book().kept.get(token).map(|kept| kept.subscription.clone())
    }

    /// From now on somebody answers hubs.
    pub(super) fn listen(&self) {
        self.book().listening = true;
    }

    /// There may be something to do.
    pub(super) fn stir(&self) {
        self.0.stirred.notify_one();
    }

    /// Resolves when there may be something to do.
    pub(super) async fn stirred(&self) {
        self.0.stirred.notified().await;
    }

    /// The sources polled since the last call, and whether their hub missed something.
    pub(super) fn take_polled(&self) -> BTreeMap<SourceId, bool> {
        std::mem::take(&mut self.book().polled)
    }

    /// Sources that have a record.
    pub(super) fn sources(&self) -> Vec<SourceId> {
        self.book().by_source.keys().cloned().collect()
    }

    /// The tokens of a source.
    pub(super) fn tokens(&self, source: &SourceId) -> Vec<String> {
        self.book().of(source).map(|(token, _)| token.clone()).collect()
    }

    /// The tokens that something is to be done about now, and when the next will be.
    pub(super) fn due(&self, now: Time) -> (Vec<String>, Option<Time>) {
        let book = self.book();
        let due = book.kept.iter().filter(|(_, kept)| kept.subscription.next <= now).map(|(token, _)| token.clone());
        let later = book.kept.values().map(|kept| kept.subscription.next).filter(|next| *next > now);
        (due.collect(), later.min())
    }

    /// What a wish means for a source's subscriptions: which are no longer wanted, and what to begin, as hub and topic.
    ///
    /// A hub that does not answer, or refuses, is asked on, and beside it the next one that the publisher names, until one has agreed.
    pub(super) fn plan(&self, source: &SourceId, wish: &Wish) -> (Vec<String>, Option<(String, String)>) {
        let book = self.book();
        let live: Vec<_> = book.of(source).filter(|(_, kept)| is_live(&kept.subscription)).collect();
        let found = match wish {
            Wish::Unknown => return (Vec::new(), None),
            Wish::Nothing(_) => return (live.into_iter().map(|(token, _)| token.clone()).collect(), None),
            Wish::Hubs(found) => found,
        };
        let fits = |of: &Subscription| of.topic == found.topic && found.hubs.contains(&of.hub);
        let (fitting, mut leave): (Vec<_>, Vec<_>) = live.into_iter().partition(|(_, kept)| fits(&kept.subscription));
        if fitting.is_empty() && !leave.is_empty() && !found.certain {
            return (Vec::new(), None);
        }
        let agreed = fitting.iter().find(|(_, kept)| subscriber::accepts(&kept.subscription)).map(|(token, _)| *token);
        leave.extend(fitting.iter().filter(|(token, _)| agreed.is_some_and(|agreed| agreed != *token)));
        let in_vain = fitting.iter().all(|(_, kept)| subscriber::is_in_vain(&kept.subscription));
        let begins = in_vain && book.of(source).count() < MOST;
        let asked = |hub: &&String| fitting.iter().any(|(_, kept)| kept.subscription.hub == **hub);
        let next = found.hubs.iter().find(|hub| begins && !asked(hub)).map(|hub| (hub.clone(), found.topic.clone()));
        (leave.into_iter().map(|(token, _)| token.clone()).collect(), next)
    }

    /// Keeps a new subscription.
    pub(super) async fn begin(&self, token: &str, subscription: Subscription) -> Result<(), StoreError> {
        let _lane = self.0.lane.lock().await;
        self.write(token, Some(subscription)).await
    }

    /// Lets something happen to a subscription: what is decided is stored, then acted upon. `None`: there is no such token.
    pub(super) async fn happen(&self, token: &str, event: &Event<'_>, now: Time) -> Result<Option<Act>, StoreError> {
        let _lane = self.0.lane.lock().await;
        let Some(before) = self.get(token) else { return Ok(None) };
        let Decision { after, act, said } = subscriber::decide(&before, event, now);
        if after.as_ref() != Some(&before) {
            self.write(token, after).await?;
        }
        if let Some(said) = said {
            tracing::info!(source = %before.source, "WebSub: {said}");
        }
        Ok(Some(act))
    }

    /// Counts what was pushed without the right signature; the number so far.
    pub(super) fn ignore(&self, token: &str) -> u64 {
        let mut book = self.book();
        let Some(kept) = book.kept.get_mut(token) else { return 0 };
        kept.ignored += 1;
        kept.ignored
    }

    async fn write(&self, token: &str, after: Option<Subscription>) -> Result<(), StoreError> {
        self.0.store.0.keep_subscription(token, after.as_ref()).await?;
        self.book().put(token, after);
        self.stir();
        Ok(())
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn of(&self, source: &SourceId) -> impl Iterator<Item = (&String, &Kept)> {
        let tokens = self.by_source.get(source).into_iter().flatten();
        tokens.filter_map(|token| Some((token, self.kept.get(token)?)))
    }

    fn put(&mut self, token: &str, subscription: Option<Subscription>) {
        let Some(subscription) = subscription else {
            if let Some(gone) = self.kept.remove(token)
                && let Some(tokens) = self.by_source.get_mut(&gone.subscription.source)
            {
                tokens.remove(token);
                if tokens.is_empty() {
                    self.by_source.remove(&gone.subscription.source);
                }
            }
            return;
        };
        self.by_source.entry(subscription.source.clone()).or_default().insert(token.to_owned());
        match self.kept.get_mut(token) {
            Some(kept) => {
                // A gap in what the hub has promised is a gap in what we know.
                kept.caught_up &= kept.subscription.verified == subscription.verified;
                kept.subscription = subscription;
            }
            None => {
                self.kept.insert(token.to_owned(), Kept { subscription, caught_up: false, ignored: 0 });
            }
        }
    }
}

/// Neither over nor about to be.
fn is_live(subscription: &Subscription) -> bool {
    matches!(subscription.phase, Phase::Asked | Phase::Verified)
}
