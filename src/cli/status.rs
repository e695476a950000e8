//! `syndic status`: how the sources are doing.

use super::{Exit, Output, Session};
use crate::serve::status;
use comfy_table::{Table, presets};
use serde::{Deserialize, Serialize};

/// Arguments of `status`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct StatusArgs {
    /// The document of /status.json
    #[arg(long)]
    pub json: bool,
}
