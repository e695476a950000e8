//! The table of keys against the reader: the same keys, defaults that are the defaults, examples that are taken.

use super::{Default, Form, Key, ROOT, TableOfKeys};
use crate::config::{Config, ConfigErrors, Loaded, Overrides};
use std::{collections::BTreeSet, path::Path};

fn parse(text: &str) -> Result<Loaded, ConfigErrors> {
    Config::parse(text, Path::new("feeds.toml"), &Overrides::default())
}

const SOURCE: &str = "[[source]]\nid = \"a\"\nurl = \"https://example.org/feed\"\n";

/// A file with this line in that table, and all else that the table needs.
fn with(table: &TableOfKeys, line: &str) -> String {
    let key = line.split(' ').next().unwrap_or_default();
    let others: String = match table.heading {
        "feeds.toml" | "[[source]]" | "auth" => String::new(),
        _ => {
            let needed = table.keys.iter().filter(|other| other.needed && other.name != key);
            needed.map(|other| format!("{} = {}\n", other.name, other.example)).collect()
        }
    };
    match table.heading {
        "feeds.toml" => format!("{line}\n{SOURCE}"),
        "auth" if line.starts_with("user") => format!("{SOURCE}auth = {{ {line}, password = \"x\" }}\n"),
        "auth" if line.starts_with("password") => format!("{SOURCE}auth = {{ user = \"x\", {line} }}\n"),
        "auth" => format!("{SOURCE}auth = {{ user = \"x\", password = \"x\", {line} }}\n"),
        "[[source]]" => match key {
            "id" => format!("[[source]]\nurl = \"https://example.org/feed\"\n{line}\n"),
            "url" | "path" => format!("[[source]]\nid = \"a\"\n{line}\n"),
            _ => format!("{SOURCE}{line}\n"),
        },
        "[[source.rule]]" => {
            let rest = match key {
                "action" => "match = \"a\"\n",
                "select" => "action = \"remove\"\n",
                "with" => "action = \"replace\"\nmatch = \"(a)\"\n",
                "match" | "words" => "action = \"exclude\"\n",
                _ => "action = \"exclude\"\nmatch = \"1d\"\n",
            };
            format!("{SOURCE}[[source.rule]]\n{rest}{line}\n")
        }
        "[source.json]" | "[source.page]" => {
            let json = table.heading == "[source.json]";
            let rest = match key {
                "content_type" => "body = \"x\"\n",
                "pages" if json => "next = \"$.next\"\n",
                "pages" => "next = \"a@href\"\n",
                _ => "",
            };
            let link = if json && key != "link" { "link = \"$.url\"\n" } else { "" };
            format!("{SOURCE}{}\n{others}{link}{rest}{line}\n", table.heading)
        }
        heading => format!("{SOURCE}{heading}\n{others}{line}\n"),
    }
}

/// All tables, those in others too.
fn tables() -> Vec<&'static TableOfKeys> {
    let (mut found, mut open) = (Vec::new(), vec![&ROOT]);
    while let Some(table) = open.pop() {
        found.push(table);
        open.extend(table.keys.iter().filter_map(|key| match key.form {
            Form::Table(inner) | Form::Tables(inner) => Some(inner),
            _ => None,
        }));
    }
    found
}

fn expected(errors: &ConfigErrors, begin: &str) -> String {
    let found = errors.diagnostics.iter().find(|problem| problem.message.contains(begin));
    found.and_then(|problem| problem.expected.clone()).unwrap_or_else(|| panic!("nothing of {begin}: {errors}"))
}

#[test]
fn the_reader_knows_the_keys_that_are_told_and_no_others() {
    for table in tables() {
        let errors = parse(&with(table, "zzz = 1")).unwrap_err();
        let asked = expected(&errors, "unknown key `zzz`");
        let asked: BTreeSet<&str> = asked.strip_prefix("one of ").unwrap().split(", ").collect();
        let told: BTreeSet<&str> = table.keys.iter().map(|key| key.name).collect();
        assert_eq!(told, asked, "{}: src/config/keys and the reader differ", table.heading);
    }
}

#[test]
fn every_example_is_taken_and_every_default_is_the_default() {
    let debug = |text: &str| {
        let loaded = parse(text).unwrap_or_else(|errors| panic!("{text}\n{errors}"));
        format!("{:?}", Config { hash: 0, ..loaded.config })
    };
    for table in tables().into_iter().filter(|table| table.heading != "feeds.toml") {
        for key in table.keys.iter().filter(|key| !matches!(key.form, Form::Table(_) | Form::Tables(_))) {
            // Secrets that are kept elsewhere, and somebody's theme, are not there in a test.
            if !key.example.contains("env =") && key.name != "theme" {
                debug(&with(table, &format!("{} = {}", key.name, key.example)));
            }
            let Default::Value(default) = key.default else { continue };
            let said = with(table, &format!("{} = {default}", key.name));
            let unsaid = with(table, &format!("{} = 0", key.name)).replace(&format!("{} = 0\n", key.name), "");
            assert_eq!(debug(&said), debug(&unsaid), "{} {}", table.heading, key.name);
        }
    }
}

#[test]
fn of_closed_sets_every_word_is_told() {
    for table in tables() {
        for (key, words) in table.keys.iter().filter_map(|key| match key.form {
            Form::OneOf(words) => Some((key, words)),
            _ => None,
        }) {
            let errors = parse(&with(table, &format!("{} = \"zzz\"", key.name))).unwrap_err();
            let wanted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            assert_eq!(
                expected(&errors, "cannot be `zzz`"),
                format!("one of {}", wanted.join(", ")),
                "{} {}",
                table.heading,
                key.name
            );
        }
    }
}

#[test]
fn bounds_are_the_bounds() {
    for table in tables() {
        for (key, (least, most)) in table.keys.iter().filter_map(|key| match key.form {
            Form::Count(least, most) => Some((key, (least, most))),
            _ => None,
        }) {
            let of = |number: usize| parse(&with(table, &format!("{} = {number}", key.name)));
            assert!(of(least).is_ok() && of(most).is_ok(), "{} {}", table.heading, key.name);
            assert!(of(most + 1).is_err(), "{} {}", table.heading, key.name);
            assert!(least == 0 || of(least - 1).is_err(), "{} {}", table.heading, key.name);
        }
    }
    let named = |key: &Key| !key.about.is_empty() || matches!(key.form, Form::Table(_) | Form::Tables(_));
    assert!(tables().iter().all(|table| table.keys.iter().all(named)));
}
