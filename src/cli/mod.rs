//! The command line: arguments in, one function a command, an exit code out. No logic of its own.
//! Results go to stdout, diagnostics to stderr. Exit: 0 well, 1 something asked for failed, 2 config, store, port, usage.

mod add;
mod ask;
mod backup;
mod change;
mod check;
mod columns;
mod completions;
mod explain;
mod export;
mod import;
mod man;
mod manual;
mod output;
mod poll;
mod preview;
mod reload;
mod retract;
mod run;
mod schema;
mod session;
mod show;
mod status;
mod verify;

pub use import::{Line, MAX_LINE};
pub use output::{Exit, Output};
pub use session::{Request, Session, perform, perform_on};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{path::PathBuf, process::ExitCode};

/// Reads RSS, Atom and JSON feeds, keeps every entry, and publishes them again by category, saying whose work they are.
#[derive(Debug, Parser)]
#[command(name = "syndic", version)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Options that stand before or after any command.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The configuration file
    #[arg(long, global = true, env = "SYNDIC_CONFIG", default_value = "feeds.toml", value_name = "FILE")]
    pub config: PathBuf,
    /// The data folder, instead of `[store] path`
    #[arg(long, global = true, env = "SYNDIC_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where to listen, instead of `[server] listen`
    #[arg(long, global = true, env = "SYNDIC_LISTEN", value_name = "ADDR")]
    pub listen: Option<String>,
    /// How log lines look
    #[arg(long, global = true, value_enum, default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: poll what is due, serve feeds and pages
    Run,
    /// Poll all sources once, due or not, and print what came
    Poll(poll::PollArgs),
    /// Check feeds.toml and say everything that is wrong with it
    Check(check::CheckArgs),
    /// Find the feed at an address, show its newest entries, and write it into feeds.toml
    Add(add::AddArgs),
    /// Take a source out of feeds.toml
    Remove(change::ChangeArgs),
    /// Poll a source again
    Enable(change::ChangeArgs),
    /// Poll a source no longer; what it brought stays published
    Disable(change::ChangeArgs),
    /// Put a source into another category
    Move(change::MoveArgs),
    /// Show what syndic makes of a document, storing nothing
    Preview(preview::PreviewArgs),
    /// Print the JSON Schema of feeds.toml, with which editors complete and check it
    Schema(schema::SchemaArgs),
    /// Show one entry
    Show(show::ShowArgs),
    /// Say why an entry is not there, or why a source is not asked
    Explain(explain::ExplainArgs),
    /// Withdraw an entry from every feed and page, and refuse it when it comes again
    Retract(retract::RetractArgs),
    /// Bring a retracted entry back
    RestoreEntry(retract::RestoreEntryArgs),
    /// Have the daemon take feeds.toml anew at once, and say what that changes
    Reload,
    /// Show how the sources are doing
    Status(status::StatusArgs),
    /// Write everything stored into one file, also while the daemon runs
    Backup(backup::BackupArgs),
    /// Make a store in a fresh data folder from a backup
    Restore(backup::RestoreArgs),
    /// Read everything stored and say what is wrong with it
    Verify(verify::VerifyArgs),
    /// Write out what is stored
    #[command(subcommand)]
    Export(export::ExportCommand),
    /// Take in what was written out elsewhere
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Print what a shell needs to complete commands and options
    Completions(completions::CompletionsArgs),
    /// Print the manual page, or write those of all commands into a folder
    Man(man::ManArgs),
}

/// The command line, with all that its help says.
fn command() -> clap::Command {
    manual::with_help(Arguments::command())
}

/// Runs the program and gives its exit code.
pub fn main() -> ExitCode {
    let matches = command().get_matches();
    let Arguments { global, command } = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    allow_open_files();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("syndic: cannot start: {error}");
            return Exit::Unable.into();
        }
    };
    let exit = runtime.block_on(dispatch(global, command.unwrap_or(Command::Run)));
    // Work on a hostile document may still hold a thread: nobody waits for it.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    exit.into()
}

/// Each connection takes a file, and what a shell allows is often too little for thousands of sources: as many as may be had.
fn allow_open_files() {
    let limit = getrlimit(Resource::Nofile);
    // Without it there are fewer connections at a time, and each that finds none says so.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

async fn dispatch(global: Global, command: Command) -> Exit {
    output::start_logging(global.log_format, matches!(command, Command::Run));
    let output = Output::terminal();
    let result = match command {
        Command::Run => run::run(&global).await,
        Command::Check(args) => check::check(&global, &args, &output).await,
        Command::Add(args) => add::add(&global, args, &output).await,
        Command::Remove(args) => change::remove(&global, args, &output).await,
        Command::Enable(args) => change::enable(&global, args, true, &output).await,
        Command::Disable(args) => change::enable(&global, args, false, &output).await,
        Command::Move(args) => change::move_source(&global, args, &output).await,
        Command::Preview(args) => preview::preview(&global, &args, &output).await,
        Command::Poll(args) => session::request(&global, Request::Poll(args), &output).await,
        Command::Schema(args) => schema::schema(&args, &output).await,
        Command::Show(args) => session::request(&global, Request::Show(args.for_terminal(&output)), &output).await,
        Command::Explain(args) => session::request(&global, Request::Explain(args), &output).await,
        Command::Retract(args) => session::request(&global, Request::Retract(args), &output).await,
        Command::RestoreEntry(args) => session::request(&global, Request::RestoreEntry(args), &output).await,
        Command::Reload => reload::reload(&global, &output).await,
        Command::Status(args) => session::request(&global, Request::Status(args), &output).await,
        Command::Backup(args) => session::request(&global, Request::Backup(args.absolute()), &output).await,
        Command::Restore(args) => backup::restore(&global, &args, &output).await,
        Command::Verify(args) => verify::dispatch(&global, args, &output).await,
        Command::Export(command) => session::request(&global, Request::Export(command.absolute()), &output).await,
        Command::Import(command) => import::import(&global, command, &output).await,
        Command::Completions(args) => completions::completions(&args, &output).await,
        Command::Man(args) => man::man(&args, &output).await,
    };
    match result {
        Ok(exit) => exit,
        Err(error) => output.explain(&error).await,
    }
}
