//! The threads that talk to clients. Each has a runtime of its own and keeps the connections it was given: an answer that is ready wakes no
//! other thread, which costs more than making it (docs/adr/0019).

use std::{io, sync::Arc, thread::JoinHandle, time::Duration};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::sync::CancellationToken;

/// Work that may block, at one time and thread: readings of the store, renderings.
const BLOCKING: usize = 32;

/// Such work under way has this long to end when we stop.
const LAST_WORK: Duration = Duration::from_secs(5);

/// Where connections are talked on. What is still going on there ends when this is dropped.
pub struct Threads {
    all: Vec<Thread>,
    stop: CancellationToken,
}

struct Thread {
    runtime: Handle,
    /// A clone for each piece of work.
    load: Arc<()>,
    thread: Option<JoinHandle<()>>,
}

impl Threads {
    /// So many. None: the caller's runtime does it all.
    ///
    /// # Errors
    /// The system gives no more threads, or no more file descriptors.
    pub fn start(count: usize) -> io::Result<Threads> {
        let mut threads = Threads { all: Vec::with_capacity(count), stop: CancellationToken::new() };
        for number in 0..count {
            let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(BLOCKING).build()?;
            let (handle, stop) = (runtime.handle().clone(), threads.stop.clone());
            let work = move || run(runtime, stop);
            let thread = std::thread::Builder::new().name(format!("serve-{number}")).spawn(work)?;
            threads.all.push(Thread { runtime: handle, load: Arc::default(), thread: Some(thread) });
        }
        Ok(threads)
    }

    /// Has the work done by the thread that has least to do.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        match self.all.iter().min_by_key(|thread| Arc::strong_count(&thread.load)) {
            Some(Thread { runtime, load, .. }) => {
                let load = load.clone();
                runtime.spawn(async move {
                    work.await;
                    drop(load);
                });
            }
            None => {
                tokio::spawn(work);
            }
        }
    }
}

fn run(runtime: Runtime, stop: CancellationToken) {
    runtime.block_on(stop.cancelled());
    runtime.shutdown_timeout(LAST_WORK);
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.stop.cancel();
        for thread in self.all.iter_mut().filter_map(|thread| thread.thread.take()) {
            // One that panicked has ended too.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        collections::BTreeSet,
        sync::mpsc,
        thread::{self, ThreadId},
    };
    use tokio::sync::Barrier;

    #[test]
    fn work_goes_to_the_thread_that_has_least_of_it() {
        let (threads, open) = (Threads::start(3).unwrap(), Arc::new(Barrier::new(3)));
        let (tell, told) = mpsc::channel::<ThreadId>();
        for _ in 0..3 {
            let (open, tell) = (open.clone(), tell.clone());
            threads.spawn(async move {
                open.wait().await;
                let _ = tell.send(thread::current().id());
            });
        }
        let used: BTreeSet<String> = told.iter().take(3).map(|id| format!("{id:?}")).collect();
        assert_eq!(used.len(), 3, "{used:?}");
    }

    #[test]
    fn what_goes_on_ends_with_them() {
        let threads = Threads::start(1).unwrap();
        let (tell, told) = mpsc::channel::<()>();
        threads.spawn(async move {
            let _held = tell;
            std::future::pending::<()>().await;
        });
        drop(threads);
        assert_eq!(told.recv(), Err(mpsc::RecvError));
    }
}
