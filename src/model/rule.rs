//! An operator's rule about what may be seen of a source (contract: `[[source.rule]]`).

use regex::Regex;

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What becomes of an entry that it matches.
    pub action: RuleAction,
    /// Where it looks.
    pub field: RuleField,
    /// What it looks for.
    pub matcher: Matcher,
}

/// What becomes of an entry that a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleAction {
    /// Only entries that one of these matches are seen.
    Include,
    /// Entries that one of these matches are not seen.
    Exclude,
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

impl Rule {
    /// As an operator would say it.
    pub fn words(&self) -> String {
        let action = match self.action {
            RuleAction::Include => "include",
            RuleAction::Exclude => "exclude",
        };
        match &self.matcher {
            Matcher::Pattern(pattern) => format!("{action} {} ~ /{pattern}/", self.field.name()),
            Matcher::Words(words) => format!("{action} {} has {}", self.field.name(), words.join(", ")),
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
