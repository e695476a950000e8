//! What is told to systemd, where it started us and wants to know (`NOTIFY_SOCKET`, `WATCHDOG_USEC`): that we are ready, take feeds.toml anew, stop,
//! live. Elsewhere nobody listens, and nothing happens. The only place that knows sd-notify.

use sd_notify::NotifyState;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Whoever wants to know of us in time is told so often within that time.
const OFTEN: u32 = 3;

/// Requests are answered, and feeds.toml is in force, or the last good one.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// feeds.toml is taken anew; `ready` ends that.
pub fn reloading() {
    let since = NotifyState::monotonic_usec_now();
    tell(&[Some(NotifyState::Reloading), since.ok()].into_iter().flatten().collect::<Vec<_>>());
}

/// What is under way is finished.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// How it goes, in a line: what `systemctl status` shows.
pub fn status(line: &str) {
    tell(&[NotifyState::Status(line)]);
}

/// Says in time that we live, as long as that is so, until told to stop. Where it is not, systemd ends us and begins anew.
pub async fn watchdog(is_alive: impl AsyncFn() -> bool, stop: CancellationToken) {
    let Some(within) = sd_notify::watchdog_enabled() else { return };
    let (nap, mut was_alive) = ((within / OFTEN).max(Duration::from_millis(1)), true);
    loop {
        let alive = tokio::time::timeout(within, is_alive()).await.unwrap_or(false);
        if alive {
            tell(&[NotifyState::Watchdog]);
        } else if was_alive {
            tracing::error!("the poller or the store does not answer: the watchdog is not told that we live");
        }
        was_alive = alive;
        if stop.run_until_cancelled(tokio::time::sleep(nap)).await.is_none() {
            return;
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!("systemd was not told: {error}");
    }
}
