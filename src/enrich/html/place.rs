//! Where a tag may stand so that a parser leaves it there: what tells whether a second reading finds the same text.

use super::finish::Open;

/// Whether a parser would leave a start tag where it stands. Says no too often rather than too seldom: that costs one more pass.
pub fn stands_here(open: &[Open], name: &str) -> bool {
    let within = |wanted: &[&str]| open.iter().any(|one| one.shown && wanted.contains(&one.name.as_str()));
    let parent = open.iter().rev().find(|one| one.shown).map_or("", |one| one.name.as_str());
    let nearest = |of: &[&str]| {
        open.iter().rev().find(|one| one.shown && of.contains(&one.name.as_str())).map_or("", |one| one.name.as_str())
    };
    let in_table_part = matches!(parent, "table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup");
    match name {
        "a" => !within(&["a"]) && !in_table_part,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            !within(&["p", "h1", "h2", "h3", "h4", "h5", "h6"]) && !in_table_part
        }
        "li" => matches!(nearest(&["ul", "ol", "li"]), "ul" | "ol") && !within(&["p"]),
        "dt" | "dd" => nearest(&["dl", "dt", "dd"]) == "dl" && !within(&["p"]),
        "caption" | "colgroup" | "thead" | "tbody" | "tfoot" => parent == "table",
        "col" => parent == "colgroup",
        "tr" => matches!(parent, "tbody" | "thead" | "tfoot"),
        "td" | "th" => parent == "tr",
        "rt" | "rp" => parent == "ruby",
        "p" | "div" | "ul" | "ol" | "dl" | "table" | "blockquote" | "pre" | "hr" | "figure" | "figcaption"
        | "section" | "article" | "aside" | "details" | "summary" | "header" | "footer" | "main" | "nav"
        | "address" => !within(&["p"]) && !in_table_part,
        _ => !in_table_part,
    }
}
