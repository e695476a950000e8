//! Rendered feeds, remembered by stamp: nothing is ever invalidated, readers compare. The bytes held are bounded,
//! a stamp is rendered once however many ask for it at the same time, and nobody is given an older one than asked for.

/// Ways over the wire.
mod coding;

/// A document and its codings.
mod body;

/// Last-Modified.
mod changed;

/// What a document is called.
mod key;

/// What is held.
mod shelf;

/// One piece of work a key.
mod flight;

/// The way in.
mod rendered;

/// What is published no more.
mod vanished;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use body::{Body, Tags};
pub use coding::Coding;
pub(crate) use flight::Flights;
pub use key::Key;
pub use rendered::{Publisher, Rendering, Sources};
pub use shelf::{Head, Rendered, Stamp, Whose};
pub use vanished::forget_vanished;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
