//! The pages of commands, from what `--help` is made of.

use super::super::manual::{self, Told};
use clap::Command;
use clap_mangen::{
    Man,
    roff::{Roff, bold, italic, roman},
};

/// A page for `command` and each below it, with its path; that of `command` first.
pub(super) fn pages(command: Command) -> Vec<(String, String)> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, &mut pages);
    pages
}

fn collect(command: &Command, pages: &mut Vec<(String, String)>) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    pages.push((format!("man1/{}.1", name.replace(' ', "-")), page(command, name)));
    for inner in command.get_subcommands() {
        collect(inner, pages);
    }
}

fn page(command: &Command, name: &str) -> String {
    let man = Man::new(command.clone());
    let mut page = title(&name.replace(' ', "-"), 1).into_bytes();
    // Writing to memory does not fail.
    let _ = man.render_name_section(&mut page);
    let _ = man.render_synopsis_section(&mut page);
    let _ = man.render_description_section(&mut page);
    let told = manual::of(name);
    if let Some(told) = told.filter(|told| !told.more.is_empty()) {
        let _ = Roff::new().control("PP", []).text([roman(told.more)]).to_writer(&mut page);
    }
    let _ = man.render_options_section(&mut page);
    if command.has_subcommands() {
        let _ = man.render_subcommands_section(&mut page);
    }
    if let Some(told) = told {
        let _ = examples_and_exits(told).to_writer(&mut page);
    }
    let _ = around(name).to_writer(&mut page);
    // A break of its own on both sides of an empty line is one too many for mandoc.
    String::from_utf8_lossy(&page).replace(".br\n\n.br\n", ".br\n")
}

/// The first line. By hand: the library leaves an empty date out, and what follows is taken for it.
pub(super) fn title(name: &str, section: u8) -> String {
    format!(".TH \"{}\" \"{section}\" \"\" \"syndic {}\" \"syndic\"\n", name.to_uppercase(), env!("CARGO_PKG_VERSION"))
}

fn examples_and_exits(told: &Told) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    for (line, what) in told.examples {
        roff.control("TP", []).text([bold(*line)]).text([roman(*what)]);
    }
    roff.control("SH", ["EXIT STATUS"]);
    for (code, when) in told.exits() {
        roff.control("TP", []).text([bold(code)]).text([roman(when)]);
    }
    roff
}

/// What the program as a whole stands among.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("SYNDIC_CONFIG, SYNDIC_DATA, SYNDIC_LISTEN", "What --config, --data and --listen say, where these are not given."),
    (
        "SYNDIC_LOG",
        "How much is logged: error, warn, info (the default of run), debug, trace; or a list such as info,syndic::fetch=debug.",
    ),
    (
        "NO_COLOR, CLICOLOR, CLICOLOR_FORCE",
        "Whether help, diagnostics and log lines have colours. Without these a terminal has them, a pipe or file has not.",
    ),
    ("MIMALLOC_PURGE_DELAY", "With 0, memory that is given back goes to the system at once."),
    ("NAME", "Any that feeds.toml names with { env = \"NAME\" }."),
];
const FILES: [(&str, &str); 3] = [
    (
        "feeds.toml",
        "What is read and what is published of it: feeds.toml(5). It stands where the program is started, or where --config says.",
    ),
    ("data", "The store, beside feeds.toml unless [store] path or --data says where. One process at a time has it."),
    ("data/syndic.sock", "Through this socket commands reach the running daemon. Only its own user may use it."),
];

fn around(name: &str) -> Roff {
    let mut roff = Roff::new();
    if name == "syndic" {
        for (heading, rows) in [("ENVIRONMENT", ENVIRONMENT.as_slice()), ("FILES", FILES.as_slice())] {
            roff.control("SH", [heading]);
            for (what, said) in rows {
                roff.control("TP", []).text([italic(*what)]).text([roman(*said)]);
            }
        }
    }
    roff.control("SH", ["SEE ALSO"]);
    let above = name.rsplit_once(' ').map(|(above, _)| above.replace(' ', "-"));
    let above = above.map(|above| vec![bold(above), roman("(1), ")]).unwrap_or_default();
    roff.text([above, vec![bold("feeds.toml"), roman("(5)")]].concat());
    roff
}
