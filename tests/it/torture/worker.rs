//! The process that is tortured: this same test binary, told to run one ignored test. It commits through the library from
//! eight tasks, now and then writes a checkpoint, saves states alone, closes and opens again, and says each acknowledgement in a line.

use super::{Dice, SOURCES};
use crate::support::Traced;
use crate::support::press::{Press, at, source_feed};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};
use syndic::{
    model::SourceState,
    store::{Store, StoreOptions},
};

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The store is open.
    Open,
    /// Opening failed.
    Unopened(String),
    /// This round of this source was acknowledged.
    Acknowledged(usize, usize),
    /// It was refused.
    Refused(String),
}

/// A running worker.
pub struct Worker {
    child: Child,
    lines: mpsc::Receiver<Said>,
    /// Itself, once it was let go by the program that it ran under.
    traced: Option<Traced>,
}

/// How a worker is started.
pub fn command(data: &Path, seed: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments()).envs(settings(data, seed));
    command
}

/// The one test it is to run.
pub fn arguments() -> [&'static str; 5] {
    ["torture::worker::works_until_it_is_killed", "--exact", "--ignored", "--nocapture", "--quiet"]
}

/// Its settings.
pub fn settings(data: &Path, seed: u64) -> [(&'static str, String); 2] {
    [("SYNDIC_TORTURE_DATA", data.display().to_string()), ("SYNDIC_TORTURE_WORK", seed.to_string())]
}

impl Worker {
    /// Starts it.
    pub fn start(mut command: Command) -> Worker {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            // Half a line, at the end, was not said.
            for line in output.lines().map_while(Result::ok) {
                let Some(said) = understood(&line) else { continue };
                if sender.send(said).is_err() {
                    break;
                }
            }
        });
        Worker { child, lines, traced: None }
    }

    /// The next thing it says within this time.
    pub fn hear(&self, within: Duration) -> Option<Said> {
        self.lines.recv_timeout(within).ok()
    }

    /// Ends the tracer it was started under, and goes on.
    pub fn let_go(&mut self) {
        self.traced = Some(Traced::let_go(&mut self.child));
    }

    /// SIGKILL; then everything it had said.
    pub fn kill(mut self) -> Vec<Said> {
        match self.traced.take() {
            Some(traced) => traced.kill(),
            None => {
                let traced = Traced::by(&self.child);
                traced.kill();
                self.child.kill().unwrap();
                self.child.wait().unwrap();
            }
        }
        // The reader ends with the pipe: whatever was written before the kill is heard.
        std::mem::replace(&mut self.lines, mpsc::channel().1).iter().collect()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(traced) = &self.traced {
            traced.kill();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn understood(line: &str) -> Option<Said> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "open" => Some(Said::Open),
        "unopened" => Some(Said::Unopened(rest.to_owned())),
        "ack" => rest
            .split_once(' ')
            .map(|(source, round)| Said::Acknowledged(source.parse().unwrap(), round.parse().unwrap())),
        "refused" => Some(Said::Refused(rest.to_owned())),
        _ => None,
    }
}

/// One call a line, so that what is said is said whole; `writev`, because `write` may be made to fail for the store's sake.
fn say(words: &str) {
    let line = format!("{words}\n");
    let mut output = std::fs::OpenOptions::new().append(true).open("/dev/stdout").unwrap();
    let _ = output.write_vectored(&[std::io::IoSlice::new(line.as_bytes())]);
}

#[test]
#[ignore = "a helper process of the torture tests"]
fn works_until_it_is_killed() {
    let Ok(data) = std::env::var("SYNDIC_TORTURE_DATA") else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut dice = Dice(super::setting("WORK", 0));
    let steady = super::setting("STEADY", 0) > 0;
    loop {
        let store = match Store::open(
            Path::new(&data),
            StoreOptions { cache: 4 << 20, editions: 3, ..StoreOptions::default() },
        ) {
            Ok(store) => store,
            Err(error) => return say(&format!("unopened {error}")),
        };
        say("open");
        // A disk that fails leaves a sled that this process cannot open a second time (ADR 0006).
        let budget = if steady { u64::MAX } else { dice.below(120) };
        let budget = Arc::new(AtomicU64::new(budget));
        runtime.block_on(async {
            let tasks =
                (0..8).map(|first| tokio::spawn(print(store.clone(), first, budget.clone(), Dice(dice.next()))));
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
            if dice.one_in(2) {
                let _ = store.close(at(0)).await;
            }
        });
    }
}

/// Commits rounds of every eighth source, one after another, until the budget of this opening is used up.
async fn print(store: Store, first: usize, budget: Arc<AtomicU64>, mut dice: Dice) {
    let press = Press::new();
    let mut sources: Vec<(usize, usize)> = Vec::new();
    for number in (first..SOURCES).step_by(8) {
        let state = store.state(&Press::id(number)).await.unwrap();
        sources.push((number, state.body_hash.map_or(0, |round| round as usize + 1)));
    }
    while budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
        let at = dice.below(sources.len() as u64) as usize;
        let (number, round) = sources[at];
        if dice.one_in(24) {
            let _ = store.checkpoint().await;
        }
        if dice.one_in(6) {
            touch(&store, number).await;
        }
        let source = press.source(number);
        let committed = async {
            let commit = press.commit(&store, &source, press.entries(number, round), round).await?;
            store.apply(commit).await
        };
        match committed.await {
            Ok(_) => {
                say(&format!("ack {number} {round}"));
                sources[at].1 += 1;
            }
            Err(error) => {
                say(&format!("refused {}", error.to_string().replace('\n', " ")));
                // A disk that fails is not asked again at once, as the poller does.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    let _ = store.count(&source_feed(first)).await;
}

/// A state alone, as after a 304: whatever it says, the number of the round stays.
async fn touch(store: &Store, number: usize) {
    if let Ok(state) = store.state(&Press::id(number)).await
        && state.body_hash.is_some()
    {
        let touched = SourceState { failures: state.failures + 1, ..state };
        let _ = store.touch(&Press::id(number), touched).await;
    }
}
