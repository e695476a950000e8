//! A document that the source's hub pushed, taken in as a part of what the source lists. What the next poll sends and compares, and
//! when it comes, stay as the last poll left them, but where the push corrects something: then the next poll reads everything anew.
//! A document that cannot be used changes nothing.

use super::{Tools, take_in};
use crate::{
    config::Config,
    fetch::{Body, Page},
    model::{Answer, Changes, Draft, Failure, FailureKind, InfoCode, Source, Time, Validators},
    poll::host::Visit,
    store::{Store, StoreError},
};
use bytes::Bytes;
use std::sync::Arc;
use url::Url;

/// A document, and which way it came.
pub(super) struct Arrived {
    pub page: Page,
    pub pushed: bool,
    /// When it had come: its wishes count from then.
    pub answered: Time,
}

/// What a hub sent.
#[derive(Clone, Debug)]
pub struct Pushed {
    /// The bytes; if they are compressed, that is undone.
    pub body: Bytes,
    /// The Content-Type they came with.
    pub content_type: Option<String>,
    /// Of which address they are the document.
    pub topic: String,
}

/// Takes it in, after the poll of its source that may be under way. `visit` is nowhere: only full texts are asked for.
pub async fn take_pushed(
    tools: &Tools,
    config: &Arc<Config>,
    source: &Arc<Source>,
    mut visit: Visit,
    pushed: Pushed,
) -> Result<Result<Changes, Failure>, StoreError> {
    let _alone = tools.subscriptions.alone(&source.id).await;
    let now = tools.clock.now();
    let before = tools.store.state(&source.id).await?;
    if before.address != Some(source.address()) || before.last_success.is_none() {
        let message = "pushed to a source that has not been polled at this address";
        return Ok(Err(Failure::new(FailureKind::NotAFeed, message)));
    }
    let Pushed { body, content_type, topic } = pushed;
    let body = match tools.client.unpacked(body, config.fetch.max_bytes).await {
        Ok(body) => body,
        Err(reason) => return Ok(Err(Failure::new(FailureKind::Body, reason))),
    };
    let arrived = Arrived { page: page(body, content_type, topic), pushed: true, answered: now };
    let taken = take_in(tools, config, source, &mut visit, &before, arrived, now).await?;
    Ok(taken.map(|(changes, _)| changes))
}

/// Leaves of what is known only what says itself newer than what is kept: a push may be late, repeated, or a lie. Whether
/// anything known is left.
pub(super) async fn only_newer(
    store: &Store,
    drafts: &mut [Draft],
    codes: &[Option<InfoCode>],
) -> Result<bool, StoreError> {
    let mut any = false;
    for (draft, code) in drafts.iter_mut().zip(codes) {
        let (Draft::Candidate(said), Some(code)) = (&*draft, code) else { continue };
        let kept = store.entry(code).await?.map(|entry| entry.edition.updated);
        match kept {
            Some(kept) if !said.edition.updated_said || said.edition.updated <= kept => {
                *draft = Draft::Unchanged(code.clone());
            }
            _ => any = true,
        }
    }
    Ok(any)
}

/// The document as if it had been fetched at its topic.
fn page(body: Bytes, content_type: Option<String>, topic: String) -> Page {
    Page {
        body: Body::Document(body),
        content_type,
        address: Url::parse(&topic).ok(),
        base: Some(topic),
        validators: Validators::default(),
        answer: Answer::default(),
    }
}
