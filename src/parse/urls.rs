//! References → absolute URLs, in the publisher's own characters wherever those are a URL already.

use super::limits;
use url::Url;

/// A page address: http(s), absolute where a base is known. Anything else (`javascript:`, `data:`, `mailto:`) is none.
pub fn page(base: Option<&Url>, raw: &str) -> Option<String> {
    resolve(base, raw).filter(|url| has_scheme(url, &["http", "https"]) || !has_any_scheme(url))
}

/// The address of a file: also ftp and magnet.
pub fn file(base: Option<&Url>, raw: &str) -> Option<String> {
    resolve(base, raw).filter(|url| has_scheme(url, &["http", "https", "ftp", "magnet"]) || !has_any_scheme(url))
}

/// Absolute where that can be told; `None` for what is empty, too long, or would run.
pub fn resolve(base: Option<&Url>, raw: &str) -> Option<String> {
    let raw: String = raw.trim().chars().filter(|c| !matches!(c, '\n' | '\r' | '\t')).collect();
    if raw.is_empty() || raw.len() > limits::URL {
        return None;
    }
    match Url::parse(&raw) {
        Ok(url) if matches!(url.scheme(), "javascript" | "data" | "vbscript" | "blob") => None,
        Ok(_) if raw.chars().all(is_url_character) => Some(raw),
        Ok(url) => Some(url.to_string()),
        Err(url::ParseError::RelativeUrlWithoutBase) => match base {
            Some(base) => base.join(&raw).ok().map(|url| url.to_string()),
            None => Some(raw),
        },
        Err(_) => None,
    }
}

/// Characters that may stand in an IRI as they are.
fn is_url_character(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
}

fn has_scheme(url: &str, schemes: &[&str]) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme)))
}

fn has_any_scheme(url: &str) -> bool {
    Url::parse(url).is_ok()
}
