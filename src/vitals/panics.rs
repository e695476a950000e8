//! Faults of our own: counted and logged once, where they happen, in the span of the source or request that they happened to. Whoever runs a
//! piece of work catches them; nothing else ends.

use crate::model::{Clock, Time};
use futures::FutureExt;
use serde::Serialize;
use std::{
    any::Any,
    backtrace::{Backtrace, BacktraceStatus},
    panic::{AssertUnwindSafe, PanicHookInfo, set_hook},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// Before work that has panicked is begun anew: a fault that comes again at once must not fill the log.
const PAUSE: Duration = Duration::from_secs(5);

/// The faults so far.
#[derive(Clone, Debug, Default)]
pub struct Panics(Arc<Mutex<PanicsSeen>>);

/// The same, to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PanicsSeen {
    /// How many.
    pub count: u64,
    /// The last of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<LastPanic>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastPanic {
    /// When.
    pub at: Time,
    /// File and line of our own.
    pub place: String,
}

impl Panics {
    /// From now on every panic of this process is counted here, and is one line of the log instead of the several that the standard
    /// library prints.
    pub fn watch(&self, clock: Clock) {
        let panics = self.clone();
        set_hook(Box::new(move |panic| panics.note(panic, clock.now())));
    }

    /// So many, and the last.
    pub fn seen(&self) -> PanicsSeen {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, panic: &PanicHookInfo<'_>, at: Time) {
        let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        let trace = Backtrace::capture();
        let trace = (trace.status() == BacktraceStatus::Captured).then(|| trace.to_string());
        // In quotes, so that one line stays one.
        tracing::error!(place, thread, trace = trace.as_ref(), "a fault in syndic: {:?}", words(panic.payload()));
        let seen = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.count += 1;
        seen.last = Some(LastPanic { at, place });
    }
}

/// Does it to its end; `None` where it panicked, which the log has said.
pub fn surviving<T>(work: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
    AssertUnwindSafe(work).catch_unwind().map(Result::ok)
}

/// Goes on with work that never ends by itself until told to stop: where it panics, it is begun anew after a pause.
pub async fn kept<W: Future<Output = ()>>(task: &'static str, stop: &CancellationToken, begin: impl Fn() -> W) {
    let span = tracing::error_span!("task", name = task);
    while surviving(begin().instrument(span.clone())).await.is_none() {
        if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
            return;
        }
        tracing::warn!(task, "begun anew after a fault");
    }
}

fn words(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("something that is no text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// The hook belongs to the whole process: every panic of another test in between is counted too, so that only what is ours is looked at.
    #[tokio::test(start_paused = true)]
    async fn a_fault_is_counted_and_what_it_ended_is_begun_anew() {
        let (panics, at) = (Panics::default(), Time::from_timestamp(1_700_000_000, 0).unwrap());
        panics.watch(Clock::from_fn(move || at));
        let (stop, times) = (CancellationToken::new(), AtomicU32::new(0));
        kept("test", &stop, || async {
            assert!(times.fetch_add(1, Ordering::Relaxed) > 0, "twice\nover two lines");
        })
        .await;
        let _ = std::panic::take_hook();
        assert_eq!(times.load(Ordering::Relaxed), 2, "begun anew, once");
        let PanicsSeen { count, last } = panics.seen();
        let last = last.unwrap();
        assert!(count >= 1 && last.at == at && last.place.contains(".rs:"), "{count} {last:?}");
        assert_eq!(surviving(async { 7 }).await, Some(7));
    }
}
