//! What scripts and terminals rely on over all commands: what goes where, which code it ends with, colours, pipes that close.

use crate::support::{Daemon, syndic, write_config};
use std::{
    collections::BTreeSet,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Output, Stdio},
};

/// What a command needs before it can do anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Needs {
    Nothing,
    /// It edits feeds.toml: one that is wrong elsewhere is no reason to refuse, and one that is missing is begun.
    Edits,
    /// A good feeds.toml.
    Config,
    /// And a store.
    Store,
}
use Needs::{Config, Edits, Nothing, Store};

/// A call of each command, with what it needs. `FILE` is a file that is there.
const CALLS: &[(&[&str], Needs)] = &[
    (&["run"], Config),
    (&["poll"], Config),
    (&["check"], Config),
    (&["add", "http://127.0.0.1:9/", "--yes"], Edits),
    (&["remove", "paper"], Edits),
    (&["enable", "paper"], Edits),
    (&["disable", "paper"], Edits),
    (&["move", "paper", "news"], Edits),
    (&["preview", "FILE"], Nothing),
    (&["preview", "--source", "paper"], Config),
    (&["schema"], Nothing),
    (&["show", "NW202204222352631195"], Store),
    (&["explain", "NW202204222352631195"], Store),
    (&["retract", "NW202204222352631195", "--reason", "x"], Store),
    (&["restore-entry", "NW202204222352631195"], Store),
    (&["reload"], Config),
    (&["status"], Store),
    (&["backup", "out.bak"], Store),
    (&["restore", "FILE"], Config),
    (&["verify"], Store),
    (&["verify", "--repair"], Store),
    (&["export", "entries"], Store),
    (&["export", "jekyll", "out"], Store),
    (&["export", "site", "out"], Store),
    (&["export", "opml"], Store),
    (&["import", "entries", "FILE"], Config),
    (&["import", "jekyll", "posts"], Config),
    (&["import", "opml", "FILE"], Edits),
    (&["completions", "bash"], Nothing),
    (&["man"], Nothing),
];

/// Commands that somebody may have added, and that this list knows already.
fn is_there(call: &[&str], commands: &BTreeSet<Vec<String>>) -> bool {
    commands
        .iter()
        .any(|command| call.len() >= command.len() && command.iter().zip(call).all(|(one, other)| one == other))
}

/// A folder with what calls name.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("posts")).unwrap();
        std::fs::write(folder.path().join("FILE"), crate::support::fixture("feeds/rss2-newspaper.xml")).unwrap();
        Desk(folder)
    }

    fn with(config: &str) -> Desk {
        let desk = Desk::new();
        write_config(desk.path(), config);
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = syndic();
        command.current_dir(self.path()).args(arguments).stdin(Stdio::null());
        command
    }
}

