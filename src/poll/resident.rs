//! The poller that stays: every source of feeds.toml stands in line, also after feeds.toml has changed, until it is told to stop.

use super::{
    agenda::Spot,
    desk::Desk,
    moves,
    schedule::{self, start::Before},
};
use crate::{config::Config, model::Source, store::StoreError};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How long polls under way may hold up a stop; whatever they had not stored is fetched again.
const DRAIN: Duration = Duration::from_secs(8);
/// When the store could not be read, the next try comes after this.
const READ_AGAIN: Duration = Duration::from_secs(30);
/// So often it is looked through what is over.
const TIDY_AFTER: Duration = Duration::from_secs(86_400);
/// States read at a time.
const STATES: usize = 500;

pub(super) async fn run(desk: &Arc<Desk>, mut config: watch::Receiver<Arc<Config>>, stop: CancellationToken) {
    let mut open = true;
    while !stop.is_cancelled() {
        let current = config.borrow_and_update().clone();
        desk.prepare(&current).await;
        let again = match line_up(desk, &current).await {
            Ok(()) => TIDY_AFTER,
            Err(error) => {
                tracing::error!(%error, "cannot read the sources' states");
                READ_AGAIN
            }
        };
        desk.tidy().await;
        tokio::select! {
            changed = config.changed(), if open => open = changed.is_ok(),
            () = tokio::time::sleep(again) => {}
            () = stop.cancelled() => {}
        }
    }
    desk.close();
    desk.polls.close();
    if tokio::time::timeout(DRAIN, desk.polls.wait()).await.is_err() {
        tracing::info!(polls = desk.polls.len(), "some polls are given up");
        desk.cut.cancel();
        desk.polls.wait().await;
    }
}

/// Puts every source into line that does not stand there as feeds.toml says, and takes out what it names no more.
async fn line_up(desk: &Arc<Desk>, config: &Arc<Config>) -> Result<(), StoreError> {
    let wanted: HashMap<_, _> = config.sources.iter().filter(|it| it.enabled).map(|it| (it.id.clone(), it)).collect();
    let (gone, known) = {
        let roster = &mut *desk.roster();
        let is_same = |source: &Source| wanted.get(&source.id).is_some_and(|wanted| stands_as(source, wanted));
        let (known, gone): (Vec<_>, Vec<_>) = roster.resident.values().partition(|source| is_same(source));
        let ids = |sources: Vec<&Arc<Source>>| sources.into_iter().map(|it| it.id.clone()).collect::<HashSet<_>>();
        (ids(gone), ids(known))
    };
    let mut new = Vec::new();
    for sources in config.sources.chunks(STATES) {
        for source in sources.iter().filter(|it| it.enabled && !known.contains(&it.id)) {
            let state = desk.tools.store.state(&source.id).await?.at_address(source.address());
            let (key, every) = desk.line(config, source, moves::elsewhere(source, &state).as_ref());
            if let Some(asked) = state.last_attempt {
                desk.hosts.rest(&key, every, asked);
            }
            let spot = Spot { key, every, skips: schedule::skips(&state) };
            new.extend(Before::of(&config.poll, source, &state).map(|before| (before, spot)));
        }
        tokio::task::yield_now().await;
    }
    {
        let roster = &mut *desk.roster();
        roster.config = Some(Arc::clone(config));
        roster.resident = wanted.into_iter().map(|(id, source)| (id, Arc::clone(source))).collect();
    }
    gone.iter().for_each(|source| desk.hosts.remove(source));
    let (before, spots): (Vec<_>, Vec<_>) = new.into_iter().unzip();
    let waits = schedule::start::waits(&config.poll, &before, desk.tools.clock.now());
    for ((before, spot), wait) in before.iter().zip(spots).zip(waits) {
        desk.hosts.put(&before.source, spot, wait);
    }
    Ok(())
}

/// Whether a source that is in line stands there as this one would.
fn stands_as(source: &Source, wanted: &Source) -> bool {
    source.address() == wanted.address() && source.every == wanted.every
}
