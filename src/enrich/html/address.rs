//! Addresses inside HTML: absolute, of a harmless scheme, or gone.

use crate::identify::is_tracking;
use std::borrow::Cow;
use url::Url;

/// Schemes of links; what is loaded (images, media) is http(s) only.
pub const SCHEMES: &[&str] = &["http", "https", "mailto", "tel", "sms", "geo", "xmpp", "magnet", "ftp"];

/// What a page loads by itself: http(s) only.
pub fn loaded(address: &str, base: Option<&Url>) -> Option<String> {
    absolute(address, base, &["http", "https"])
}

/// The address, absolute. As it was written when a browser could only read it one way, else in its normal form.
pub fn absolute(address: &str, base: Option<&Url>, schemes: &[&str]) -> Option<String> {
    // An empty address means the document that it stands in, which is none of ours.
    let address = Some(address.trim()).filter(|address| !address.is_empty())?;
    let url = Url::options().base_url(base).parse(address).ok().filter(|url| schemes.contains(&url.scheme()))?;
    let web = matches!(url.scheme(), "http" | "https");
    let start = format!("{}{}", url.scheme(), if web { "://" } else { ":" });
    let whole = address.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(&start));
    let plain = !address.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '<' | '>' | '"'));
    if whole && plain { Some(address.to_owned()) } else { Some(url.into()) }
}

/// The address of a link without the parameters that only follow readers; all others stay as they stand, in their order.
pub fn without_tracking(address: &str) -> Cow<'_, str> {
    let (page, fragment) = address.split_at(address.find('#').unwrap_or(address.len()));
    let web = page.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"));
    let Some((path, query)) = page.split_once('?').filter(|_| web) else { return Cow::Borrowed(address) };
    if !query.split('&').any(follows_readers) {
        return Cow::Borrowed(address);
    }
    let kept = query.split('&').filter(|pair| !follows_readers(pair)).collect::<Vec<_>>().join("&");
    let mark = if kept.is_empty() { "" } else { "?" };
    Cow::Owned(format!("{path}{mark}{kept}{fragment}"))
}

/// Names that mean something else on other sites count only with a value that trackers give them.
fn follows_readers(pair: &str) -> bool {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    is_tracking(name)
        && match name.to_ascii_lowercase().trim_start_matches("amp;") {
            "from" => {
                matches!(value, "singlemessage" | "groupmessage" | "timeline" | "weibo" | "wechat" | "qq" | "rss")
            }
            "scm" => value.contains('.') && value.starts_with(|c: char| c.is_ascii_digit()),
            _ => true,
        }
}

/// The candidates of a `srcset` that may be loaded.
pub fn srcset(value: &str, base: Option<&Url>) -> Option<String> {
    let candidates = value.split(", ").flat_map(|part| {
        part.split(",http").enumerate().map(|(at, part)| if at == 0 { part.to_owned() } else { format!("http{part}") })
    });
    let kept = candidates.take(32).filter_map(|candidate| {
        let mut words = candidate.split_whitespace();
        let address = loaded(words.next()?.trim_end_matches(','), base).filter(|address| !address.contains(",http"))?;
        let size = words.next().filter(|size| {
            size.ends_with(['w', 'x']) && size.len() <= 10 && size.trim_end_matches(['w', 'x']).parse::<f32>().is_ok()
        });
        Some(size.map_or_else(|| address.clone(), |size| format!("{address} {size}")))
    });
    Some(kept.collect::<Vec<_>>().join(", ")).filter(|all| !all.is_empty())
}
