//! Public pages are drawn once for what they are drawn from, and remembered like feeds.

use super::frame::Frame;
use crate::serve::{
    Visit,
    document::{Caching, Document, Guise, Problem},
};
use askama::Template;
use axum::response::Response;
use std::hash::{Hash, Hasher};
use twox_hash::XxHash3_64;

/// What a page is drawn from, as a number.
#[derive(Clone, Copy)]
pub struct Stamp(pub u64);

impl Stamp {
    /// Versions and titles, all that may change.
    pub fn of(from: &impl Hash) -> Stamp {
        let mut hash = XxHash3_64::with_seed(0);
        from.hash(&mut hash);
        Stamp(hash.finish())
    }
}

/// Sends the page at this path. `from` stands for what it is drawn from: equal ones mean equal bytes, as long as feeds.toml says
/// the same. Of a private page nothing is remembered. Whether the visitor may see it was decided before.
pub async fn send<P: Template>(
    visit: &Visit,
    path: &str,
    from: Stamp,
    caching: Caching,
    guise: Guise,
    draw: impl AsyncFnOnce() -> Result<P, Problem>,
) -> Result<Response, Problem> {
    let html = async || draw().await?.render().map_err(|error| Problem::Broken(error.into()));
    if matches!(caching, Caching::Private) {
        return visit.send(Document::page(html().await?, guise, caching)).await;
    }
    let (publisher, stamp) = (&visit.app.publisher, visit.config.hash ^ from.0);
    let body = match publisher.drawn(path, stamp) {
        Some(body) => body,
        None => publisher.draw(path, stamp, html().await?.into()),
    };
    visit.send(Document::kept(body, guise, caching)).await
}

/// How a page is kept by others: one that links with a key, by nobody.
pub fn caching(frame: &Frame, otherwise: Caching) -> Caching {
    if frame.is_private { Caching::Private } else { otherwise }
}