/// Every command without commands of its own, as help lists them.
fn commands() -> BTreeSet<Vec<String>> {
    fn below(above: &[String], found: &mut BTreeSet<Vec<String>>) {
        let help = syndic().args(above).arg("-h").output().unwrap();
        assert!(help.status.success() && help.stderr.is_empty(), "{above:?}");
        let help = text(&help.stdout);
        let list = help.split("\nCommands:\n").nth(1).map(|list| list.split("\n\n").next().unwrap_or_default());
        let Some(list) = list else {
            found.insert(above.to_vec());
            return;
        };
        let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
        for name in names.filter(|name| !name.is_empty() && *name != "help") {
            below(&[above, &[name.to_owned()]].concat(), found);
        }
    }
    let mut found = BTreeSet::new();
    below(&[], &mut found);
    found
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Ended with 2, said why on standard error, in plain characters, and nothing on standard output.
fn is_refused(output: &Output, what: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{what}: {said}{}", text(&output.stdout));
    assert!(output.stdout.is_empty(), "{what}: {}", text(&output.stdout));
    assert!(!said.trim().is_empty(), "{what} says nothing");
    assert!(!said.contains('\u{1b}'), "{what}: {said}");
}

const GOOD: &str = "[site]\nurl = \"https://syndic.test\"\n[server]\nlisten = \"127.0.0.1:0\"\n[[source]]\nid = \"paper\"\npath = \"FILE\"\ncategory = \"news\"\n";
const BAD: &str = "[site]\nurl = \"https://syndic.test\"\ntitel = \"x\"\n[[source]]\nid = \"paper\"\n";

#[test]
fn every_command_stands_in_this_files_list() {
    let commands = commands();
    assert!(commands.len() > 20, "{commands:?}");
    for command in &commands {
        let listed = CALLS.iter().any(|(call, _)| is_there(call, &BTreeSet::from([command.clone()])));
        assert!(listed, "`{}` has no row in CALLS: what does it need?", command.join(" "));
    }
}

#[test]
fn help_goes_to_standard_output_in_plain_characters() {
    for command in commands() {
        for flag in ["-h", "--help"] {
            let help = syndic().args(&command).arg(flag).output().unwrap();
            let said = text(&help.stdout);
            assert_eq!(help.status.code(), Some(0), "{command:?}");
            assert!(help.stderr.is_empty() && !said.contains('\u{1b}'), "{command:?}");
            assert!(said.contains("Examples:") && said.contains("Exit codes:"), "{command:?}: {said}");
        }
    }
}

#[test]
fn wrong_usage_is_refused() {
    let desk = Desk::with(GOOD);
    for command in commands() {
        let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--no-such-flag"]).collect();
        let output = desk.run(&arguments);
        is_refused(&output, &arguments.join(" "));
        assert!(text(&output.stderr).contains("--no-such-flag"), "{arguments:?}");
    }
    is_refused(&desk.run(&["frobnicate"]), "frobnicate");
    is_refused(&desk.run(&["poll", "--source"]), "poll --source");
    is_refused(&desk.run(&["poll", "--source", "papr"]), "poll --source papr");
}

#[test]
fn without_feeds_toml_every_command_that_needs_it_is_refused_and_names_it() {
    let commands = commands();
    for (call, needs) in CALLS.iter().filter(|(call, _)| is_there(call, &commands)) {
        let desk = Desk::new();
        let output = desk.run(call);
        match needs {
            Nothing => assert_eq!(output.status.code(), Some(0), "{call:?}: {}", text(&output.stderr)),
            Edits => {}
            Config | Store => {
                is_refused(&output, &call.join(" "));
                let said = text(&output.stderr);
                // `reload` asks a daemon, and says that none runs.
                assert!(said.contains("feeds.toml"), "{call:?}: {said}");
            }
        }
        assert!(!desk.path().join("data").exists(), "{call:?} made a data folder");
    }
}

#[test]
fn with_a_wrong_feeds_toml_every_command_that_needs_it_is_refused() {
    let commands = commands();
    for (call, needs) in CALLS.iter().filter(|(call, _)| is_there(call, &commands)) {
        let desk = Desk::with(BAD);
        let output = desk.run(call);
        match needs {
            Nothing => assert_eq!(output.status.code(), Some(0), "{call:?}: {}", text(&output.stderr)),
            Edits => continue,
            Config | Store => is_refused(&output, &call.join(" ")),
        }
        let said = text(&output.stderr);
        let asks_a_daemon = call[0] == "reload";
        assert!(*needs == Nothing || asks_a_daemon || said.contains("did you mean `title`?"), "{call:?}: {said}");
        assert_eq!(std::fs::read_to_string(desk.path().join("feeds.toml")).unwrap(), BAD, "{call:?}");
        assert!(!desk.path().join("data").exists(), "{call:?} made a data folder");
    }
}

#[test]
fn without_a_store_every_command_that_reads_one_is_refused() {
    let commands = commands();
    for (call, needs) in CALLS.iter().filter(|(call, _)| is_there(call, &commands)) {
        if *needs == Store {
            let desk = Desk::with(GOOD);
            let output = desk.run(call);
            is_refused(&output, &call.join(" "));
            assert!(text(&output.stderr).contains("no store here"), "{call:?}: {}", text(&output.stderr));
            assert!(!desk.path().join("data").exists(), "{call:?} made a data folder");
        }
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let desk = Desk::with(GOOD);
    let output = desk.run(&["run", "--listen", &address]);
    is_refused(&output, "run");
    assert!(text(&output.stderr).contains(&address), "{}", text(&output.stderr));
}

#[test]
fn a_store_that_another_process_holds_is_refused_with_its_number() {
    let desk = Desk::with(GOOD);
    let config = desk.path().join("feeds.toml");
    let daemon = Daemon::start(&config, &desk.path().join("data"));
    let holder = daemon.id().to_string();
    let refused = |call: &[&str]| {
        let output = desk.run(call);
        is_refused(&output, &call.join(" "));
        let said = text(&output.stderr);
        assert!(said.contains(&holder), "{call:?}: {said}");
    };
    refused(&["run", "--listen", "127.0.0.1:0"]);
    refused(&["verify", "--repair"]);
    // As if its socket could not be reached: then every command that would open the store.
    std::fs::remove_file(desk.path().join("data/syndic.sock")).unwrap();
    for call in [&["status"][..], &["poll"], &["export", "entries"], &["verify"], &["backup", "out.bak"]] {
        refused(call);
    }
}

#[test]
fn root_does_not_write_into_another_users_data_folder() {
    if !rustix::process::geteuid().is_root() {
        return; // Nobody else can make the folder of another user.
    }
    let desk = Desk::with(GOOD);
    assert_eq!(desk.run(&["poll"]).status.code(), Some(0));
    std::os::unix::fs::chown(desk.path().join("data"), Some(65534), Some(65534)).unwrap();
    for call in [&["poll"][..], &["status"], &["verify", "--repair"], &["run", "--listen", "127.0.0.1:0"]] {
        let output = desk.run(call);
        is_refused(&output, &call.join(" "));
        assert!(text(&output.stderr).contains("belongs to user 65534"), "{call:?}: {}", text(&output.stderr));
    }
}

/// What stands on a terminal, where `call` is typed.
fn on_a_terminal(desk: &Desk, call: &[&str], environment: &[(&str, &str)]) -> String {
    let typed: Vec<String> = desk.command(call).get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let program = syndic().get_program().to_string_lossy().into_owned();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &format!("{program} {}", typed.join(" ")), "/dev/null"]);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "SYNDIC_LOG"] {
        script.env_remove(name);
    }
    script.env("TERM", "xterm").envs(environment.iter().copied()).current_dir(desk.path()).stdin(Stdio::null());
    text(&script.output().unwrap().stdout)
}

