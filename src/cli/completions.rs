//! `syndic completions SHELL`: what a shell needs to complete commands, options and files.

use super::{Exit, Output, command};
use clap_complete::Shell;

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Prints it.
pub(super) async fn completions(args: &CompletionsArgs, output: &Output) -> anyhow::Result<Exit> {
    // Into memory: the library takes a reader that has gone away for a reason to panic.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "syndic", &mut script);
    output.line(String::from_utf8(script)?.trim_end().to_owned()).await?;
    Ok(Exit::Well)
}
