//! `[[source.rule]]`, `max_entries`, `min_length`: every rule is made ready here, so that none can fail later.

/// What the keys of a rule may hold.
mod keys;

/// Rules that do nothing.
mod idle;

use super::{
    problems::{Place, Problems},
    reader::{At, Table, Value, count, duration, one_of, string},
    values::{any_of, pattern},
};
use crate::{
    css::Selector,
    model::{Age, Filter, FilterAction, Matcher, ReplacedField, Replacement, RuleField, Rules, Test, span},
};
use keys::{selector, unknown_group, with, words};
use toml::de::DeValue;

/// Rules of one source: each is asked of each entry.
const MOST_RULES: usize = 200;
/// Most that `max_entries` and `min_length` may name.
const MOST: usize = 1_000_000;

/// What `action` can be.
const ACTIONS: &[(&str, Action)] = &[
    ("include", Action::Filter(FilterAction::Include)),
    ("exclude", Action::Filter(FilterAction::Exclude)),
    ("replace", Action::Replace),
    ("remove", Action::Remove),
];
/// What `field` can be.
const FIELDS: &[(&str, Field)] = &[
    ("title", Field::Text(RuleField::Title)),
    ("text", Field::Text(RuleField::Text)),
    ("author", Field::Text(RuleField::Author)),
    ("category", Field::Text(RuleField::Category)),
    ("link", Field::Text(RuleField::Link)),
    ("age", Field::Age),
];
/// What a rule without `field` looks at.
const FIELD: Field = Field::Text(RuleField::Title);

#[derive(Clone, Copy, PartialEq)]
enum Action {
    Filter(FilterAction),
    Replace,
    Remove,
}

#[derive(Clone, Copy, PartialEq)]
enum Field {
    Text(RuleField),
    Age,
}

/// The rules of a source.
pub(super) fn rules(table: &mut Table<'_>, problems: &mut Problems) -> Rules {
    let max_entries = table.read("max_entries", problems, count(1..=MOST));
    let min_length = table.read("min_length", problems, count(1..=MOST));
    let mut rules = Rules { max_entries, min_length, ..Rules::default() };
    let tables = table.sections("rule", "", problems);
    if let Some(beyond) = tables.get(MOST_RULES) {
        let problem = problems.error(&beyond.place, format!("more than {MOST_RULES} rules of one source"));
        problem.expected("one rule with several words: words = [\"…\", \"…\"]");
    }
    let (mut ages, mut filters) = (Vec::new(), Vec::new());
    for table in tables.into_iter().take(MOST_RULES) {
        let given = Given::read(table, problems);
        let Some(action) = given.action else { continue };
        given.without_idle_keys(action, problems);
        match action {
            Action::Remove => rules.removals.extend(given.removal(problems)),
            Action::Replace => rules.replacements.extend(given.replacement(problems)),
            Action::Filter(action) => {
                let test = given.test(action, problems);
                if let (FilterAction::Include, Some(Test::Age(age))) = (action, &test) {
                    ages.push(At { place: given.place.clone(), value: *age });
                }
                let filter = test.map(|test| Filter { action, test });
                filters.extend(filter.map(|value| At { place: given.looks_for(), value }));
            }
        }
    }
    without_gap(&ages, problems);
    idle::warn(&filters, problems);
    rules.filters = filters.into_iter().map(|filter| filter.value).collect();
    rules
}

/// What a rule's table says.
struct Given<'a> {
    place: Place,
    action: Option<Action>,
    field: Option<At<Field>>,
    wanted: Option<Value<'a>>,
    words: Option<At<Vec<String>>>,
    with: Option<At<String>>,
    select: Option<At<Selector>>,
    /// The keys that stand there, usable or not.
    keys: Vec<(&'static str, Place)>,
}

