//! `syndic schema`: every key of feeds.toml, for editors as a JSON Schema, for people as Markdown.

use super::{Exit, Output};
use crate::schema;

/// Arguments of `schema`.
#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// The page docs/feeds-toml.md instead
    #[arg(long)]
    markdown: bool,
}

/// Prints it. No feeds.toml is needed.
pub(super) async fn schema(args: &SchemaArgs, output: &Output) -> anyhow::Result<Exit> {
    let text = match args.markdown {
        true => schema::markdown(),
        false => serde_json::to_string_pretty(&schema::json_schema())?,
    };
    output.line(text.trim_end().to_owned()).await?;
    Ok(Exit::Well)
}
