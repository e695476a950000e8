//! An operator's rules about a source (contract: `[[source.rule]]`): which entries may be seen, and how they are changed.

use crate::css::Selector;
use regex::Regex;
use std::time::Duration;

/// All rules of one source.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Which entries may be seen.
    pub filters: Vec<Filter>,
    /// Other words in a title or link, in this order.
    pub replacements: Vec<Replacement>,
    /// What is taken out of bodies and summaries.
    pub removals: Vec<Selector>,
    /// Entries taken in from one document at most: its newest.
    pub max_entries: Option<usize>,
    /// Entries with fewer characters of text are not seen.
    pub min_length: Option<usize>,
}

/// A rule about which entries may be seen.
#[derive(Clone, Debug)]
pub struct Filter {
    /// What becomes of an entry that it matches.
    pub action: FilterAction,
    /// What it asks.
    pub test: Test,
}

/// What becomes of an entry that a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FilterAction {
    /// Only entries that one of these matches are seen.
    Include,
    /// Entries that one of these matches are not seen.
    Exclude,
}

/// What a rule asks of an entry.
#[derive(Clone, Debug)]
pub enum Test {
    /// Whether a text holds something.
    Text(RuleField, Matcher),
    /// How long ago its date is. The answer changes with time alone.
    Age(Age),
}

/// A bound on the time since an entry's date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// True from then on.
    Over(Duration),
    /// True until then.
    Under(Duration),
}

/// Where a rule looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleField {
    /// The title.
    Title,
    /// Summary and body, as plain text.
    Text,
    /// Names of authors, and bylines.
    Author,
    /// The publisher's own categories.
    Category,
    /// The link to the original.
    Link,
}

/// What a rule looks for.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// A pattern, in linear time.
    Pattern(Regex),
    /// Any of these words, in upper or lower case.
    Words(Vec<String>),
}

/// A rule that puts other words in place of what it finds.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// Where.
    pub field: ReplacedField,
    /// What it looks for.
    pub pattern: Regex,
    /// What stands there then; `$1` is the pattern's first group.
    pub with: String,
}

/// What can be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReplacedField {
    /// The title; it becomes plain text.
    Title,
    /// The link to the original.
    Link,
}

impl Rules {
    /// Different when a document would be read otherwise than before: then it must be read again, though it did not change.
    /// 0 where no rule has a say in reading.
    pub fn reading(&self) -> u64 {
        if self.removals.is_empty() && self.max_entries.is_none() {
            return 0;
        }
        twox_hash::XxHash3_64::oneshot(format!("{:?}", (&self.removals, self.max_entries)).as_bytes())
    }
}

impl Filter {
    /// As an operator would say it.
    pub fn words(&self) -> String {
        let action = match self.action {
            FilterAction::Include => "include",
            FilterAction::Exclude => "exclude",
        };
        match &self.test {
            Test::Text(field, Matcher::Pattern(pattern)) => format!("{action} {} ~ /{pattern}/", field.name()),
            Test::Text(field, Matcher::Words(words)) => format!("{action} {} has {}", field.name(), words.join(", ")),
            Test::Age(age) => format!("{action} age {}", age.words()),
        }
    }
}

impl Age {
    /// As in feeds.toml.
    pub fn words(self) -> String {
        match self {
            Age::Over(than) => format!("> {}", span(than)),
            Age::Under(than) => format!("< {}", span(than)),
        }
    }
}

/// A duration in its largest whole unit, as it is written in feeds.toml: `90d`.
pub fn span(of: Duration) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "m")];
    let whole = units.into_iter().find(|(unit, _)| of.as_secs().is_multiple_of(*unit) && of.subsec_nanos() == 0);
    match whole {
        Some((unit, letter)) => format!("{}{letter}", of.as_secs() / unit),
        None => humantime::format_duration(of).to_string(),
    }
}

impl Replacement {
    /// As an operator would say it.
    pub fn words(&self) -> String {
        format!("replace {} ~ /{}/ with `{}`", self.field.name(), self.pattern, self.with)
    }
}

impl ReplacedField {
    /// As in feeds.toml.
    pub fn name(self) -> &'static str {
        match self {
            ReplacedField::Title => "title",
            ReplacedField::Link => "link",
        }
    }
}

impl RuleField {
    /// As in feeds.toml.
    pub fn name(self) -> &'static str {
        match self {
            RuleField::Title => "title",
            RuleField::Text => "text",
            RuleField::Author => "author",
            RuleField::Category => "category",
            RuleField::Link => "link",
        }
    }
}

impl Matcher {
    /// True when a text holds it.
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Matcher::Pattern(pattern) => pattern.is_match(text),
            Matcher::Words(words) => {
                let text = text.to_lowercase();
                words.iter().any(|word| text.contains(&word.to_lowercase()))
            }
        }
    }
}
