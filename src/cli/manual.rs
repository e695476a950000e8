//! What `--help` and the manual pages say of each command besides its arguments: what to know, examples, exit codes. A command without
//! a row here fails a test, and so does an example that the command line does not take.

mod rows;

use clap::{Command, builder::Styles};
use std::fmt::Write;

/// What is said of a command.
pub(super) struct Told {
    /// As it is typed after `syndic`.
    command: &'static str,
    /// What its one line does not say. May be empty.
    pub more: &'static str,
    /// Command lines, and what each is for.
    pub examples: &'static [(&'static str, &'static str)],
    /// When it ends with 1. Empty where it never does.
    failed: &'static str,
    /// When it ends with 2.
    unable: &'static str,
}

impl Told {
    /// Exit codes, each with its meaning.
    pub fn exits(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        [("0", "all well"), ("1", self.failed), ("2", self.unable)].into_iter().filter(|(_, when)| !when.is_empty())
    }
}

/// What is told of a command, by its whole name: `syndic import opml`.
pub(super) fn of(name: &str) -> Option<&'static Told> {
    let typed = name.strip_prefix("syndic")?.trim_start();
    rows::ROWS.iter().find(|told| told.command == typed)
}

/// The command with all of it in its help, and so all that are below it.
pub(super) fn with_help(command: Command) -> Command {
    let name = command.get_name().to_owned();
    below(command, &name)
}

fn below(command: Command, name: &str) -> Command {
    let command = command.mut_subcommands(|inner| {
        let name = format!("{name} {}", inner.get_name());
        below(inner, &name)
    });
    match of(name) {
        Some(told) => command.after_help(help(told)),
        None => command,
    }
}

/// What stands below the options.
fn help(told: &Told) -> String {
    let header = *Styles::styled().get_header();
    let mut text = String::new();
    if !told.more.is_empty() {
        text.push_str(told.more);
        text.push_str("\n\n");
    }
    // Writing to a string does not fail.
    let _ = write!(text, "{header}Examples:{header:#}");
    for (line, what) in told.examples {
        let _ = write!(text, "\n  {line}\n      {what}");
    }
    let _ = write!(text, "\n\n{header}Exit codes:{header:#}");
    for (code, when) in told.exits() {
        let _ = write!(text, "\n  {code}  {when}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{super::command, *};

    /// Every command, with its whole name.
    fn all(command: &Command, name: &str) -> Vec<(String, Command)> {
        let inner = command.get_subcommands().filter(|inner| inner.get_name() != "help");
        let inner = inner.flat_map(|inner| all(inner, format!("{name} {}", inner.get_name()).trim()));
        [(name.to_owned(), command.clone())].into_iter().chain(inner).collect()
    }

    #[test]
    fn every_command_says_what_it_does_with_examples_and_exit_codes() {
        let commands = all(&command(), "");
        assert!(commands.len() > 20);
        for (name, command) in &commands {
            let told = rows::ROWS.iter().find(|told| told.command == name);
            let Some(told) = told else { panic!("`{name}` has no row in src/cli/manual/rows.rs") };
            assert!((2..=4).contains(&told.examples.len()), "`{name}` has {} examples", told.examples.len());
            assert!(command.get_about().is_some(), "`{name}` does not say what it does");
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "`{name}` does not say what {} is", argument.get_id());
            }
            let help = command.clone().render_long_help().to_string();
            assert!(help.contains("Examples:") && help.contains("Exit codes:"), "{name}: {help}");
        }
        for told in rows::ROWS {
            assert!(commands.iter().any(|(name, _)| name == told.command), "there is no command `{}`", told.command);
        }
    }

    #[test]
    fn every_example_is_a_command_line_that_is_taken() {
        for told in rows::ROWS {
            for (line, what) in told.examples {
                assert!(!what.is_empty() && what.len() < 100, "{line}");
                let mut named = 0;
                for words in syndic_calls(line) {
                    let taken = command().try_get_matches_from(&words);
                    let asks = |error: &clap::Error| !error.use_stderr();
                    assert!(taken.as_ref().err().is_none_or(asks), "{line}: {}", taken.unwrap_err());
                    let typed = words[1..].join(" ");
                    named += usize::from(told.command.is_empty() || typed.contains(told.command));
                }
                assert!(named > 0, "`{line}` is an example of `{}`, and does not call it", told.command);
            }
        }
    }

    /// The calls of syndic in a line of a shell, without what it does to their output.
    fn syndic_calls(line: &str) -> Vec<Vec<String>> {
        let calls = line.split(['|', ';']).flat_map(|part| part.split("&&")).flat_map(|part| part.split("<("));
        let calls = calls.map(|part| {
            part.split(" 2>").flat_map(|part| part.split(['>', '<', ')'])).next().unwrap_or_default().trim()
        });
        let calls = calls.map(|part| part.strip_prefix("sudo -u syndic ").unwrap_or(part));
        calls.filter(|part| part.split(' ').next() == Some("syndic")).map(words).collect()
    }

    /// Words, of which some are in double quotes.
    fn words(line: &str) -> Vec<String> {
        let parts = line.split('"').enumerate();
        let words = parts.flat_map(|(number, part)| match number % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        });
        words.collect()
    }
}
