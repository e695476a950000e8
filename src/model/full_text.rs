//! The text of the article itself, for sources whose feeds hold less: what is wanted, and what was had.

use super::{Drawn, InfoCode, Spot, Template, Time};
use crate::css::Selector;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a source's full text is found on the article's page (`full_text`).
#[derive(Clone, Debug)]
pub enum WantedText {
    /// By what such pages have in common.
    Extracted,
    /// By the operator's own selector.
    Chosen(Selector),
    /// As a section of its own says.
    Detail(Arc<Detail>),
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
    /// Where it is, where that is not the entry's link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Where the text of an entry is, and what else is taken there (`[source.detail]`).
#[derive(Clone, Debug)]
pub struct Detail {
    /// The address, made of `{code}`, `{id}`, `{link}`; `None`: the entry's link.
    pub url: Option<Template>,
    /// What kind of document it is.
    pub form: Detailed,
    /// The text, and what the list lacks.
    pub fields: Vec<Drawn>,
    /// Cuts JSON out of a wrapper that is not known: one group.
    pub strip: Option<Regex>,
    /// Where the section stands.
    pub spot: Spot,
}

/// How the text is found in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detailed {
    /// By a path in JSON.
    Json,
    /// By a selector on a page.
    Chosen,
    /// By what pages of articles have in common.
    Extracted,
}
