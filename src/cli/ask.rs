//! Questions on a terminal, each with an answer proposed. Anywhere else nothing is asked, and what is proposed is taken.

use std::io::{self, IsTerminal, Write};

/// Asks, or does not.
pub(super) struct Asker {
    asks: bool,
}

impl Asker {
    /// Asks where somebody is there to answer, unless told not to.
    pub(super) fn new(silent: bool) -> Asker {
        Asker { asks: !silent && io::stdin().is_terminal() && io::stderr().is_terminal() }
    }

    /// The answer, or what is proposed where it is empty.
    pub(super) fn ask(&self, what: &str, proposed: String) -> anyhow::Result<String> {
        if !self.asks {
            return Ok(proposed);
        }
        eprint!("{what} [{proposed}]: ");
        io::stderr().flush()?;
        let mut line = String::new();
        // The end of the input ends the questions.
        if io::stdin().read_line(&mut line)? == 0 {
            anyhow::bail!("nothing was written");
        }
        let answer = line.trim();
        Ok(if answer.is_empty() { proposed } else { answer.to_owned() })
    }

    /// Whether it shall be done; yes where nobody is asked.
    pub(super) fn agrees(&self, question: &str) -> anyhow::Result<bool> {
        let answer = self.ask(question, "y".to_owned())?.to_lowercase();
        Ok(answer.starts_with('y') || answer.starts_with('j') || answer == "是")
    }
}
