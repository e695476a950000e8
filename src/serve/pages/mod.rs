//! Pages: what the store has → templates. Everything from outside is escaped but the sanitised bodies and our own credit line;
//! one script of ours is on pages that show no body. A public page is drawn once for what it is drawn from.

mod body;
mod card;
mod drawn;
mod entry;
mod frame;
mod home;
mod house;
mod lists;
mod older;
mod source;
mod status;
mod text;

pub use self::{
    entry::entry,
    home::home,
    house::{about, problem},
    lists::category,
    older::{archive, tag},
    source::{source, standing},
    status::status,
    text::{beginning, plain_text},
};
