//! Pages: what the store has → templates. No script; everything from outside is escaped but the sanitised bodies and
//! our own credit line.

mod entry;
mod frame;
mod lists;
mod older;
mod text;

pub use self::{
    entry::entry,
    lists::{about, category, home, problem, source, status},
    older::{archive, tag},
    text::plain_text,
};
