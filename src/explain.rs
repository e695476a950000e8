//! Why something is where it is, or is not: the story of a source, of an entry, or of what was never seen. It is told from what was written
//! down when it happened; what is decided today is asked of nobody.

mod document;
mod entry;
mod print;
mod remark;
mod source;
mod text;
mod unknown;

pub use document::Document;
pub use entry::{EntryStory, Place, Said};
pub use remark::{Reason, Remark};
pub use source::{Asked, SourceStory};
pub use text::lines;
pub use unknown::Unknown;

use crate::{
    config::{Category, Config},
    model::{InfoCode, Source, SourceId, SourceKind, Time},
    serve::{SourceStatus, Status},
    store::{Store, StoreError},
    view,
};
use serde::Serialize;
use std::sync::Arc;

/// What is told.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Story {
    /// Of a source.
    Source(Box<SourceStory>),
    /// Of an entry.
    Entry(Box<EntryStory>),
    /// Of what is not kept.
    Unknown(Box<Unknown>),
}

/// What stories are told from.
pub struct Teller<'a> {
    config: &'a Arc<Config>,
    store: &'a Store,
    status: Status,
    categories: Vec<Category>,
    now: Time,
    /// A daemon runs, and polls what is due.
    polling: bool,
}

impl<'a> Teller<'a> {
    /// `status`: how things stand at `now`, for the operator.
    pub async fn new(
        config: &'a Arc<Config>,
        store: &'a Store,
        status: Status,
        now: Time,
        polling: bool,
    ) -> Result<Teller<'a>, StoreError> {
        let categories = view::published_categories(config, &store.categories().await?);
        Ok(Teller { config, store, status, categories, now, polling })
    }

    /// Tells of the id or address of a source, of a code, link or id of an entry; several where one name means several.
    pub async fn explain(&self, what: &str) -> Result<Vec<Story>, StoreError> {
        let what = what.trim();
        let mut stories = Vec::new();
        if let Some(source) = self.source_of(what) {
            stories.push(Story::Source(Box::new(self.source(source).await?)));
        } else if let Some(removed) = self.removed(what).await? {
            stories.push(Story::Source(Box::new(removed)));
        }
        for code in self.store.codes_of(what).await? {
            let found = self.store.whereabouts(vec![code]).await?.pop();
            if let Some(found) = found {
                stories.push(Story::Entry(Box::new(self.entry(what, found).await?)));
            }
        }
        if stories.is_empty() {
            stories.push(Story::Unknown(Box::new(self.unknown(what).await?)));
        }
        Ok(stories)
    }

    /// By its id, or by the address that feeds.toml gives it.
    fn source_of(&self, what: &str) -> Option<&Arc<Source>> {
        let by_id = SourceId::parse(what).and_then(|id| self.config.source(&id));
        by_id.or_else(|| {
            let place = url::Url::parse(what).ok().map(|url| SourceKind::Feed(url).place())?;
            self.config.sources.iter().find(|source| source.kind.place() == place)
        })
    }

    fn status_of(&self, source: &SourceId) -> Option<&SourceStatus> {
        self.status.sources.iter().find(|status| status.id == *source)
    }
}

/// The code that a text is, if it looks like one.
fn as_code(what: &str) -> Option<InfoCode> {
    InfoCode::parse(what)
}
