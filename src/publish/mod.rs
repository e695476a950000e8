//! Rendered feeds, remembered by stamp: nothing is ever invalidated, readers compare. The bytes held are bounded,
//! a stamp is rendered once however many ask for it at the same time, and nobody is given an older one than asked for.

mod flight;
mod rendered;

pub(crate) use flight::Flights;
pub use rendered::{Head, Publisher, Rendered, Stamp, entity_tag};
