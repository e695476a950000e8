//! Where a command's answer goes: this terminal, or frames to a client of the daemon. And the exit codes.

use super::LogFormat;
use crate::{config::ConfigErrors, control::Frame, store::StoreError};
use anstream::{AutoStream, ColorChoice, stream::RawStream};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};
use tokio::sync::mpsc;
use tracing_subscriber::EnvFilter;

/// How a command ended (contract: commands).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All well.
    Well,
    /// Something asked for failed.
    Failed,
    /// Config, store, port or usage.
    Unable,
}

impl Exit {
    /// 0, 1 or 2.
    pub fn code(self) -> u8 {
        match self {
            Exit::Well => 0,
            Exit::Failed => 1,
            Exit::Unable => 2,
        }
    }

    /// The reverse of [`Exit::code`].
    pub fn from_code(code: u8) -> Exit {
        match code {
            0 => Exit::Well,
            1 => Exit::Failed,
            _ => Exit::Unable,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Where an answer goes.
pub enum Output {
    /// This process's stdout and stderr; the bar is shown on a terminal only.
    Terminal(ProgressBar),
    /// A client of the daemon.
    Frames(mpsc::Sender<Frame>),
}

impl Output {
    /// This process's own.
    pub fn terminal() -> Output {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        Output::Terminal(bar)
    }

    /// A client's.
    pub fn frames(frames: mpsc::Sender<Frame>) -> Output {
        Output::Frames(frames)
    }

    /// Diagnostics may carry colours.
    pub fn is_coloured(&self) -> bool {
        matches!(self, Output::Terminal(_)) && takes_colours(&std::io::stderr())
    }

    /// Results may carry colours.
    pub fn has_coloured_results(&self) -> bool {
        matches!(self, Output::Terminal(_)) && takes_colours(&std::io::stdout())
    }

    /// Prints a result, with a line break. Errors when nobody reads any more.
    pub async fn line(&self, text: String) -> anyhow::Result<()> {
        match self {
            Output::Terminal(bar) => Ok(bar.suspend(|| writeln!(std::io::stdout(), "{text}"))?),
            Output::Frames(frames) => send(frames, Frame::Out(text)).await,
        }
    }

    /// Prints a diagnostic.
    pub async fn note(&self, text: String) -> anyhow::Result<()> {
        match self {
            Output::Terminal(bar) => Ok(bar.suspend(|| writeln!(std::io::stderr(), "{text}"))?),
            Output::Frames(frames) => send(frames, Frame::Err(text)).await,
        }
    }

    /// Says why a command ended, and how: config, store and port are 2, everything else that went wrong is 1.
    pub(super) async fn explain(&self, error: &anyhow::Error) -> Exit {
        if is_broken_pipe(error) {
            return Exit::Well;
        }
        let (text, exit) = match error.downcast_ref::<ConfigErrors>() {
            Some(errors) => (errors.render(self.is_coloured()).trim_end().to_owned(), Exit::Unable),
            None if error.is::<StoreError>() || error.is::<Unable>() => (format!("syndic: {error:#}"), Exit::Unable),
            None => (format!("syndic: {error:#}"), Exit::Failed),
        };
        let _ = self.note(text).await;
        exit
    }

    /// Shows how far a long command has come; gone once `done` reaches `all`.
    pub async fn progress(&self, done: u64, all: u64, what: &str) -> anyhow::Result<()> {
        match self {
            Output::Terminal(bar) => {
                if bar.is_hidden() && can_draw() {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                bar.set_length(all);
                bar.set_position(done);
                bar.set_message(what.to_owned());
                if done >= all {
                    bar.finish_and_clear();
                }
                Ok(())
            }
            Output::Frames(frames) => send(frames, Frame::Progress(done, all, what.to_owned())).await,
        }
    }
}

/// A terminal, unless NO_COLOR, CLICOLOR or TERM say otherwise; nothing else, unless CLICOLOR_FORCE does. As clap decides it of its help.
fn takes_colours(stream: &impl RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}

/// A bar is drawn over itself: that takes a terminal that moves its cursor.
fn can_draw() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

async fn send(frames: &mpsc::Sender<Frame>, frame: Frame) -> anyhow::Result<()> {
    frames.send(frame).await.map_err(|_| anyhow::anyhow!("the client is gone"))
}

/// One subscriber for the process: log lines on stderr. `SYNDIC_LOG` filters as RUST_LOG does elsewhere.
pub(super) fn start_logging(format: LogFormat, daemon: bool) {
    // html5ever speaks up about markup it repairs: that is about a publisher's page, not about us.
    let default = if daemon { "info,html5ever=error" } else { "warn,html5ever=error" };
    let filter = EnvFilter::try_from_env("SYNDIC_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| OneLine).with_target(false);
    let started = match format {
        LogFormat::Text => lines.with_ansi(takes_colours(&std::io::stderr())).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    drop(started); // a second call (tests) keeps the first subscriber
}

/// Stderr, on which each event is one line, whatever somebody else's words in it hold.
struct OneLine;

impl Write for OneLine {
    /// An event comes whole.
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let text = event.strip_suffix(b"\n").unwrap_or(event);
        if text.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            let one: Vec<u8> =
                text.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect();
            std::io::stderr().write_all(&[&one, b"\n".as_slice()].concat())?;
        } else {
            std::io::stderr().write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

/// The reader went away (`syndic export entries | head`): not an error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// An error that means exit 2 (a taken port, wrong usage).
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unable(pub String);