impl<'a> Given<'a> {
    fn read(mut table: Table<'a>, problems: &mut Problems) -> Given<'a> {
        let place = Place { key: "rule".to_owned(), ..table.place.clone() };
        let actions = "action = \"include\", \"exclude\", \"replace\" or \"remove\"";
        let action = table.required("action", actions, problems, one_of(ACTIONS)).map(|action| action.value);
        let keys = ["field", "match", "words", "with", "select"];
        let keys = keys.into_iter().filter_map(|key| Some((key, table.value(key)?.place)));
        let keys = keys.collect();
        let given = Given {
            place,
            action,
            field: table.read_at("field", problems, one_of(FIELDS)),
            wanted: table.value("match"),
            words: table.read_at("words", problems, words),
            with: table.read_at("with", problems, with),
            select: table.read_at("select", problems, selector),
            keys,
        };
        table.finish(problems);
        given
    }

    /// Where it says what it looks for.
    fn looks_for(&self) -> Place {
        let of_words = || self.words.as_ref().map(|words| words.place.clone());
        self.wanted.as_ref().map(|wanted| wanted.place.clone()).or_else(of_words).unwrap_or_else(|| self.place.clone())
    }

    fn says(&self, key: &str) -> bool {
        self.keys.iter().any(|(name, _)| *name == key)
    }

    /// A key that an action has no use for was meant for another action.
    fn without_idle_keys(&self, action: Action, problems: &mut Problems) {
        let (name, used): (_, &[&str]) = match action {
            Action::Filter(FilterAction::Include) => ("include", &["field", "match", "words"]),
            Action::Filter(FilterAction::Exclude) => ("exclude", &["field", "match", "words"]),
            Action::Replace => ("replace", &["field", "match", "words", "with"]),
            Action::Remove => ("remove", &["select"]),
        };
        for (key, place) in self.keys.iter().filter(|(key, _)| !used.contains(key)) {
            let problem = problems.error(place, format!("`{key}` means nothing where action = \"{name}\""));
            problem.expected(format!("action with {}", used.join(", ")));
        }
    }

    fn removal(self, problems: &mut Problems) -> Option<Selector> {
        if !self.says("select") {
            let problem = problems.error(&self.place, "the rule does not say what it removes");
            problem.expected("select = \".advert\", a CSS selector");
        }
        self.select.map(|select| select.value)
    }

    fn replacement(self, problems: &mut Problems) -> Option<Replacement> {
        let field = match self.field.as_ref().map_or(FIELD, |field| field.value) {
            Field::Text(RuleField::Title) => ReplacedField::Title,
            Field::Text(RuleField::Link) => ReplacedField::Link,
            _ => {
                let place = self.field.map_or(self.place, |field| field.place);
                problems.error(&place, "only a title or a link can be replaced").expected("\"title\" or \"link\"");
                return None;
            }
        };
        let literal = self.words.is_some();
        let pattern = match self.matcher(problems)? {
            Matcher::Pattern(pattern) => pattern,
            Matcher::Words(words) => any_of(&words, &self.place, problems)?,
        };
        let with = self.with.map_or_else(String::new, |with| {
            if literal {
                return with.value.replace('$', "$$");
            }
            if let Some(group) = unknown_group(&with.value, &pattern) {
                let problem = problems.error(&with.place, format!("the pattern has no group `{group}`"));
                problem.expected("$1 for its first group, ${1} before a letter or digit, $$ for a dollar sign");
            }
            with.value
        });
        Some(Replacement { field, pattern, with })
    }

    fn test(&self, action: FilterAction, problems: &mut Problems) -> Option<Test> {
        match self.field.as_ref().map_or(FIELD, |field| field.value) {
            Field::Text(field) => self.matcher(problems).map(|matcher| Test::Text(field, matcher)),
            Field::Age => self.age(action, problems).map(Test::Age),
        }
    }

    fn matcher(&self, problems: &mut Problems) -> Option<Matcher> {
        match (&self.wanted, &self.words) {
            (Some(_), Some(words)) => {
                problems.error(&words.place, "both `match` and `words`").expected("one of the two");
                None
            }
            (Some(wanted), None) => pattern(wanted, problems).map(Matcher::Pattern),
            (None, Some(words)) => Some(Matcher::Words(words.value.clone())),
            // A list that could not be read is reported.
            (None, None) if self.says("words") => None,
            (None, None) => {
                let problem = problems.error(&self.place, "the rule does not say what it looks for");
                problem.expected("match = \"<regular expression>\" or words = [\"…\"]");
                None
            }
        }
    }

    /// `"> 30d"` or `"< 2h"`. Without a sign, as one says it: older ones are excluded, younger ones included.
    fn age(&self, action: FilterAction, problems: &mut Problems) -> Option<Age> {
        const EXPECTED: &str = "match = \"> 30d\" for older ones, \"< 30d\" for younger ones";
        if let Some(words) = &self.words {
            problems.error(&words.place, "an age is no words").expected(EXPECTED);
            return None;
        }
        let Some(wanted) = &self.wanted else {
            problems.error(&self.place, "the rule does not say which age").expected(EXPECTED);
            return None;
        };
        let text = string(wanted, problems)?;
        let (over, rest) = match (text.strip_prefix('>'), text.strip_prefix('<')) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => (action == FilterAction::Exclude, text.as_str()),
        };
        let rest = DeValue::String(rest.trim().into());
        let than = duration(&Value { place: wanted.place.clone(), found: &rest }, problems)?;
        Some(if over { Age::Over(than) } else { Age::Under(than) })
    }
}

/// Entries that are hidden for a while between two ages would come and go and come again.
fn without_gap(ages: &[At<Age>], problems: &mut Problems) {
    let young = ages.iter().filter_map(|age| if let Age::Under(than) = age.value { Some(than) } else { None }).max();
    for age in ages {
        if let (Age::Over(than), Some(young)) = (age.value, young)
            && young < than
        {
            let young = span(young);
            let problem = problems
                .error(&age.place, format!("entries older than {young} would be hidden, and shown again later"));
            problem.expected("rules for the young and the old that meet, or only one of them");
        }
    }
}
