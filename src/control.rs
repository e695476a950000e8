//! The Unix socket `<data>/syndic.sock` (0600) through which commands reach a running daemon, with the same output and exit.
//! One request a connection: a line of JSON in, frames of JSON lines out, an exit frame last.

use crate::cli::{Exit, Output, Request, Session};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    sync::mpsc,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The longest request read: arguments, nothing more.
const MAX_REQUEST: u64 = 64 * 1024;
/// A client that has connected says what it wants at once.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long commands under way may hold up a stop.
const DRAIN: Duration = Duration::from_secs(5);
/// Frames waiting for a slow terminal before the command itself waits.
const FRAMES: usize = 256;

/// A piece of a command's answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frame {
    /// A line for stdout.
    Out(String),
    /// A line for stderr.
    Err(String),
    /// Steps done, steps in all, what is being done.
    Progress(u64, u64, String),
    /// The command ended.
    Exit(u8),
}

/// The socket's path.
pub fn socket_path(data: &Path) -> PathBuf {
    data.join("syndic.sock")
}

/// Listens for commands. The caller holds the store's lock, so a socket that is already there is a dead one.
pub fn listen(data: &Path) -> anyhow::Result<UnixListener> {
    let path = socket_path(data);
    let _ = fs::remove_file(&path);
    let listener = UnixListener::bind(&path).with_context(|| format!("{}: cannot listen", path.display()))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers commands until told to stop; commands under way are finished first.
pub async fn serve(listener: UnixListener, session: Session, stop: CancellationToken) {
    let commands = TaskTracker::new();
    loop {
        tokio::select! {
            connection = listener.accept() => match connection {
                Ok((stream, _)) => {
                    let session = session.clone();
                    commands.spawn(async move {
                        if let Err(error) = answer(stream, session).await {
                            tracing::debug!(%error, "command broke off");
                        }
                    });
                }
                Err(error) => tracing::warn!(%error, "cannot accept a command"),
            },
            () = stop.cancelled() => break,
        }
    }
    commands.close();
    // Whoever reads no more of an export must not keep the daemon from stopping.
    let _ = tokio::time::timeout(DRAIN, commands.wait()).await;
}

/// Runs one command for a client. A client that goes away ends its command at the next line it would print.
async fn answer(stream: UnixStream, session: Session) -> anyhow::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    tokio::time::timeout(PATIENCE, BufReader::new(read.take(MAX_REQUEST)).read_line(&mut line)).await??;
    let request: Request = serde_json::from_str(&line).context("not a request of this version of syndic")?;
    let (frames, mut waiting) = mpsc::channel(FRAMES);
    let command = async {
        let exit = crate::cli::perform(&session, request, &Output::frames(frames.clone())).await;
        let _ = frames.send(Frame::Exit(exit.code())).await;
        drop(frames);
    };
    // The copy owns the receiver: when the client is gone, the command's next line fails and ends it.
    let copy = async move {
        while let Some(frame) = waiting.recv().await {
            let mut line = serde_json::to_vec(&frame)?;
            line.push(b'\n');
            write.write_all(&line).await?;
        }
        anyhow::Ok(())
    };
    let ((), copied) = tokio::join!(command, copy);
    copied
}

/// Hands a command to the daemon that holds `data`. `None` when none answers there.
pub async fn ask(data: &Path, request: &Request, output: &Output) -> anyhow::Result<Option<Exit>> {
    let Ok(mut stream) = UnixStream::connect(socket_path(data)).await else { return Ok(None) };
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    let mut frames = BufReader::new(stream).lines();
    while let Some(line) = frames.next_line().await.context("the daemon broke off")? {
        match serde_json::from_str(&line).context("an answer of another version of syndic")? {
            Frame::Out(line) => output.line(line).await?,
            Frame::Err(line) => output.note(line).await?,
            Frame::Progress(done, all, what) => output.progress(done, all, &what).await?,
            Frame::Exit(code) => return Ok(Some(Exit::from_code(code))),
        }
    }
    anyhow::bail!("the daemon stopped before it had answered; look at its log and try again")
}
