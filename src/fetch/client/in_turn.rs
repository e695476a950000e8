//! A request whose redirects lead to other hosts: each of them is asked in its own turn, and none is kept waiting meanwhile.

use super::{Ask, Web, trouble::too_slow};
use crate::{
    config::FetchConfig,
    fetch::{Fetched, hops::Hops, words},
    model::{Answer, Failure, FailureKind, Time},
    poll::host::Visit,
};
use tokio::time::{Instant, timeout};
use url::Url;

impl Web {
    /// Asks, redirects included. The deadline is one for all requests; waiting for a host's turn does not count, nor does waiting
    /// for the right to work on that was lent to others while a server kept us waiting.
    pub async fn get_in_turn(
        &self,
        ask: &Ask<'_>,
        visit: &mut Visit,
        config: &FetchConfig,
        now: Time,
    ) -> Result<Fetched, Failure> {
        let (mut hops, mut left) = (Hops::start(ask.url.clone()), self.timeout);
        loop {
            let (began, from) = (Instant::now(), hops.url.clone());
            let late = |_| too_slow(ask.url, ask.hidden, self.timeout);
            let response = timeout(left, visit.patiently(self.first_byte(ask, &hops))).await.map_err(late)??;
            left = left.saturating_sub(began.elapsed());
            visit.resume().await;
            let began = Instant::now();
            match timeout(left, self.answer(ask, &mut hops, response, now)).await.map_err(late)?? {
                Some(fetched) => return Ok(fetched),
                None => left = left.saturating_sub(began.elapsed()),
            }
            if !visit.is_one_host(config, &from, &hops.url) {
                turn(visit, config, &hops.url, ask.hidden).await?;
            }
        }
    }
}

/// Waits until the host that a redirect leads to may be asked, unless it wants to be left alone: it may have said so meanwhile to
/// those who waited before.
async fn turn(visit: &mut Visit, config: &FetchConfig, url: &Url, hidden: bool) -> Result<(), Failure> {
    visit.leave();
    let shown = words::shown(url, hidden);
    left_alone(visit, url, &shown)?;
    if !visit.go(config, Some(url)).await {
        return Err(words::failure(FailureKind::Connect, format!("{shown}: not asked, syndic is shutting down")));
    }
    left_alone(visit, url, &shown).inspect_err(|_| visit.pass())
}

fn left_alone(visit: &Visit, url: &Url, shown: &str) -> Result<(), Failure> {
    let Some(wait) = visit.held(url) else { return Ok(()) };
    let failure = words::failure(FailureKind::Held, format!("{shown}: redirected there, and it asked us to wait"));
    let retry_after_seconds = u64::try_from(wait.num_seconds()).ok();
    Err(Failure { answer: Answer { retry_after_seconds, ..Answer::default() }, ..failure })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Clock,
        poll::host::Hosts,
        store::{Store, StoreOptions},
    };
    use std::{sync::Arc, time::Duration};

    #[tokio::test(start_paused = true)]
    async fn who_waited_while_the_host_asked_others_to_wait_does_not_ask_on() {
        let made = Instant::now();
        let clock = Clock::from_fn(move || Time::default() + made.elapsed());
        let hosts = Hosts::new(8, clock);
        let inside = Arc::clone(&hosts);
        tokio::spawn(async move { while inside.next().await.is_some() {} });
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
        let (mut first, mut second) = (Visit::nowhere(&hosts, store.clone()), Visit::nowhere(&hosts, store));
        let config = FetchConfig {
            user_agent: "x".into(),
            max_bytes: 1,
            timeout: Duration::from_secs(9),
            allow: vec![],
            dns: vec![],
        };
        let url: Url = "https://cdn.example/feed".parse().unwrap();
        turn(&mut first, &config, &url, false).await.unwrap();
        let slowed_down = async {
            // Not by way of the store: whatever time that takes passes faster here.
            hosts.hold("cdn.example", Time::default() + Duration::from_secs(86_400));
            first.leave();
        };
        let (waited, ()) = tokio::join!(turn(&mut second, &config, &url, false), slowed_down);
        assert_eq!(waited.unwrap_err().kind, FailureKind::Held);
    }
}
