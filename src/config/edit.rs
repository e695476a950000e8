//! Changes to the text of a feeds.toml as a person would make them: nothing moves, every comment stays. Pure. Only this file knows
//! toml_edit, and of it the places of things: what is written is the text itself with a few bytes more or less.

use std::ops::Range;
use toml_edit::{Document, Item, Table, Value};

/// A value of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// Yes or no.
    Flag(bool),
    /// A section of the table, with its heading, as it is written; the last of the lines.
    Section(String),
}

/// Keys with their values, in the order in which they are written.
pub type Lines = Vec<(&'static str, Said)>;

/// The text with one more table at its end, or behind the last one of its kind where that is not the last in the file.
///
/// Errors when it is not TOML, or holds the list in another form than double brackets.
pub fn with_table(text: &str, list: &str, lines: &Lines) -> Result<String, String> {
    let blocks = Blocks::of(text)?;
    if blocks.root_has_other(list) {
        return Err(format!("`{list}` stands there in another form than [[{list}]]"));
    }
    let line = |(key, value): &(&str, Said)| match value {
        Said::Section(section) => format!("{}\n", section.trim_end()),
        value => format!("{key} = {}\n", written(value)),
    };
    let new: String = lines.iter().map(line).collect();
    let new = format!("[[{list}]]\n{new}");
    // Sources go to the end, where people look for the newest.
    let last = blocks.all.iter().rposition(|block| block.list == list).filter(|_| list != "source");
    let at = last.map_or(text.len(), |last| blocks.end_of_lines(last));
    let (before, after) = text.split_at(at);
    let before = before.trim_end();
    let gap = if before.is_empty() { "" } else { "\n\n" };
    let after = after.trim_start_matches(['\r', '\n']);
    let rest = if after.is_empty() { String::new() } else { format!("\n{after}") };
    Ok(format!("{before}{gap}{new}{rest}"))
}

/// The text without a source, its rules and the comment that stands directly above it. `None`: it has no such source.
pub fn without_source(text: &str, id: &str) -> Result<Option<String>, String> {
    let blocks = Blocks::of(text)?;
    let mut left = String::new();
    let (mut from, mut found) = (0, false);
    for block in blocks.all.iter().filter(|block| block.list == "source" && block.name.as_deref() == Some(id)) {
        found = true;
        let above = text.get(block.above.clone()).unwrap_or_default();
        join(&mut left, text.get(from..block.above.start + detached(above)).unwrap_or_default());
        from = block.end;
    }
    join(&mut left, text.get(from..).unwrap_or_default());
    Ok(found.then(|| format!("{}\n", left.trim_end())))
}

/// The text with a key of a source set. `None`: it has no such source.
pub fn with_key(text: &str, id: &str, key: &str, value: &Said) -> Result<Option<String>, String> {
    let blocks = Blocks::of(text)?;
    let own = |block: &&Block| block.is_own && block.list == "source" && block.name.as_deref() == Some(id);
    let Some((at, block)) = blocks.all.iter().enumerate().find(|(_, block)| own(block)) else { return Ok(None) };
    let value = written(value);
    let held = block.keys.iter().find(|(name, _)| name == key);
    let (range, new) = match held {
        Some((_, span)) => (span.clone(), value),
        None => {
            let end = blocks.end_of_lines(at);
            let line = if text.get(..end).is_some_and(|before| before.ends_with('\n')) { "" } else { "\n" };
            (end..end, format!("{line}{key} = {value}\n"))
        }
    };
    let mut edited = text.to_owned();
    edited.replace_range(range, &new);
    Ok(Some(edited))
}

/// Whether a source has a key. `None`: there is no such source.
pub fn has_key(text: &str, id: &str, key: &str) -> Result<Option<bool>, String> {
    let blocks = Blocks::of(text)?;
    let own = |block: &&Block| block.is_own && block.list == "source" && block.name.as_deref() == Some(id);
    Ok(blocks.all.iter().find(own).map(|block| block.keys.iter().any(|(name, _)| name == key)))
}

/// Puts two parts together with one empty line between them where both bring one.
fn join(left: &mut String, rest: &str) {
    let closed = left.is_empty() || left.ends_with("\n\n");
    left.push_str(if closed { rest.trim_start_matches('\n') } else { rest });
}

/// Bytes of what stands above a table without being attached to it: up to the last empty line.
fn detached(above: &str) -> usize {
    let mut end = 0;
    let mut at = 0;
    for line in above.split_inclusive('\n') {
        at += line.len();
        if line.trim().is_empty() && line.ends_with('\n') {
            end = at;
        }
    }
    end
}

fn written(value: &Said) -> String {
    let text = |text: &String| Value::from(text.as_str()).to_string();
    match value {
        Said::Text(one) => text(one),
        Said::Texts(several) => format!("[{}]", several.iter().map(text).collect::<Vec<_>>().join(", ")),
        Said::Flag(flag) => flag.to_string(),
        Said::Section(section) => section.clone(),
    }
}

/// A table with its header, as it lies in the text.
struct Block {
    /// The list it belongs to, and what names the element: `source`, its id.
    list: String,
    name: Option<String>,
    /// It is the element itself, not a table in it.
    is_own: bool,
    /// Comments and empty lines above the header.
    above: Range<usize>,
    header: Range<usize>,
    /// Its keys, each with the bytes of its value.
    keys: Vec<(String, Range<usize>)>,
    /// Where the next one begins.
    end: usize,
}

struct Blocks<'t> {
    text: &'t str,
    all: Vec<Block>,
    /// Lists that are written as inline arrays.
    others: Vec<String>,
}

