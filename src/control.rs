//! The Unix socket `<data>/syndic.sock` (0600) through which commands reach a running daemon, with the same output and exit. Who is neither
//! the daemon's own user nor root is refused, whatever the file's permissions have become.
//! One request a connection: a line of JSON in, for an import its lines behind it, frames of JSON lines out, an exit frame last.

use crate::{
    cli::{Exit, Line, MAX_LINE, Output, Request, Session},
    store::StoreError,
    vitals::surviving,
};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter, Take},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

/// The longest request read: arguments, nothing more.
const MAX_REQUEST: u64 = 64 * 1024;
/// A client that has connected says what it wants at once.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long commands under way may hold up a stop.
const DRAIN: Duration = Duration::from_secs(5);
/// Lines read ahead of the command that takes them in.
const LINES: usize = 8;
/// Frames waiting for a slow terminal before the command itself waits.
const FRAMES: usize = 256;

/// A piece of a command's answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frame {
    /// A line for stdout, or several.
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
    if fs::metadata(data)?.permissions().mode() & 0o002 != 0 {
        let folder = data.display();
        tracing::warn!(%folder, "anybody may write into the data folder, and put another socket in place of ours: chmod o-w");
    }
    Ok(listener)
}

/// Whether who runs as that user may command a daemon that runs as the other.
fn may_command(user: u32, own: u32) -> bool {
    user == own || user == 0
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
    let (user, own) = (stream.peer_cred()?.uid(), rustix::process::geteuid().as_raw());
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read.take(MAX_REQUEST));
    let mut line = String::new();
    tokio::time::timeout(PATIENCE, read.read_line(&mut line)).await??;
    // Only now: who still speaks when we close hears nothing of why.
    if !may_command(user, own) {
        tracing::warn!(user, "a command of another user is refused");
        let why = format!("the daemon runs as user {own}, and you are {user}; only that user and root may command it");
        return refuse(&mut write, format!("syndic: refused: {why}")).await;
    }
    let request: Request = serde_json::from_str(&line).context("not a request of this version of syndic")?;
    let (frames, mut waiting) = mpsc::channel(FRAMES);
    let command = async {
        let output = Output::frames(frames.clone());
        let performed = async {
            match request {
                Request::Import(args) => crate::cli::perform_on(&session, args, lines_of(read), &output).await,
                request => crate::cli::perform(&session, request, &output).await,
            }
        };
        let exit = surviving(performed.instrument(tracing::error_span!("command"))).await;
        if exit.is_none() {
            let _ = frames.send(Frame::Err("syndic: a fault in syndic, which its log describes".to_owned())).await;
        }
        let _ = frames.send(Frame::Exit(exit.unwrap_or(Exit::Failed).code())).await;
        drop(frames);
    };
    // The copy owns the receiver: when the client is gone, the command's next line fails and ends it.
    let copy = async move {
        let mut frames = Vec::new();
        while waiting.recv_many(&mut frames, FRAMES).await > 0 {
            let mut lines = Vec::new();
            for frame in frames.drain(..) {
                serde_json::to_writer(&mut lines, &frame)?;
                lines.push(b'\n');
            }
            write.write_all(&lines).await?;
        }
        anyhow::Ok(())
    };
    let ((), copied) = tokio::join!(command, copy);
    copied
}

async fn refuse(write: &mut OwnedWriteHalf, why: String) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for frame in [Frame::Err(why), Frame::Exit(Exit::Unable.code())] {
        serde_json::to_writer(&mut lines, &frame)?;
        lines.push(b'\n');
    }
    Ok(write.write_all(&lines).await?)
}

/// The daemon that holds `data`, if one answers there.
async fn reach(data: &Path) -> Result<Option<UnixStream>, StoreError> {
    let path = socket_path(data);
    match UnixStream::connect(&path).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Err(StoreError::Folder {
            path: path.display().to_string(),
            why: "the daemon's socket is closed to this user: run the command as the daemon's user, or as root"
                .to_owned(),
        }),
        Err(_) => Ok(None),
    }
}

