//! Addresses inside HTML: absolute, of a harmless scheme, or gone.

use url::Url;

/// Schemes of links; what is loaded (images, media) is http(s) only.
pub const SCHEMES: &[&str] = &["http", "https", "mailto", "tel", "sms", "geo", "xmpp", "magnet", "ftp"];

/// Images that stand in until a script has loaded the real one.
pub fn is_placeholder(src: &str) -> bool {
    let src = src.to_ascii_lowercase();
    ["placeholder", "blank.gif", "loading.gif", "spacer.gif", "transparent", "grey.gif", "lazyload", "1x1", "pixel.gif"]
        .iter()
        .any(|word| src.contains(word))
}

/// What a page loads by itself: http(s) only.
pub fn loaded(address: &str, base: Option<&Url>) -> Option<String> {
    absolute(address, base, &["http", "https"])
}

/// The address, absolute. As it was written when a browser could only read it one way, else in its normal form.
pub fn absolute(address: &str, base: Option<&Url>, schemes: &[&str]) -> Option<String> {
    let address = address.trim();
    let url = Url::options().base_url(base).parse(address).ok().filter(|url| schemes.contains(&url.scheme()))?;
    let web = matches!(url.scheme(), "http" | "https");
    let start = format!("{}{}", url.scheme(), if web { "://" } else { ":" });
    let whole = address.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(&start));
    let plain = !address.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '<' | '>' | '"'));
    if whole && plain { Some(address.to_owned()) } else { Some(url.into()) }
}

/// The candidates of a `srcset` that may be loaded.
pub fn srcset(value: &str, base: Option<&Url>) -> Option<String> {
    let candidates = value.split(", ").flat_map(|part| {
        part.split(",http").enumerate().map(|(at, part)| if at == 0 { part.to_owned() } else { format!("http{part}") })
    });
    let kept = candidates.take(32).filter_map(|candidate| {
        let mut words = candidate.split_whitespace();
        let address = loaded(words.next()?.trim_end_matches(','), base).filter(|address| !address.contains(','))?;
        let size = words.next().filter(|size| {
            size.ends_with(['w', 'x']) && size.len() <= 10 && size.trim_end_matches(['w', 'x']).parse::<f32>().is_ok()
        });
        Some(size.map_or_else(|| address.clone(), |size| format!("{address} {size}")))
    });
    Some(kept.collect::<Vec<_>>().join(", ")).filter(|all| !all.is_empty())
}
