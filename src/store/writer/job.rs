//! What the writer is asked, and where its answers go.

use crate::bounds::Permit;
use crate::model::{Changes, Commit, SourceId};
use crate::store::{
    StoreError,
    backup::Sources,
    holds,
    import::{Import, Imported},
    orders::Order,
    overlay::Writes,
    verify::Report,
};
use tokio::sync::oneshot;

/// Where an answer goes.
pub type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked.
pub enum Job {
    /// A whole fetch.
    Apply(Box<Commit>, Reply<Changes>),
    /// Entries that were exported elsewhere.
    Import(Box<Import>, Reply<Vec<Imported>>),
    /// A source's state alone, encoded, which found no room among those on their way.
    Touch(SourceId, Vec<u8>, Reply<()>),
    /// There are states on their way: see how long they may wait.
    Look,
    /// Which hosts want to be left alone, and until when; `None`: no more.
    Hold(Vec<(String, holds::Change)>, Reply<()>),
    /// What is remembered of published documents.
    Keep(Writes, Reply<()>),
    /// A commit that no fetch brings.
    Order(Box<Order>, Reply<Changes>),
    /// Drive what was erased out of every file.
    Forget(Reply<()>),
    /// Write a checkpoint now.
    Checkpoint(Reply<()>),
    /// Open what a backup is made from.
    Backup(Reply<Sources>),
    /// Read everything.
    Verify(Reply<Report>),
    /// Let go of every byte from before now.
    Purge(Reply<()>),
    /// Write everything out and end.
    Close(Reply<()>),
}

/// A job, and its place among the bounded number of those waiting.
pub struct Queued {
    /// The job.
    pub job: Job,
    /// Given back when the job is answered; `None` for what nobody waits for.
    pub permit: Option<Permit>,
}

/// Whoever asked may have gone; that changes nothing.
pub(super) fn answer<T>(reply: Reply<T>, with: Result<T, StoreError>) {
    let _ = reply.send(with);
}
