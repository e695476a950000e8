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
    /// Asks, redirects included. The deadline is one for all requests; waiting for a host's turn does not count.
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
            match timeout(left, self.hop(ask, &mut hops, now)).await {
                Err(_) => return Err(too_slow(ask.url, ask.hidden, self.timeout)),
                Ok(Err(failure)) => return Err(failure),
                Ok(Ok(Some(fetched))) => return Ok(fetched),
                Ok(Ok(None)) => left = left.saturating_sub(began.elapsed()),
            }
            if !visit.is_one_host(config, &from, &hops.url) {
                turn(visit, config, &hops.url, ask.hidden).await?;
            }
        }
    }
}

/// Waits until the host that a redirect leads to may be asked.
async fn turn(visit: &mut Visit, config: &FetchConfig, url: &Url, hidden: bool) -> Result<(), Failure> {
    visit.leave();
    let shown = words::shown(url, hidden);
    if let Some(wait) = visit.held(url) {
        let failure = words::failure(FailureKind::Held, format!("{shown}: redirected there, and it asked us to wait"));
        let retry_after_seconds = u64::try_from(wait.num_seconds()).ok();
        return Err(Failure { answer: Answer { retry_after_seconds, ..Answer::default() }, ..failure });
    }
    match visit.go(config, Some(url)).await {
        true => Ok(()),
        false => Err(words::failure(FailureKind::Connect, format!("{shown}: not asked, syndic is shutting down"))),
    }
}
