//! Every key of feeds.toml with its form, default and meaning: what `syndic schema` and docs/feeds-toml.md are made from. A test holds it
//! against what the reader asks for and takes, so that there is one truth. Who adds a key to a section adds it here.

/// Sections of their own.
mod sections;

/// `[export]`, `[[host]]`.
mod lesser;

/// `[[source]]` and what stands in it.
mod source;

/// What is no feed.
mod recipe;

#[cfg(test)]
mod tests;

pub use sections::ROOT;

/// A table of feeds.toml.
#[derive(Debug)]
pub struct TableOfKeys {
    /// As it is written: `[poll]`, `[[source]]`.
    pub heading: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// Its keys, in the order in which they are told.
    pub keys: &'static [Key],
}

/// A key.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What may stand there.
    pub form: Form,
    /// What it must be.
    pub needed: bool,
    /// What holds where it does not stand, as it would be written; a text without quotes where it is no single value.
    pub default: Default,
    /// A value that may stand there, as it is written.
    pub example: &'static str,
    /// What it does.
    pub about: &'static str,
}

/// What holds where a key does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// Nothing.
    None,
    /// This value, as it is written.
    Value(&'static str),
    /// What these words say.
    Words(&'static str),
}

/// What may stand behind a key.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Text with something in it.
    Text,
    /// `true`, `false`.
    Flag,
    /// A whole number between these.
    Count(usize, usize),
    /// `"30m"`.
    Duration,
    /// `"never"`, or a duration.
    Age,
    /// `"15MiB"`, or a number of bytes.
    Size,
    /// An absolute http(s) address.
    Address,
    /// The address of a proxy, or where it is kept.
    Proxy,
    /// `[a-z0-9][a-z0-9-]*`
    Slug,
    /// A language tag.
    Language,
    /// An IANA zone.
    Zone,
    /// A regular expression.
    Pattern,
    /// A CSS selector.
    Selector,
    /// A JSONPath.
    Path,
    /// Where a field is: a path or selector, text with places, or a table that says more.
    Field,
    /// Any names, each with a text.
    Texts,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `true`, `false`, or a CSS selector.
    FlagOrSelector,
    /// Text, or where it is kept: `{ env = "NAME" }`, `{ file = "path" }`.
    Secret,
    /// Any names, each with a secret.
    Secrets,
    /// A list of these.
    List(&'static Form),
    /// A table: `[heading]`, or inline.
    Table(&'static TableOfKeys),
    /// Tables in double brackets.
    Tables(&'static TableOfKeys),
}

impl Form {
    /// In a few words, for people.
    pub fn words(&self) -> String {
        match self {
            Form::Text => "text".to_owned(),
            Form::Flag => "true or false".to_owned(),
            Form::Count(least, most) => format!("{least} to {most}"),
            Form::Duration => "duration".to_owned(),
            Form::Age => "duration, or \"never\"".to_owned(),
            Form::Size => "size".to_owned(),
            Form::Address => "address".to_owned(),
            Form::Proxy => "address or secret".to_owned(),
            Form::Slug => "slug".to_owned(),
            Form::Language => "language tag".to_owned(),
            Form::Zone => "IANA zone".to_owned(),
            Form::Pattern => "regular expression".to_owned(),
            Form::Selector => "CSS selector".to_owned(),
            Form::Path => "JSONPath".to_owned(),
            Form::Field => "where it is".to_owned(),
            Form::Texts => "table of names and texts".to_owned(),
            Form::OneOf(words) => words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", "),
            Form::FlagOrSelector => "true, false or a CSS selector".to_owned(),
            Form::Secret => "text or secret".to_owned(),
            Form::Secrets => "table of names and secrets".to_owned(),
            Form::List(of) => format!("list: {}", of.words()),
            Form::Table(of) | Form::Tables(of) => format!("`{}`", of.heading),
        }
    }
}

/// A key with nothing more to say of it.
const fn key(name: &'static str, form: Form, default: Default, example: &'static str, about: &'static str) -> Key {
    Key { name, form, needed: false, default, example, about }
}

/// A key without which a table is nothing.
const fn needed(name: &'static str, form: Form, example: &'static str, about: &'static str) -> Key {
    Key { name, form, needed: true, default: Default::None, example, about }
}