impl<'t> Blocks<'t> {
    fn of(text: &'t str) -> Result<Blocks<'t>, String> {
        let document = Document::parse(text).map_err(|error| error.message().to_owned())?;
        let (mut all, mut others) = (Vec::new(), Vec::new());
        for (list, item) in document.as_table().iter() {
            match item {
                Item::ArrayOfTables(tables) => {
                    for table in tables.iter() {
                        let name = ["id", "slug", "name"].into_iter().find_map(|key| table.get(key)?.as_str());
                        gather(table, list, name, true, &mut all);
                    }
                }
                Item::Table(table) => gather(table, list, None, true, &mut all),
                Item::Value(Value::Array(_)) => others.push(list.to_owned()),
                _ => {}
            }
        }
        all.sort_by_key(|block| block.header.start);
        let trailing = document.trailing().span().map_or(text.len(), |span| span.start);
        let ends: Vec<usize> = all.iter().skip(1).map(|next| next.above.start).chain([trailing]).collect();
        all.iter_mut().zip(ends).for_each(|(block, end)| block.end = end);
        Ok(Blocks { text, all, others })
    }

    fn root_has_other(&self, list: &str) -> bool {
        self.others.iter().any(|other| other == list)
    }

    /// The end of the line of a block's last key.
    fn end_of_lines(&self, at: usize) -> usize {
        let Some(block) = self.all.get(at) else { return self.text.len() };
        let last = block.keys.iter().map(|(_, span)| span.end).max().unwrap_or(block.header.end);
        let rest = self.text.get(last..).unwrap_or_default();
        last + rest.find('\n').map_or(rest.len(), |end| end + 1)
    }
}

fn gather(table: &Table, list: &str, name: Option<&str>, is_own: bool, all: &mut Vec<Block>) {
    if let Some(header) = table.span().filter(|_| !table.is_implicit() && !table.is_dotted()) {
        let above = table.decor().prefix().and_then(|prefix| prefix.span()).unwrap_or(header.start..header.start);
        let keys = table.get_values().into_iter().filter_map(|(key, value)| {
            let key: Vec<&str> = key.iter().map(|part| part.get()).collect();
            Some((key.join("."), value.span()?))
        });
        let (list, name) = (list.to_owned(), name.map(str::to_owned));
        all.push(Block { list, name, is_own, above, header, keys: keys.collect(), end: 0 });
    }
    for (_, item) in table.iter() {
        match item {
            Item::Table(inner) => gather(inner, list, name, false, all),
            Item::ArrayOfTables(tables) => tables.iter().for_each(|inner| gather(inner, list, name, false, all)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# our news
[site]
title = "Harbour" # shown

# ---- categories ----

[[category]]
slug = "rail"

# ---- sources ----

# the rail paper
[[source]]
id = "rail"   # never change it
url = "https://rail.example/feed"
category = "rail"

# no adverts
[[source.rule]]
action = "exclude"
match = '''
[[source]]'''

# ships
[[source]]
id = "sea"
url = "https://sea.example/feed"
enabled = true   # since May

# the end
"#;

    #[test]
    fn a_key_is_set_where_it_stands_or_behind_the_last_one() {
        let disabled = with_key(TEXT, "sea", "enabled", &Said::Flag(false)).unwrap().unwrap();
        assert_eq!(disabled, TEXT.replace("enabled = true   #", "enabled = false   #"));
        let moved = with_key(TEXT, "rail", "category", &Said::Text("sea".into())).unwrap().unwrap();
        assert_eq!(moved, TEXT.replace("category = \"rail\"", "category = \"sea\""));
        let titled = with_key(TEXT, "rail", "title", &Said::Text("Rail".into())).unwrap().unwrap();
        assert_eq!(titled, TEXT.replace("category = \"rail\"\n", "category = \"rail\"\ntitle = \"Rail\"\n"));
        assert_eq!(with_key(TEXT, "air", "title", &Said::Flag(true)).unwrap(), None);
    }

    #[test]
    fn a_source_goes_with_its_rules_and_its_own_comment_and_nothing_else() {
        let without = without_source(TEXT, "rail").unwrap().unwrap();
        let (start, end) = (TEXT.find("# the rail paper").unwrap(), TEXT.find("# ships").unwrap());
        assert_eq!(without, format!("{}{}", &TEXT[..start], &TEXT[end..]));
        let without = without_source(TEXT, "sea").unwrap().unwrap();
        let (start, end) = (TEXT.find("# ships").unwrap(), TEXT.find("# the end").unwrap());
        assert_eq!(without, format!("{}{}", &TEXT[..start], &TEXT[end..]).replace("\n\n\n", "\n\n"));
        assert_eq!(without_source(TEXT, "air").unwrap(), None);
    }

    #[test]
    fn a_source_comes_to_the_end_and_a_category_behind_the_others() {
        let lines = vec![("id", Said::Text("air".into())), ("categories", Said::Texts(vec!["a".into(), "b".into()]))];
        let more = with_table(TEXT, "source", &lines).unwrap();
        assert_eq!(more, format!("{TEXT}\n[[source]]\nid = \"air\"\ncategories = [\"a\", \"b\"]\n"));
        let more = with_table(TEXT, "category", &vec![("slug", Said::Text("air".into()))]).unwrap();
        assert_eq!(more, TEXT.replace("slug = \"rail\"\n", "slug = \"rail\"\n\n[[category]]\nslug = \"air\"\n"));
        assert_eq!(
            with_table("", "source", &vec![("id", Said::Text("a".into()))]).unwrap(),
            "[[source]]\nid = \"a\"\n"
        );
        assert!(with_table("source = []\n", "source", &lines).is_err());
    }
}
