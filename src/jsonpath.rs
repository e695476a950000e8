//! JSONPath (RFC 9535) over JSON: the only file that knows the library. Pure. A path whose cost could grow faster than the
//! document is refused when it is read, so that none can explode later.

use jsonpath_rust::{
    parser::{
        model::{JpQuery, Segment, Selector},
        parse_json_path,
    },
    query::js_path_process,
};
use serde_json::Value;
use std::{collections::BTreeSet, fmt};

/// Longest path, characters.
const MAX_PATH: usize = 1_000;
/// Values of a document that `..` goes through.
const MAX_VALUES: usize = 200_000;

/// A path that was read.
#[derive(Clone)]
pub struct Path {
    text: String,
    query: JpQuery,
}

impl Path {
    /// Reads a path; the error says in words why it cannot be used.
    pub fn parse(text: &str) -> Result<Path, String> {
        if text.chars().count() > MAX_PATH {
            return Err(format!("is longer than {MAX_PATH} characters"));
        }
        let query = parse_json_path(text).map_err(|_| "is not a JSONPath (RFC 9535)".to_owned())?;
        affordable(text, &query)?;
        Ok(Path { text: text.to_owned(), query })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Everything it leads to, in the order of the document.
    ///
    /// Errors, in words: a document too large for `..`.
    pub fn find<'v>(&self, value: &'v Value) -> Result<Vec<&'v Value>, String> {
        if self.descends() && count(value, MAX_VALUES + 1) > MAX_VALUES {
            return Err(format!("`{}` goes through more than {MAX_VALUES} values: name the way instead", self.text));
        }
        let found = js_path_process(&self.query, value).unwrap_or_default();
        Ok(found.into_iter().map(|found| found.val).collect())
    }

    /// The names it begins with, as far as it names single members; and whether there is more to it.
    pub fn names(&self) -> (Vec<&str>, bool) {
        let single = self.query.segments.iter().map_while(|segment| match segment {
            Segment::Selector(Selector::Name(name)) => Some(unquoted(name)),
            _ => None,
        });
        let names: Vec<&str> = single.collect();
        let more = names.len() < self.query.segments.len();
        (names, more)
    }

    /// Whether it leads to the members of a list that is there but has none.
    pub fn finds_an_empty_list(&self, value: &Value) -> bool {
        let Some((Segment::Selector(_), before)) = self.query.segments.split_last() else { return false };
        let list = JpQuery::new(before.to_vec());
        let found = js_path_process(&list, value).unwrap_or_default();
        found.first().is_some_and(|found| found.val.as_array().is_some_and(Vec::is_empty))
    }

    fn descends(&self) -> bool {
        self.query.segments.iter().any(|segment| matches!(segment, Segment::Descendant(_)))
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

/// Each step of a path that is let through leads to no value twice, so that its cost is the document's size times its own length.
fn affordable(text: &str, query: &JpQuery) -> Result<(), String> {
    let bare = outside_quotes(text);
    let descents = bare.matches("..").count();
    let filter = bare.split_once('?').map(|(_, filter)| filter);
    if descents > 1 {
        return Err("has more than one `..`: name the way instead".to_owned());
    }
    if filter.is_some_and(|filter| descents > 0 || filter.contains(['$', '?'])) {
        return Err("has a filter that would go through the whole document for each value".to_owned());
    }
    let several = query.segments.iter().filter_map(|segment| match segment {
        Segment::Selectors(several) => Some(several),
        Segment::Descendant(inside) => match &**inside {
            Segment::Selectors(several) => Some(several),
            _ => None,
        },
        Segment::Selector(_) => None,
    });
    for selectors in several {
        let names: BTreeSet<&str> = selectors.iter().filter_map(as_name).collect();
        if names.len() < selectors.len() {
            return Err("has brackets with several selectors that are not different names".to_owned());
        }
    }
    Ok(())
}

fn as_name(selector: &Selector) -> Option<&str> {
    match selector {
        Selector::Name(name) => Some(name),
        _ => None,
    }
}

/// The library keeps the quotes of `['name']`.
fn unquoted(name: &str) -> &str {
    let inside = |quote: char| name.strip_prefix(quote).and_then(|name| name.strip_suffix(quote));
    inside('\'').or_else(|| inside('"')).unwrap_or(name)
}

/// A path without what stands in quotes: names and words may hold any sign.
fn outside_quotes(text: &str) -> String {
    let (mut bare, mut open, mut escaped) = (String::with_capacity(text.len()), None, false);
    for c in text.chars() {
        match open {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(quote) if c == quote => open = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"') => open = Some(c),
            None => bare.push(c),
        }
    }
    bare
}

/// How many values a document holds; not counted beyond `most`.
fn count(value: &Value, most: usize) -> usize {
    let (mut waiting, mut found) = (vec![value], 0);
    while let Some(value) = waiting.pop() {
        found += 1;
        if found >= most {
            break;
        }
        match value {
            Value::Array(values) => waiting.extend(values),
            Value::Object(members) => waiting.extend(members.values()),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn find(path: &str, value: &Value) -> Vec<Value> {
        Path::parse(path).unwrap().find(value).unwrap().into_iter().cloned().collect()
    }

    #[test]
    fn what_a_path_leads_to_in_the_order_of_the_document() {
        let list = json!({"result": {"records": [{"code": 7, "从": "报"}, {"code": "8", "kind": 1}], "no": []}});
        assert_eq!(find("$.result.records[*].code", &list), [json!(7), json!("8")]);
        assert_eq!(find("$..code", &list), [json!(7), json!("8")]);
        assert_eq!(find("$['result']['records'][?@.kind == 1].code", &list), [json!("8")]);
        assert_eq!(find("$.result.records[0]['从']", &list), [json!("报")]);
        assert_eq!(find("$.result.recrods[*]", &list), Vec::<Value>::new());
        let path = Path::parse("$.result['no'][*]").unwrap();
        assert_eq!(path.names(), (vec!["result", "no"], true));
        assert!(path.finds_an_empty_list(&list));
        assert!(!Path::parse("$.result.nothing[*]").unwrap().finds_an_empty_list(&list));
    }

    #[test]
    fn a_path_that_could_explode_is_refused() {
        for bad in ["", "records", "$.", "$.a[", "$.a[?", "@.a"] {
            assert!(Path::parse(bad).unwrap_err().contains("not a JSONPath"), "{bad}");
        }
        let long = format!("$.{}", "a".repeat(MAX_PATH));
        for bad in ["$..a..b", "$[*,*]", "$[0,-1]", "$['a','a']", "$..[?@.a]", "$[?@.a == $.b]", "$[?@[?@.a]]", &long] {
            assert!(Path::parse(bad).is_err(), "{bad}");
        }
        for good in ["$['a..b','c?$']", "$..['a','b']", "$[?@.a == '$..']", "$[-1]", "$[:5]", "$"] {
            assert!(Path::parse(good).is_ok(), "{good}");
        }
        let many = Value::Array(vec![Value::Null; MAX_VALUES]);
        assert!(Path::parse("$..a").unwrap().find(&many).is_err());
        assert_eq!(Path::parse("$[*]").unwrap().find(&many).unwrap().len(), MAX_VALUES);
    }
}
