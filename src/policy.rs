//! Which entries are shown, how much of each, in which words, and whose name stands under it (contract: Content, Attribution).
//! Pure.

use crate::{
    model::{ContentPolicy, Edition, Text, TextKind},
    view::ItemBody,
};

mod excerpt;
mod plain;
mod rewrite;
mod standing;

pub use excerpt::{EXCERPT_GRAPHEMES, Excerpt, excerpt};
pub use plain::{html_of, plain};
pub use rewrite::rewritten;
pub use standing::{fingerprint, is_dropped_for_good, judge, standing, verdict};

/// A body and a summary as the policy lets them be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What is shown of the body.
    pub body: ItemBody,
    /// What is shown of the summary the author wrote.
    pub summary: Option<Text>,
    /// The credit line that ends a full body, for whoever shows only its beginning.
    pub credit: Option<String>,
}

/// Applies a source's content policy to an edition. `credit` is the credit line, if one is wanted at all.
pub fn shown(policy: ContentPolicy, edition: &Edition, credit: Option<String>) -> Shown {
    match policy {
        ContentPolicy::Full => full(edition, credit),
        ContentPolicy::Excerpt => excerpted(edition, credit),
        ContentPolicy::Link => Shown { body: ItemBody::Link, summary: None, credit: None },
    }
}

/// The visible line that says whose work it is. `publisher` and `link` are escaped here.
pub fn credit_line(language: &str, publisher: &str, link: &str) -> String {
    let label = if is_chinese(language) { "来源：" } else { "Source: " };
    let link = html_escape::encode_double_quoted_attribute(link);
    let publisher = html_escape::encode_text(publisher.trim());
    format!("<p>{label}<a href=\"{link}\">{publisher}</a></p>")
}

fn is_chinese(language: &str) -> bool {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    primary.eq_ignore_ascii_case("zh")
}

fn full(edition: &Edition, credit: Option<String>) -> Shown {
    let credit = credit.filter(|_| !says_its_publisher_last(edition)).unwrap_or_default();
    let body = edition.content.as_ref().filter(|body| !body.is_blank());
    let summary = edition.summary.clone().filter(|summary| !summary.is_blank());
    // A body made of the credit line alone would hide the summary in every reader that prefers bodies.
    let body = match (body, &summary) {
        // One line of plain text stays what it is; before a credit line it needs an end.
        (Some(body), _) if body.kind == TextKind::Plain && credit.is_empty() && !body.value.trim().contains('\n') => {
            html_escape::encode_text(body.value.trim()).into_owned()
        }
        (Some(body), _) => html_of(body),
        (None, Some(summary)) if !credit.is_empty() => html_of(summary),
        (None, _) => String::new(),
    };
    let body = ItemBody::Full(body + &credit);
    Shown { body, summary, credit: (!credit.is_empty()).then_some(credit) }
}

fn excerpted(edition: &Edition, credit: Option<String>) -> Shown {
    let summary = edition.summary.as_ref().filter(|summary| !summary.is_blank());
    let body = edition.content.as_ref().filter(|body| !body.is_blank()).or(summary);
    let cut = body.map(excerpt).unwrap_or_default();
    let said = says_its_publisher_last(edition) && cut.whole;
    let summary = summary.map(bounded);
    Shown { body: ItemBody::Excerpt { text: cut.text, credit: credit.filter(|_| !said) }, summary, credit: None }
}

/// Publishers put whole articles into `description` too: a summary longer than an excerpt is cut like one,
/// or the policy could be walked around from outside.
fn bounded(summary: &Text) -> Text {
    let cut = excerpt(summary);
    let short = cut.whole && summary.value.len() <= plain::SUMMARY_BYTES;
    if short { summary.clone() } else { Text { kind: TextKind::Plain, value: cut.text, base: None } }
}

fn says_its_publisher_last(edition: &Edition) -> bool {
    edition.attribution.publisher.as_ref().is_some_and(|publisher| publisher.ends_text)
}

#[cfg(test)]
mod tests;
