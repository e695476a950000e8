//! Threads for work on documents: as many as there are processors.

use crate::{
    bounds::{Bound, Permits},
    model::{Failure, FailureKind},
};
use std::sync::LazyLock;

/// Runs work of some milliseconds off the threads that serve, on no more threads than there are processors: more would
/// only hold more memory. `None` when it panicked, which the panic hook has logged.
pub(crate) async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let _permit = THREADS.acquire().await?;
    // A fault there is logged with the source that it was about.
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work)).await.ok()
}

/// What runs on such threads now.
pub(crate) fn threads() -> Bound {
    THREADS.read()
}

static THREADS: LazyLock<Permits> =
    LazyLock::new(|| Permits::new("threads that parse", std::thread::available_parallelism().map_or(2, usize::from)));

/// A stage that panicked on a document: the hook has logged it.
pub(super) fn panicked(stage: &str) -> Failure {
    Failure::new(
        FailureKind::NotAFeed,
        format!("{stage} stopped on this document (a bug in syndic: please report the document)"),
    )
}