/// Escape codes that set colours.
fn is_coloured(shown: &str) -> bool {
    shown.contains("\u{1b}[0m") || shown.contains("\u{1b}[1m") || shown.contains("\u{1b}[3")
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let desk = Desk::with(BAD);
    for call in [&["check"][..], &["--help"], &["frobnicate"]] {
        let shown = on_a_terminal(&desk, call, &[]);
        assert!(is_coloured(&shown), "{call:?}: {shown:?}");
        for (name, value) in [("NO_COLOR", "1"), ("CLICOLOR", "0"), ("TERM", "dumb")] {
            let shown = on_a_terminal(&desk, call, &[(name, value)]);
            assert!(!shown.contains('\u{1b}'), "{name} {call:?}: {shown:?}");
            assert!(shown.len() > 40, "{shown:?}");
        }
        // An empty NO_COLOR is none.
        assert!(is_coloured(&on_a_terminal(&desk, call, &[("NO_COLOR", "")])), "{call:?}");
    }
}

#[test]
fn log_lines_and_bars_keep_to_it_too() {
    let desk = Desk::with(&GOOD.replace("FILE", "nowhere.xml"));
    let logged = [("SYNDIC_LOG", "debug")];
    let shown = on_a_terminal(&desk, &["poll"], &logged);
    assert!(is_coloured(&shown), "{shown:?}");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let shown = on_a_terminal(&desk, &["poll"], &[logged[0], (name, value)]);
        assert!(!is_coloured(&shown), "{name}: {shown:?}");
    }
    // A bar is drawn over itself; a terminal that cannot is spared it.
    assert!(on_a_terminal(&desk, &["poll"], &[]).contains("\u{1b}["));
    assert!(!on_a_terminal(&desk, &["poll"], &[("TERM", "dumb")]).contains('\u{1b}'));
    let piped = desk.command(&["poll"]).env("SYNDIC_LOG", "debug").output().unwrap();
    for (stream, bytes) in [("stdout", &piped.stdout), ("stderr", &piped.stderr)] {
        let said = text(bytes);
        assert!(!said.is_empty() && !said.contains(['\u{1b}', '\r']), "{stream}: {said:?}");
    }
}

#[test]
fn who_reads_no_more_ends_a_command_quietly() {
    let desk = Desk::with(GOOD);
    assert_eq!(desk.run(&["poll"]).status.code(), Some(0));
    let calls: &[&[&str]] = &[
        &["--help"],
        &["schema"],
        &["man"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["completions", "fish"],
        &["check"],
        &["preview", "FILE"],
        &["preview", "FILE", "--as", "atom"],
        &["show", "NW202204222352631195"],
        &["status"],
        &["status", "--json"],
        &["verify"],
        &["poll"],
        &["export", "entries"],
        &["export", "opml"],
        &["export", "site", "out"],
    ];
    let quiet = |call: &[&str]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output =
            desk.command(call).stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.signal(), None, "{call:?}");
        assert!(matches!(output.status.code(), Some(0)), "{call:?}: {:?} {}", output.status, text(&output.stderr));
        assert!(output.stderr.is_empty(), "{call:?}: {}", text(&output.stderr));
    };
    for call in calls {
        quiet(call);
    }
    // The same through a daemon, which goes on.
    let daemon = Daemon::start(&desk.path().join("feeds.toml"), &desk.path().join("data"));
    for call in [&["status"][..], &["export", "entries"], &["show", "NW202204222352631195"], &["poll"]] {
        quiet(call);
    }
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn what_cannot_be_written_is_a_failure() {
    let desk = Desk::with(GOOD);
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for call in [&["schema"][..], &["man"], &["completions", "fish"], &["check"]] {
        let output =
            desk.command(call).stdout(full()).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{call:?}");
        assert!(text(&output.stderr).contains("No space left"), "{call:?}: {}", text(&output.stderr));
    }
}
