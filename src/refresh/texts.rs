//! The texts of articles that could not be had before, tried again by a poll that brings nothing else.

use super::Tools;
use crate::{
    config::Config,
    full_text::Errand,
    model::{Source, SourceState, Time},
    policy,
    poll::host::Visit,
    store::StoreError,
};
use std::sync::Arc;

/// The state after trying again.
pub(super) async fn with_missing_texts(
    tools: &Tools,
    config: &Arc<Config>,
    source: &Source,
    visit: &mut Visit,
    before: SourceState,
    now: Time,
) -> Result<SourceState, StoreError> {
    if before.full_text.is_empty() {
        return Ok(before);
    }
    let full_text = match Errand::of(source, &tools.client, config, visit, now) {
        Some(mut errand) => {
            let judge = policy::judge(config);
            Box::pin(errand.of_missing(&tools.store, source, before.full_text, &judge)).await?
        }
        None => Vec::new(),
    };
    visit.work_on(&config.fetch).await;
    Ok(SourceState { full_text, ..before })
}
