//! Where the document comes from.

use super::{PreviewArgs, is_url};
use crate::{
    config::Config,
    fetch::{self, Body, Client, Page},
    model::{Answer, Source, SourceKind, Time, Validators},
};
use anyhow::Context;
use std::io::Read;

/// The longest document read from a file or standard input.
const MAX_BYTES: u64 = 15 * 1024 * 1024;

/// The document: over HTTP with the daemon's client, or from a file as if it had come so.
pub(super) async fn page(args: &PreviewArgs, config: &Config, source: &Source, now: Time) -> anyhow::Result<Page> {
    if is_url(&args.document) {
        let client = Client::new(&config.fetch)?;
        let url = args.document.parse().with_context(|| format!("{} is no URL", args.document))?;
        return Ok(fetch::fetch_url(&client, &url, now).await?);
    }
    let mut bytes = Vec::new();
    let read = |from: &mut dyn Read, bytes: &mut Vec<u8>| from.take(MAX_BYTES).read_to_end(bytes);
    match args.document.as_str() {
        "-" => read(&mut std::io::stdin().lock(), &mut bytes).context("standard input")?,
        path => {
            let mut file = std::fs::File::open(path).with_context(|| format!("{path}: cannot open"))?;
            read(&mut file, &mut bytes).with_context(|| format!("{path}: cannot read"))?
        }
    };
    let own = matches!(source.kind, SourceKind::Feed(_)) && args.source.is_some();
    let base = args.base.clone().or_else(|| source.url().filter(|_| own).cloned());
    Ok(Page {
        body: Body::Document(bytes.into()),
        content_type: args.content_type.clone(),
        base: base.map(String::from),
        validators: Validators::default(),
        answer: Answer::default(),
    })
}
