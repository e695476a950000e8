//! The ids an entry is published under (contract: Published id). Given once; pure over what is already held.

use super::{StoreError, codec, keys, overlay::Overlay};
use crate::model::{InfoCode, PublishedIds, SaidIds, Time};
use chrono::Datelike;

/// No reader or database takes longer ids well.
const LONGEST: usize = 2048;

/// Gives a new entry its ids and writes down that they are taken.
pub fn publish(
    overlay: &mut Overlay<'_>,
    code: &InfoCode,
    said: &SaidIds,
    site_host: &str,
    first_seen: Time,
) -> Result<PublishedIds, StoreError> {
    let said_id = said.id.as_deref().filter(|id| is_usable(id) && !looks_like_ours(id, site_host, code));
    let free = match said_id {
        Some(id) if overlay.get(&keys::published(id))?.is_none() => Some(id.to_owned()),
        _ => None,
    };
    let needs_own = free.as_deref().is_none_or(|id| !is_iri(id));
    let ours = if needs_own { own_id(overlay, code, site_host, first_seen)? } else { String::new() };
    let ids = chosen(free, said.permalink, ours);
    for id in [&ids.atom, &ids.rss] {
        overlay.put(keys::published(id), codec::code_bytes(code));
    }
    Ok(ids)
}

/// The ids an entry was published under elsewhere, as far as they are fit and free here; others for the rest.
pub fn adopt(
    overlay: &mut Overlay<'_>,
    code: &InfoCode,
    ids: Option<PublishedIds>,
    site_host: &str,
    first_seen: Time,
) -> Result<PublishedIds, StoreError> {
    let numbered = |id: &str| id.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('.').to_owned();
    let fit = |id: &str| {
        is_usable(id) && (!looks_like_ours(id, site_host, code) || !looks_like_ours(&numbered(id), site_host, code))
    };
    let is_free = |id: &str| Ok::<_, StoreError>(fit(id) && overlay.get(&keys::published(id))?.is_none());
    let (mut said, mut kept) = (SaidIds::default(), None);
    if let Some(ids) = ids {
        let whole = is_iri(&ids.atom) && is_free(&ids.atom)? && is_free(&ids.rss)? && is_free(&ids.json)?;
        said = SaidIds { permalink: ids.rss_permalink, id: Some(ids.rss.clone()) };
        kept = whole.then(|| PublishedIds { rss_permalink: ids.rss_permalink && is_web(&ids.rss), ..ids });
    }
    let Some(ids) = kept else { return publish(overlay, code, &said, site_host, first_seen) };
    for id in [&ids.atom, &ids.rss, &ids.json] {
        overlay.put(keys::published(id), codec::code_bytes(code));
    }
    Ok(ids)
}

/// The ids an entry would get where nothing else is stored: for previews.
pub fn unstored(code: &InfoCode, said: &SaidIds, site_host: &str, first_seen: Time) -> PublishedIds {
    chosen(said.id.clone().filter(|id| is_usable(id)), said.permalink, tag(code, site_host, first_seen))
}

/// Upstream's id wherever the format can carry it, else ours.
fn chosen(said: Option<String>, permalink: bool, ours: String) -> PublishedIds {
    let as_said = said.clone().unwrap_or_else(|| ours.clone());
    PublishedIds {
        rss_permalink: permalink && said.as_deref().is_some_and(is_web),
        atom: said.filter(|id| is_iri(id)).unwrap_or(ours),
        rss: as_said.clone(),
        json: as_said,
    }
}

fn tag(code: &InfoCode, site_host: &str, first_seen: Time) -> String {
    format!("tag:{site_host},{}:{code}", first_seen.year())
}

