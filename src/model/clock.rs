//! The clock, as a value that is passed in. Only the outermost layer (`cli`) makes the system's.

use super::Time;
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// Time that only passes, counted from when the clock was made: whoever sets the system's clock moves dates, not this.
pub type Moment = Duration;

/// Tells the time.
#[derive(Clone)]
pub struct Clock {
    tell: Arc<dyn Fn() -> Time + Send + Sync>,
    pass: Arc<dyn Fn() -> Moment + Send + Sync>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        let made = Instant::now();
        Clock { tell: Arc::new(chrono::Utc::now), pass: Arc::new(move || made.elapsed()) }
    }

    /// A clock of the caller's: tests fix it and move it by hand. What it tells is also what passes.
    pub fn from_fn(tell: impl Fn() -> Time + Send + Sync + 'static) -> Clock {
        let (made, tell) = (tell(), Arc::new(tell));
        let told = Arc::clone(&tell);
        Clock { tell, pass: Arc::new(move || (told() - made).to_std().unwrap_or_default()) }
    }

    /// Now.
    pub fn now(&self) -> Time {
        (self.tell)()
    }

    /// How much time has passed since the clock was made.
    pub fn moment(&self) -> Moment {
        (self.pass)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
