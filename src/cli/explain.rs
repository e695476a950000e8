//! `syndic explain CODE|URL|SOURCE`: why something is where it is, or is not.

use super::{Exit, Output, Session};
use crate::{
    explain::{Story, Teller, lines},
    serve::{Asked, Audience, Status},
};
use serde::{Deserialize, Serialize};

/// Arguments of `explain`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct ExplainArgs {
    /// An infoCode, the link or id of an entry, or the id or address of a source
    #[arg(value_name = "CODE|URL|SOURCE")]
    pub what: String,
    /// Everything, for programs
    #[arg(long)]
    pub json: bool,
}

/// Tells it. Exit 1 when nothing of this name is known.
pub(super) async fn explain(session: &Session, args: &ExplainArgs, output: &Output) -> anyhow::Result<Exit> {
    let config = session.config.borrow().clone();
    let (tools, poller, now) = (&session.tools, &session.poller, session.tools.clock.now());
    let asked = Asked { config: &config, reloads: &session.reloads, tools, poller, bounds: poller.bounds() };
    let status = Status::read(asked, now, Audience::Operator).await;
    let teller = Teller::new(&config, &tools.store, status, now, session.reloader.is_some()).await?;
    let stories = teller.explain(&args.what).await?;
    if args.json {
        let told = serde_json::json!({ "asked": args.what, "at": now, "found": stories });
        output.line(serde_json::to_string_pretty(&told)?).await?;
    } else {
        let told: Vec<String> = stories.iter().map(|story| lines(story, now).join("\n")).collect();
        output.line(told.join("\n\n")).await?;
    }
    let is_known = !stories.iter().any(|story| matches!(story, Story::Unknown(_)));
    Ok(if is_known { Exit::Well } else { Exit::Failed })
}
