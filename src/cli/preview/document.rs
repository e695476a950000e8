//! Where the document comes from.

use super::{PreviewArgs, Shape, is_url};
use crate::{
    config::Config,
    fetch::{self, Body, Client, Fetched, Page, PostFile},
    model::{Answer, Source, SourceKind, SourceState, Time, Validators},
};
use anyhow::Context;
use bytes::Bytes;
use std::{
    io::Read,
    path::{Path, PathBuf},
};

/// The longest document read from a file or standard input.
const MAX_BYTES: u64 = 15 * 1024 * 1024;

/// The document: over HTTP with the daemon's client, or from a file or folder as if it had come so.
pub(super) async fn page(args: &PreviewArgs, config: &Config, source: &Source, now: Time) -> anyhow::Result<Page> {
    let Some(document) = args.document.as_deref() else { return whole(config, source, now).await };
    if is_url(document) {
        let client = Client::new(&config.fetch)?;
        let url = document.parse().with_context(|| format!("{document} is no URL"))?;
        return Ok(fetch::fetch_url(&client, &url, now).await?);
    }
    let path = Path::new(document);
    if path.is_dir() {
        return whole(config, &Source { kind: SourceKind::Folder(path.to_owned()), ..source.clone() }, now).await;
    }
    let bytes = read(document)?;
    let body = match args.format != Shape::Html && is_post(path, &bytes) {
        true => Body::Posts(vec![PostFile { path: path.file_name().map(PathBuf::from).unwrap_or_default(), bytes }]),
        false => Body::Document(fetch::uncompressed(bytes, MAX_BYTES as usize)?),
    };
    let own = matches!(source.kind, SourceKind::Feed(_)) && args.source.is_some();
    let base = args.base.clone().or_else(|| source.url().filter(|_| own).cloned());
    Ok(Page {
        body,
        content_type: args.content_type.clone(),
        base: base.map(String::from),
        address: None,
        validators: Validators::default(),
        answer: Answer::default(),
    })
}

/// What a source has now, as its first poll would get it.
async fn whole(config: &Config, source: &Source, now: Time) -> anyhow::Result<Page> {
    let client = Client::new(&config.fetch)?;
    match fetch::fetch(&client, source, &SourceState::default(), now).await? {
        Fetched::Modified(page) => Ok(page),
        Fetched::NotModified(..) => {
            anyhow::bail!("{} says that nothing has changed, though it was not asked", source.id)
        }
    }
}

fn read(document: &str) -> anyhow::Result<Bytes> {
    let mut bytes = Vec::new();
    match document {
        "-" => std::io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes).context("standard input")?,
        path => {
            let file = std::fs::File::open(path).with_context(|| format!("{path}: cannot open"))?;
            file.take(MAX_BYTES).read_to_end(&mut bytes).with_context(|| format!("{path}: cannot read"))?
        }
    };
    Ok(bytes.into())
}

/// A post of a folder: Markdown, or HTML that begins with front matter.
fn is_post(path: &Path, bytes: &[u8]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let is = |known: &str| extension.eq_ignore_ascii_case(known);
    let begins = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).starts_with(b"---");
    is("md") || is("markdown") || (is("html") && begins)
}
