//! What changes without any fetch: policy that feeds.toml changed, embargoes and expiries whose time has come, retention.
//! Each is a commit of the store; nothing here decides what one holds.

use crate::{
    config::Config,
    model::Time,
    policy, publish,
    refresh::Tools,
    store::{Adopt, Settlement, SourcePolicy, Store, StoreError},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Between two steps of sanitising again, so that commits and readers come first.
const BREATH: Duration = Duration::from_millis(50);
/// Such steps in a process that will not live long; the next one goes on.
const FEW: usize = 100;
/// How often retention is looked after.
const SWEEP: Duration = Duration::from_secs(3600);
/// The longest look away from the clock: a bound, so that a stepped clock is noticed.
const LONGEST_NAP: Duration = Duration::from_secs(30);
/// After a change of feeds.toml it is seen so often, for so long, whether something was filed by the one before: by a push, or by a
/// fetch that had begun under it and was not seen when it ended.
const LOOK: Duration = Duration::from_secs(30);
const EXPECTED: Duration = Duration::from_secs(600);
/// A clock that runs ahead of the time that has passed by more than this is not believed.
const JUMP: Duration = Duration::from_secs(3600);

/// Brings the store in line with feeds.toml and the clock: at the start of every process that polls. Nothing is dropped here:
/// whether the clock can be believed shows only later.
pub async fn begin(store: &Store, config: &Arc<Config>, now: Time) -> Result<(), StoreError> {
    if store.epoch().await? == 0 {
        store.begin_epoch(now).await?;
    }
    settle(store, config, now).await?;
    store.wake(now, false).await.map(drop)
}

/// For a process that will not live to see the next hour: retention, unless the clock is far ahead of all that was stored.
pub async fn end(store: &Store, config: &Arc<Config>, before: Option<Time>, now: Time) -> Result<(), StoreError> {
    let believed = before.is_none_or(|before| now.signed_duration_since(before) < chrono::TimeDelta::days(31));
    for _ in 0..FEW {
        if !store.renew(now).await? {
            break;
        }
    }
    if believed { sweep(store, config, now).await } else { Ok(()) }
}

/// Goes on doing so until told to stop.
pub async fn run(tools: Tools, mut config: watch::Receiver<Arc<Config>>, stop: CancellationToken) {
    let mut clock = Believed::starting(tools.clock.now());
    let (mut swept, mut renewing) = (Instant::now(), true);
    let (mut settled, mut changed) = (Instant::now(), None::<Instant>);
    while !stop.is_cancelled() {
        let current = config.borrow_and_update().clone();
        let now = tools.clock.now();
        if changed.is_some_and(|at| at.elapsed() < EXPECTED) && settled.elapsed() >= LOOK {
            settled = Instant::now();
            if let Err(error) = settle(&tools.store, &current, now).await {
                tracing::error!(%error, "the changed policy is not applied to what is stored");
            }
        }
        let held = clock.has_jumped(now, Instant::now());
        let next = tools.store.wake(now, held).await;
        let nap = next.as_ref().ok().and_then(|next| (*next)?.signed_duration_since(now).to_std().ok());
        if let Err(error) = next {
            tracing::error!(%error, "embargoes and expiries wait until the store can be written");
        }
        if renewing {
            renewing = tools.store.renew(now).await.unwrap_or_else(|error| {
                tracing::error!(%error, "what an older version made safe is made safe again at the next start");
                false
            });
        }
        if swept.elapsed() >= SWEEP && !held {
            swept = Instant::now();
            if let Err(error) = sweep(&tools.store, &current, now).await {
                tracing::error!(%error, "retention waits until the store can be written");
            }
        }
        let nap = nap.unwrap_or(LONGEST_NAP).min(if renewing { BREATH } else { LONGEST_NAP });
        tokio::select! {
            () = tokio::time::sleep(nap.max(Duration::from_millis(10))) => {}
            Ok(()) = config.changed() => changed = Some(Instant::now()),
            () = stop.cancelled() => {}
        }
    }
}

/// Applies what feeds.toml says now to the entries of the sources whose policy it changed.
pub async fn settle(store: &Store, config: &Arc<Config>, now: Time) -> Result<(), StoreError> {
    settle_with(store, config, now, None).await
}

/// What was filed by a feeds.toml that is not in force any more is filed by the one that is.
pub async fn catch_up(tools: &Tools, used: &Arc<Config>, in_force: Option<Arc<Config>>) {
    let Some(config) = in_force.filter(|config| !Arc::ptr_eq(config, used)) else { return };
    if let Err(error) = settle(&tools.store, &config, tools.clock.now()).await {
        tracing::error!(%error, "the changed policy is not applied to what was just fetched");
    }
}

/// Settles by one that is to be in force from the moment in which readers see what it changed.
pub async fn adopt(store: &Store, config: &Arc<Config>, now: Time, adopt: Adopt) -> Result<(), StoreError> {
    settle_with(store, config, now, Some(adopt)).await
}

async fn settle_with(store: &Store, config: &Arc<Config>, now: Time, adopt: Option<Adopt>) -> Result<(), StoreError> {
    let settlement = Settlement { adopt, ..settlement(config, now) };
    let moved = store.settle(settlement).await?.moved;
    if moved > 0 {
        tracing::info!(entries = moved, "feeds.toml changed where stored entries stand");
    }
    Ok(())
}

/// What feeds.toml says of everything that is stored.
pub fn settlement(config: &Arc<Config>, now: Time) -> Settlement {
    let sources = config.sources.iter().map(|source| SourcePolicy {
        source: source.id.clone(),
        hash: policy::fingerprint(config, source),
        categories: Some(source.categories.clone()).filter(|categories| !categories.is_empty()),
    });
    Settlement {
        at: now,
        sources: sources.collect(),
        removed: config.store.removed,
        aliases: config.aliases(),
        judge: policy::judge(config),
        joining: config.publish.new_source_entries,
        adopt: None,
    }
}

async fn sweep(store: &Store, config: &Arc<Config>, now: Time) -> Result<(), StoreError> {
    let dropped = store.sweep(Arc::new(config.retention()), now).await?;
    if dropped > 0 {
        tracing::info!(entries = dropped, "retention dropped what no source lists any more");
    }
    publish::forget_vanished(store, config, now).await?;
    Ok(())
}

/// The wall clock, compared with the time that has really passed.
struct Believed {
    wall: Time,
    since: Instant,
    /// Until then, releases are held.
    doubted_until: Option<Instant>,
}

impl Believed {
    fn starting(now: Time) -> Believed {
        Believed { wall: now, since: Instant::now(), doubted_until: None }
    }

    /// True for an hour after the clock leapt ahead by more than an hour.
    fn has_jumped(&mut self, now: Time, at: Instant) -> bool {
        let passed = at.saturating_duration_since(self.since);
        let shown = now.signed_duration_since(self.wall).to_std().unwrap_or_default();
        if shown > passed + JUMP {
            tracing::warn!(ahead = ?(shown.saturating_sub(passed)), "the clock leapt ahead: embargoed entries are held for an hour");
            self.doubted_until = at.checked_add(JUMP);
        }
        (self.wall, self.since) = (now, at);
        self.doubted_until.is_some_and(|until| at < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_of_the_clock_is_doubted_for_an_hour_and_no_longer() {
        let (wall, start) = (Time::from_timestamp(1_650_000_000, 0).unwrap(), Instant::now());
        let at = |minutes: u64| start + Duration::from_secs(minutes * 60);
        let mut clock = Believed { wall, since: start, doubted_until: None };
        let minutes = |minutes| wall + chrono::TimeDelta::minutes(minutes);
        assert!(!clock.has_jumped(minutes(5), at(5)));
        assert!(!clock.has_jumped(minutes(64), at(6)), "an hour may be a sleep, or summer time");
        assert!(clock.has_jumped(minutes(64 + 24 * 60), at(7)));
        assert!(clock.has_jumped(minutes(64 + 24 * 60 + 59), at(66)));
        assert!(!clock.has_jumped(minutes(64 + 24 * 60 + 60), at(67)));
        assert!(!clock.has_jumped(minutes(0), at(68)), "a step back releases nothing by itself");
    }
}