/// Hands a command to the daemon that holds `data`. `None` when none answers there.
pub async fn ask(data: &Path, request: &Request, output: &Output) -> anyhow::Result<Option<Exit>> {
    let Some(stream) = reach(data).await? else { return Ok(None) };
    let (read, mut write) = stream.into_split();
    send(&mut write, request).await?;
    follow(read, output).await.map(Some)
}

/// The same for a command whose lines follow; `start` is asked for them only when a daemon answers.
pub async fn feed(
    data: &Path,
    request: &Request,
    start: &mut impl FnMut() -> Option<mpsc::Receiver<Line>>,
    output: &Output,
) -> anyhow::Result<Option<Exit>> {
    let Some(stream) = reach(data).await? else { return Ok(None) };
    let (read, mut write) = stream.into_split();
    send(&mut write, request).await?;
    let lines = start();
    // Lines go out while answers come in: neither side waits for the other to have said everything.
    let sending = tokio::spawn(async move {
        if let Some(lines) = lines
            && let Err(error) = send_lines(lines, write).await
        {
            tracing::debug!(%error, "the daemon takes no more lines");
        }
    });
    let exit = follow(read, output).await;
    sending.abort();
    exit.map(Some)
}

async fn send(write: &mut OwnedWriteHalf, request: &Request) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    // A daemon that listens no more is no reader that went away.
    write.write_all(&line).await.map_err(|error| anyhow::anyhow!("the daemon broke off: {error}"))
}

/// Each line as its number and its text; of one that cannot be read, why not.
async fn send_lines(mut lines: mpsc::Receiver<Line>, write: OwnedWriteHalf) -> std::io::Result<()> {
    let mut write = BufWriter::new(write);
    while let Some(Line { number, text }) = lines.recv().await {
        let (mark, text) = text.map_or_else(|why| ('!', why), |text| (' ', text));
        write.write_all(format!("{number}{mark}").as_bytes()).await?;
        write.write_all(text.as_bytes()).await?;
        write.write_all(b"\n").await?;
    }
    write.shutdown().await
}

/// The lines that follow a request. They end with the connection; one that broke off is none.
fn lines_of(mut read: BufReader<Take<OwnedReadHalf>>) -> mpsc::Receiver<Line> {
    let (sender, lines) = mpsc::channel(LINES);
    tokio::spawn(async move {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            read.get_mut().set_limit(MAX_LINE as u64 + MAX_REQUEST);
            if !read.read_until(b'\n', &mut bytes).await.is_ok_and(|_| bytes.pop() == Some(b'\n')) {
                break;
            }
            let line = std::str::from_utf8(&bytes).ok().and_then(|line| {
                let (number, text) = line.split_at_checked(line.find([' ', '!'])?)?;
                let (mark, text) = text.split_at_checked(1)?;
                let text = if mark == "!" { Err(text.to_owned()) } else { Ok(text.to_owned()) };
                Some(Line { number: number.parse().ok()?, text })
            });
            let Some(line) = line else { break };
            if sender.send(line).await.is_err() {
                break;
            }
        }
    });
    lines
}

async fn follow(read: OwnedReadHalf, output: &Output) -> anyhow::Result<Exit> {
    let mut frames = BufReader::new(read).lines();
    while let Some(line) = frames.next_line().await.context("the daemon broke off")? {
        match serde_json::from_str(&line).context("an answer of another version of syndic")? {
            Frame::Out(line) => output.line(line).await?,
            Frame::Err(line) => output.note(line).await?,
            Frame::Progress(done, all, what) => output.progress(done, all, &what).await?,
            Frame::Exit(code) => return Ok(Exit::from_code(code)),
        }
    }
    anyhow::bail!("the daemon stopped before it had answered; look at its log and try again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_daemons_own_user_and_root_may_command_it_and_nobody_else() {
        assert!(may_command(1000, 1000) && may_command(0, 1000) && may_command(0, 0));
        assert!(!may_command(1001, 1000) && !may_command(1000, 0));
    }
}
