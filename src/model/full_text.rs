//! The text of the article itself, for sources whose feeds hold less: what is wanted, and what was had.

use super::{InfoCode, Time};
use crate::css::Selector;
use serde::{Deserialize, Serialize};

/// How a source's full text is found on the article's page (`full_text`).
#[derive(Clone, Debug)]
pub enum WantedText {
    /// By what such pages have in common.
    Extracted,
    /// By the operator's own selector.
    Chosen(Selector),
}

/// Where the text of an edition is from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FullText {
    /// From the feed; nothing else was asked for.
    #[default]
    Unasked,
    /// From the article's page.
    Page,
    /// From the feed: the page had no better one.
    Kept,
    /// From the feed: the page could not be had.
    Missed,
}

impl FullText {
    /// Nothing to be written down.
    pub fn is_unasked(&self) -> bool {
        *self == FullText::Unasked
    }
}

/// An entry whose page is still to be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The entry.
    pub code: InfoCode,
    /// How often it was tried.
    pub tries: u32,
    /// Not before this.
    pub due: Time,
}
