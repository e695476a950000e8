//! Notices what takes too long inside something that may forget whoever waits in it, and calls it then, again and again.
//! It costs those who go in two additions to a counter.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

/// How often one looks. Whoever is inside for longer than that is called, and after twice as long at the latest.
pub const LOOK: Duration = Duration::from_millis(500);

/// Counts who is inside: those who came since the last look apart from those who came before.
#[derive(Default)]
pub struct Watch {
    inside: [AtomicUsize; 2],
    turn: AtomicUsize,
}

impl Watch {
    /// Begins to watch something for as long as it lives. What is given back must live with it.
    pub fn begin<T: Send + Sync + 'static>(self: &Arc<Watch>, what: Weak<T>, call: fn(&T)) -> mpsc::Sender<()> {
        let (alive, end) = mpsc::channel();
        let watch = self.clone();
        let watching = move || {
            while end.recv_timeout(LOOK) == Err(mpsc::RecvTimeoutError::Timeout) {
                if watch.is_overdue()
                    && let Some(what) = what.upgrade()
                {
                    call(&what);
                }
            }
        };
        if let Err(error) = thread::Builder::new().name("sled-watch".into()).spawn(watching) {
            tracing::warn!(%error, "no thread: a failing disk may hold up the store until the next start");
        }
        alive
    }

    /// Goes in.
    pub fn over<T>(&self, what: impl FnOnce() -> T) -> T {
        let counter = self.counter(self.turn.load(Ordering::Relaxed));
        counter.fetch_add(1, Ordering::Relaxed);
        let _out = Out(counter);
        what()
    }

    /// True when somebody came in before the last look and has not come out.
    fn is_overdue(&self) -> bool {
        let next = self.turn.load(Ordering::Relaxed).wrapping_add(1);
        let overdue = self.counter(next).load(Ordering::Relaxed) > 0;
        if !overdue {
            self.turn.store(next, Ordering::Relaxed);
        }
        overdue
    }

    fn counter(&self, turn: usize) -> &AtomicUsize {
        let [even, odd] = &self.inside;
        if turn.is_multiple_of(2) { even } else { odd }
    }
}

/// Comes out, by a panic too.
struct Out<'a>(&'a AtomicUsize);

impl Drop for Out<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_stays_beyond_a_look_is_overdue_until_out_whoever_comes_and_goes() {
        let watch = Watch::default();
        assert!(!watch.is_overdue());
        watch.over(|| {
            assert!(!watch.is_overdue(), "only just come");
            watch.over(|| {});
            assert!(watch.is_overdue() && watch.is_overdue());
        });
        assert!(!watch.is_overdue());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| watch.over(|| panic!("inside"))));
        assert!(panicked.is_err() && !watch.is_overdue() && !watch.is_overdue());
    }

    #[test]
    fn what_is_overdue_is_called_again_and_again() {
        let (watch, called) = (Arc::new(Watch::default()), Arc::new(AtomicUsize::new(0)));
        let alive = watch.begin(Arc::downgrade(&called), |calls| {
            calls.fetch_add(1, Ordering::Relaxed);
        });
        // As a forgotten one waits: until it was called.
        watch.over(|| {
            while called.load(Ordering::Relaxed) < 2 {
                thread::yield_now();
            }
        });
        drop(alive);
    }
}
