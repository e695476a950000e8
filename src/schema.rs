//! The keys of feeds.toml as a JSON Schema (draft 7, which editors of TOML read) and as a page of documentation. Pure: both are made from
//! `config::ROOT`.

use crate::config::{Default, Form, Key, ROOT, TableOfKeys};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// The schema.
pub fn json_schema() -> Value {
    let mut schema = table(&ROOT);
    let head = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "feeds.toml of syndic",
    });
    if let (Value::Object(schema), Value::Object(mut whole)) = (&mut schema, head) {
        whole.append(schema);
        let definitions = json!({ "secret": secret(), "duration": text("^ *([0-9]+ *[a-zA-Zµ]+ *)+$") });
        whole.insert("definitions".to_owned(), definitions);
        return Value::Object(whole);
    }
    schema
}

fn table(of: &TableOfKeys) -> Value {
    let properties: Map<String, Value> = of.keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let needed: Vec<&str> = of.keys.iter().filter(|key| key.needed).map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": plain(of.about),
        "properties": properties,
        "additionalProperties": false,
    });
    if let (Value::Object(schema), false) = (&mut schema, needed.is_empty()) {
        schema.insert("required".to_owned(), json!(needed));
    }
    schema
}

fn property(key: &Key) -> Value {
    let mut schema = form(&key.form);
    let Value::Object(of) = &mut schema else { return schema };
    let default = default_words(key.default).map(|words| format!(" Default: {words}.")).unwrap_or_default();
    if !key.about.is_empty() {
        of.insert("description".to_owned(), json!(format!("{}{default}", plain(key.about))));
    }
    if let Default::Value(value) = key.default
        && let Some(value) = value_of(value)
    {
        of.insert("default".to_owned(), value);
    }
    if !matches!(key.form, Form::Table(_) | Form::Tables(_))
        && let Some(example) = value_of(key.example)
    {
        of.insert("examples".to_owned(), json!([example]));
    }
    schema
}

fn form(of: &Form) -> Value {
    match of {
        Form::Text => json!({ "type": "string", "minLength": 1 }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Count(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Form::Duration => json!({ "allOf": [{ "$ref": "#/definitions/duration" }] }),
        Form::Age => json!({ "anyOf": [{ "const": "never" }, { "$ref": "#/definitions/duration" }] }),
        Form::Size => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, text("^ *[0-9.]+ *[kKmMgGtT]?i?[bB]? *$")] })
        }
        Form::Address => text("^ *[hH][tT][tT][pP][sS]?://"),
        Form::Proxy => json!({ "anyOf": [text("^ *(https?|socks5h?)://"), { "$ref": "#/definitions/secret" }] }),
        Form::Slug => text("^ *[a-z0-9][a-z0-9-]{0,63} *$"),
        Form::Language => text("^ *[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})* *$"),
        Form::Zone => json!({ "type": "string", "minLength": 1 }),
        Form::Pattern => json!({ "type": "string", "minLength": 1 }),
        Form::Selector => json!({ "type": "string", "minLength": 1 }),
        Form::Path => text("^ *\\$"),
        Form::Field => json!({ "anyOf": [{ "type": "string", "minLength": 1 }, { "type": "object" }] }),
        Form::Texts => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Form::OneOf(words) => json!({ "enum": words }),
        Form::FlagOrSelector => json!({ "anyOf": [{ "type": "boolean" }, { "type": "string", "minLength": 1 }] }),
        Form::Secret => json!({ "allOf": [{ "$ref": "#/definitions/secret" }] }),
        Form::Secrets => json!({ "type": "object", "additionalProperties": { "$ref": "#/definitions/secret" } }),
        Form::List(of) => json!({ "type": "array", "items": form(of) }),
        Form::Table(of) => table(of),
        Form::Tables(of) => json!({ "type": "array", "items": table(of) }),
    }
}

fn text(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn secret() -> Value {
    let one = |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } }, "required": [name], "additionalProperties": false });
    json!({ "anyOf": [{ "type": "string", "minLength": 1 }, one("env"), one("file")] })
}

/// A value as it is written → the value.
fn value_of(written: &str) -> Option<Value> {
    let table: toml::Table = toml::from_str(&format!("value = {written}")).ok()?;
    serde_json::to_value(table.get("value")?).ok()
}

fn default_words(default: Default) -> Option<String> {
    match default {
        Default::None => None,
        Default::Value(value) => Some(value.to_owned()),
        Default::Words(words) => Some(plain(words)),
    }
}

/// Without the marks of Markdown.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// The page of documentation.
pub fn markdown() -> String {
    let mut page = String::from(HEAD);
    section(&ROOT, &mut page);
    page
}

const HEAD: &str = "# feeds.toml: every key

Made by `syndic schema --markdown`; do not edit it. `syndic schema` writes the same as a JSON Schema, with which editors complete and check:

```sh
syndic schema > feeds.schema.json      # and as the first line of feeds.toml:  #:schema ./feeds.schema.json
```

Durations are written `\"30s\"`, `\"15m\"`, `\"24h\"`, `\"7d\"`; sizes `\"64MiB\"` or a number of bytes. A secret is text, `{ env = \"NAME\" }` or `{ file = \"path\" }`. A slug is
`a-z`, `0-9` and `-`, 64 at most. An unknown key is an error. **Bold** keys must be there.
";

fn section(of: &TableOfKeys, page: &mut String) {
    let heading = if of.heading.starts_with('[') { format!("`{}`", of.heading) } else { of.heading.to_owned() };
    // Writing to a string does not fail.
    let _ = write!(
        page,
        "\n## {heading}\n\n{}\n\n| key | what may stand there | default | |\n| --- | --- | --- | --- |\n",
        of.about
    );
    for key in of.keys.iter().filter(|key| !key.about.is_empty()) {
        let name = if key.needed { format!("**`{}`**", key.name) } else { format!("`{}`", key.name) };
        let default = match key.default {
            Default::None => String::new(),
            Default::Value(value) => format!("`{}`", cell(value)),
            Default::Words(words) => cell(words),
        };
        let example = match key.form {
            Form::Table(_) | Form::Flag | Form::OneOf(_) | Form::Count(..) => String::new(),
            _ => format!(", `{}`", cell(key.example)),
        };
        let _ = writeln!(page, "| {name} | {}{example} | {default} | {} |", cell(&key.form.words()), cell(key.about));
    }
    for inner in of.keys.iter().filter_map(|key| match key.form {
        Form::Table(inner) | Form::Tables(inner) => Some(inner),
        _ => None,
    }) {
        section(inner, page);
    }
}

/// A bar ends a cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_names_every_key_with_its_default() {
        let schema = json_schema();
        let poll = &schema["properties"]["poll"];
        assert_eq!(poll["properties"]["min"]["default"], "15m");
        assert_eq!(poll["additionalProperties"], false);
        let source = &schema["properties"]["source"]["items"];
        assert_eq!(source["required"], json!(["id"]));
        assert_eq!(source["properties"]["rule"]["items"]["properties"]["action"]["enum"][3], "remove");
        assert_eq!(source["properties"]["content"]["enum"], json!(["excerpt", "full", "link"]));
    }

    #[test]
    fn the_page_of_documentation_is_the_one_that_is_made() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/feeds-toml.md");
        if std::env::var_os("SYNDIC_BLESS").is_some() {
            std::fs::write(&path, markdown()).unwrap();
        }
        let page = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(page == markdown(), "docs/feeds-toml.md is not what `syndic schema --markdown` writes");
    }
}