/// `tag:<site host>,<year of first sight>:<infoCode>` (RFC 4151); with a number behind it should somebody have taken it.
fn own_id(overlay: &Overlay<'_>, code: &InfoCode, site_host: &str, first_seen: Time) -> Result<String, StoreError> {
    let plain = tag(code, site_host, first_seen);
    let mut id = plain.clone();
    let mut again = 1;
    while overlay.get(&keys::published(&id))?.is_some() {
        again += 1;
        id = format!("{plain}.{again}");
    }
    Ok(id)
}

fn is_usable(id: &str) -> bool {
    !id.trim().is_empty() && id.len() <= LONGEST
}

/// Nobody may take the id that another entry would be given here. Its own comes back to it when a syndic reads a syndic.
fn looks_like_ours(id: &str, site_host: &str, code: &InfoCode) -> bool {
    let ours =
        id.strip_prefix("tag:").and_then(|rest| rest.strip_prefix(site_host)).is_some_and(|rest| rest.starts_with(','));
    ours && id.rsplit(':').next() != Some(code.as_str())
}

/// An absolute IRI (RFC 3987 §2.2): a scheme, something after it, and no character that an IRI cannot hold.
fn is_iri(id: &str) -> bool {
    let Some((scheme, rest)) = id.split_once(':') else { return false };
    let mut letters = scheme.chars();
    let good_scheme = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let bad = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
    };
    let web_is_whole = !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") || is_web(id);
    good_scheme && !rest.is_empty() && !id.chars().any(bad) && web_is_whole
}

/// An absolute http(s) URL with a host.
fn is_web(id: &str) -> bool {
    let Some((scheme, rest)) = id.split_once("://") else { return false };
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    // The URL standard forgives `http:///host`; an IRI is not so forgiving.
    web && !rest.starts_with('/') && url::Url::parse(id).is_ok_and(|url| url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(held: &[&str], id: &str, permalink: bool) -> PublishedIds {
        let held: Vec<_> = held.iter().map(|id| keys::published(id)).collect();
        let below = |key: &[u8]| Ok(held.iter().any(|held| held == key).then(|| b"NW0".to_vec()));
        let mut overlay = Overlay::new(&below);
        let said = SaidIds { id: Some(id.into()), permalink };
        let first_seen = "2026-04-22T00:00:00Z".parse().unwrap();
        publish(&mut overlay, &InfoCode::parse("NW1").unwrap(), &said, "news.example", first_seen).unwrap()
    }

    #[test]
    fn upstreams_id_is_kept_where_the_format_can_carry_it() {
        let ours = "tag:news.example,2026:NW1";
        let kept = ids(&[], "https://a.example/1?q=厦门", true);
        assert_eq!((kept.atom.as_str(), kept.rss_permalink), ("https://a.example/1?q=厦门", true));
        assert_eq!(ids(&[], "urn:uuid:1225c695", false).atom, "urn:uuid:1225c695");
        let bare = ids(&[], "12345 at a.example", true);
        assert_eq!(
            (bare.atom.as_str(), bare.rss.as_str(), bare.json.as_str()),
            (ours, "12345 at a.example", "12345 at a.example")
        );
        assert!(!bare.rss_permalink, "a permalink is an absolute URL");
        for odd in ["https:", "http:///x", "tag:a b", "1:2", ":x", "x:", "urn:{1}"] {
            assert_eq!(ids(&[], odd, false).atom, ours, "{odd}");
        }
        assert_eq!(ids(&[], "  ", false).rss, ours);
    }

    #[test]
    fn an_id_that_is_held_or_ours_to_give_is_not_used_again() {
        let ours = "tag:news.example,2026:NW1";
        let held = ids(&["https://a.example/1"], "https://a.example/1", true);
        assert_eq!(
            (held.atom.as_str(), held.rss.as_str(), held.json.as_str(), held.rss_permalink),
            (ours, ours, ours, false)
        );
        assert_eq!(ids(&[], "tag:news.example,2026:NW2", false).rss, ours);
        assert_eq!(ids(&[ours], "", false).atom, "tag:news.example,2026:NW1.2");
    }
}
