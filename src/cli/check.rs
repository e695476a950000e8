//! `syndic check`: everything that is wrong with feeds.toml, at once.

use super::{Exit, Global, Output, session};
use crate::config::{self, Config};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// One JSON object a problem, for editors
    #[arg(long)]
    json: bool,
}

/// Prints every error and warning. Exit 2 when there is an error.
pub(super) async fn check(global: &Global, args: &CheckArgs, output: &Output) -> anyhow::Result<Exit> {
    let (found, exit, summary) = match Config::load(&global.config, &session::overrides(global)) {
        Ok(loaded) => {
            let config = &loaded.config;
            let summary = format!(
                "{}: well: {} sources, {} categories, {} warnings",
                global.config.display(),
                config.sources.len(),
                config.categories.len(),
                loaded.warnings.len()
            );
            (loaded.warnings, Exit::Well, summary)
        }
        Err(errors) => {
            let summary = format!("{}: {} problems", global.config.display(), errors.diagnostics.len());
            (errors.diagnostics, Exit::Unable, summary)
        }
    };
    if args.json {
        for problem in &found {
            output.line(serde_json::to_string(problem)?).await?;
        }
        return Ok(exit);
    }
    if !found.is_empty() {
        output.note(config::render(&found, output.is_coloured())).await?;
    }
    match exit {
        Exit::Well => output.line(summary).await?,
        _ => output.note(summary).await?,
    }
    Ok(exit)
}
