//! The store at size: ingest, small commits, re-polls, sizes, opening, listing, memory. Each phase is a process of its own, so
//! that one can be killed and each has its own memory. redb stores the same keys and values in the same groups beside it.
//!
//! `cargo bench --profile dev-release --bench store -- [--entries N] [--seed S] [--data FOLDER] [--text] [--no-yardstick]`
//! Prints lines `figure NAME VALUE UNIT [aim AIM]`, then a table. FOLDER is on the disk to be measured (default: temporary).

#![allow(clippy::indexing_slicing, reason = "a bench that cannot go on should say so and stop")]

mod fill;
mod measure;
mod news;
#[path = "../support/mod.rs"]
mod support;
mod yardstick;

use anyhow::Context;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

/// As in the program itself: how much memory is held depends on it.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What a run works with.
#[derive(Clone, Debug)]
pub struct Run {
    /// Entries to begin with.
    pub entries: usize,
    /// Of the texts.
    pub seed: u64,
    /// Where the stores are made.
    pub data: PathBuf,
    yardstick: bool,
    phase: Option<String>,
}

fn main() -> anyhow::Result<()> {
    let Some(run) = Run::from_arguments()? else { return Ok(()) };
    match run.phase.as_deref() {
        None => all(run),
        Some("text") => text(&run),
        Some("single") => fill::single(&run),
        Some("fill") => fill::fill(&run),
        Some("open") => fill::open(&run, "open.orderly"),
        Some("grow") => fill::grow(&run),
        Some("open-killed") => fill::open(&run, "open.killed"),
        Some("yardstick") => yardstick::replay(&run),
        Some("yardstick-open") => yardstick::open(&run),
        Some(other) => anyhow::bail!("no phase is called {other}"),
    }
}

impl Run {
    /// `None` when nothing is to be measured: cargo asks for a list, or runs benches as tests.
    fn from_arguments() -> anyhow::Result<Option<Run>> {
        let mut run = Run { entries: 20_000, seed: 1, data: PathBuf::new(), yardstick: true, phase: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--entries" => run.entries = value()?.replace('_', "").parse().context("--entries")?,
                "--seed" => run.seed = value()?.parse().context("--seed")?,
                "--data" => run.data = value()?.into(),
                "--phase" => run.phase = Some(value()?),
                "--text" => run.phase = Some("text".into()),
                "--no-yardstick" => run.yardstick = false,
                "--bench" => {}
                "--list" | "--test" => return Ok(None),
                other => anyhow::bail!("unknown argument {other}"),
            }
        }
        Ok(Some(run))
    }

    /// Another process of this program, for one phase.
    fn start(&self, phase: &str) -> anyhow::Result<(Child, BufReader<ChildStdout>)> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--phase", phase, "--entries", &self.entries.to_string(), "--seed", &self.seed.to_string()]);
        let mut child = command.arg("--data").arg(&self.data).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().context("the phase has an output")?;
        Ok((child, BufReader::new(output)))
    }

    /// A phase to its end; what it printed.
    fn phase(&self, phase: &str, figures: &mut Vec<String>) -> anyhow::Result<()> {
        let (mut child, output) = self.start(phase)?;
        for line in output.lines() {
            let line = line?;
            println!("{line}");
            figures.push(line);
        }
        anyhow::ensure!(child.wait()?.success(), "phase {phase} failed");
        Ok(())
    }
}

fn all(mut run: Run) -> anyhow::Result<()> {
    let temporary =
        if run.data.as_os_str().is_empty() { tempfile::tempdir()? } else { tempfile::tempdir_in(&run.data)? };
    run.data = temporary.path().to_owned();
    println!("# entries {} seed {}", run.entries, run.seed);
    let mut figures = Vec::new();
    for phase in ["single", "fill"] {
        run.phase(phase, &mut figures)?;
    }
    measure::forget_pages(&store(&run.data));
    run.phase("open", &mut figures)?;
    killed_while_writing(&run)?;
    measure::forget_pages(&store(&run.data));
    run.phase("open-killed", &mut figures)?;
    if run.yardstick {
        run.phase("yardstick", &mut figures)?;
        measure::forget_pages(&yardstick::folder(&run.data));
        run.phase("yardstick-open", &mut figures)?;
    }
    measure::table(&figures);
    Ok(())
}

/// SIGKILL while commits go on, as soon as some are acknowledged.
fn killed_while_writing(run: &Run) -> anyhow::Result<()> {
    let (mut child, output) = run.start("grow")?;
    let acknowledged = output.lines().map_while(Result::ok).any(|line| line == "acknowledged");
    child.kill()?;
    child.wait()?;
    anyhow::ensure!(acknowledged, "the process to be killed ended by itself");
    Ok(())
}

/// Documents as RSS on standard output: pipe it through gzip to see how well they compress.
fn text(run: &Run) -> anyhow::Result<()> {
    let news = news::News::new(run.seed);
    (0..news.sources_for(run.entries)).for_each(|source| print!("{}", news.document(source, 0).rss()));
    Ok(())
}

/// The data folder of the store that is measured.
pub fn store(data: &Path) -> PathBuf {
    data.join("store")
}
