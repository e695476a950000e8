//! feeds.toml(5), from the table that the schema and docs/feeds-toml.md are made from.

use super::pages::title;
use crate::config::{Default, Form, Key, ROOT, TableOfKeys};
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

const ABOUT: &str = "One file in TOML says what syndic reads, and what it publishes of it. A running syndic takes a changed file up by itself; one that is \
    wrong changes nothing. `syndic check` says what is wrong and where, `syndic preview --diff` what a changed file would change.";
const FORMS: &str = "Durations are written \"30s\", \"15m\", \"24h\", \"7d\"; sizes \"64MiB\" or a number of bytes. A secret is text, { env = \"NAME\" } or \
    { file = \"path\" }. A slug is a-z, 0-9 and -, 64 at most. An unknown key is an error. Paths start at the folder of feeds.toml.";
const EXAMPLE: &str = "[site]\ntitle = \"Railway news\"\nurl = \"https://news.example.org\"\n\n[[category]]\nslug = \"rail\"\ntitle = \"Railways\"\n\n[[source]]\n\
    id = \"journal\"\nurl = \"https://journal.example/feed.xml\"\ncategory = \"rail\"\ncontent = \"excerpt\"";

/// The page.
pub(super) fn feeds_toml() -> String {
    let mut roff = Roff::new();
    roff.control("SH", ["NAME"]).text([roman("feeds.toml - what syndic reads and publishes")]);
    roff.control("SH", ["DESCRIPTION"]).text(marked(ABOUT)).control("PP", []).text([roman(FORMS)]);
    section(&ROOT, &mut roff);
    roff.control("SH", ["EXAMPLES"]).control("nf", []);
    for line in EXAMPLE.lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []).control("SH", ["SEE ALSO"]).text([
        bold("syndic"),
        roman("(1), "),
        bold("syndic-check"),
        roman("(1)"),
    ]);
    title("feeds.toml", 5) + &roff.render()
}

fn section(of: &TableOfKeys, roff: &mut Roff) {
    roff.control("SH", [of.heading]).text(marked(of.about));
    for key in of.keys.iter().filter(|key| !key.about.is_empty()) {
        roff.control("TP", []).text(heading(key)).text(marked(key.about));
    }
    for inner in of.keys.iter().filter_map(|key| match key.form {
        Form::Table(inner) | Form::Tables(inner) => Some(inner),
        _ => None,
    }) {
        section(inner, roff);
    }
}

/// `every = duration, default "2s"`
fn heading(key: &Key) -> Vec<Inline> {
    let default = match key.default {
        Default::None if key.needed => ", must be there".to_owned(),
        Default::None => String::new(),
        Default::Value(value) | Default::Words(value) => format!(", default: {}", value.replace('`', "")),
    };
    vec![bold(key.name), roman(" = "), italic(key.form.words().replace('`', "")), roman(default)]
}

/// What stands in backticks, bold.
fn marked(text: &str) -> Vec<Inline> {
    let parts = text.split('`').zip([false, true].into_iter().cycle());
    parts.map(|(part, is_code)| if is_code { bold(part) } else { roman(part) }).collect()
}
