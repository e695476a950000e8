//! Images: the one that is meant, though a script was to load it later, and none that only counts readers.

use super::{
    address::{loaded, srcset},
    allowed::{LAZY, LAZY_SETS},
    players::below,
    tags::{attributes_of, split_tag},
};
use std::{borrow::Cow, collections::HashSet};
use url::Url;

/// Hosts (and beginnings of paths there) whose images count readers or ask them to share.
const BEACONS: &[&str] = &[
    "2o7.net",
    "analytics.twitter.com",
    "analytics.yahoo.com",
    "scorecardresearch.com",
    "bat.bing.com",
    "c.statcounter.com",
    "cnzz.com",
    "counter.yadro.ru",
    "doubleclick.net",
    "facebook.com/tr",
    "feeds.feedblitz.com/~",
    "feeds.feedburner.com/~",
    "feeds.wordpress.com/1.0/",
    "feedsportal.com",
    "google-analytics.com",
    "hm.baidu.com",
    "mc.yandex.ru",
    "medium.com/_/stat",
    "pixel.quantserve.com",
    "pixel.wp.com",
    "px.ads.linkedin.com",
    "rss.buysellads.com",
    "stats.wordpress.com",
    "stats.wp.com",
    "t.co/i/adsct",
    "top-fwz1.mail.ru",
    "tracking.feedpress.it",
    "tongji.baidu.com",
];
/// Files that stand in until a script has loaded the real one, by a part of their name.
const STAND_INS: &[&str] = &[
    "placeholder",
    "blank.",
    "loading.",
    "loader.",
    "spinner",
    "spacer",
    "transparent",
    "grey.",
    "gray.",
    "lazyload",
    "lazy.",
    "1x1",
    "pixel.",
    "none.gif",
    "empty.",
    "clear.gif",
    "dot.gif",
];
/// Such files whose names say nothing else, whole.
const STAND_IN_FILES: &[&str] = &[
    "s.gif",
    "a.gif",
    "ph.gif",
    "t.gif",
    "default.jpg",
    "default.png",
    "load.svg",
    "load.gif",
    "white.png",
    "white.gif",
];

/// An attribute as the parser wrote it.
pub type Given<'t> = [(&'t str, Cow<'t, str>)];
/// An attribute to be shown.
pub type Shown<'t> = Vec<(&'t str, String)>;

/// The address to show, and the candidates for other widths.
pub struct Addresses {
    /// `src`.
    pub src: String,
    /// `srcset`.
    pub set: Option<String>,
}

/// Candidates that a `source` beside an image offers.
pub struct Offer {
    set: String,
    /// Only for some screens.
    for_some: bool,
}

/// Addresses as they are written that several images have beside ones of their own, which a script would load: they only
/// stand in.
pub fn repeated(html: &str) -> HashSet<String> {
    let (mut seen, mut again) = (HashSet::new(), HashSet::new());
    if !LAZY.iter().any(|name| html.contains(name)) {
        return again;
    }
    for tag in html.split("<img ").skip(1) {
        let given = attributes_of(split_tag(tag).0);
        let own = values(&given, &["src"]).next();
        let later = values(&given, LAZY).next();
        if let Some(own) = own.filter(|own| later.is_some_and(|later| later != *own))
            && !seen.insert(own.to_owned())
        {
            again.insert(own.to_owned());
        }
    }
    again
}

/// What an image shows, or `None` for one that shows nothing. `offers` are those of the `picture` around it, `repeated` the
/// addresses that stand in.
pub fn addresses(given: &Given, offers: &[Offer], repeated: &HashSet<String>, base: Option<&Url>) -> Option<Addresses> {
    // `#` would be the page itself.
    let written = values(given, &["src"]).find(|src| !src.trim_start().starts_with('#'));
    let own = written.and_then(|src| loaded(src, base));
    let is_repeated = written.is_some_and(|src| repeated.contains(src));
    let stands_in = own.as_deref().is_none_or(is_stand_in) || is_repeated;
    let real = if stands_in { address_of(given, LAZY, base) } else { None };
    let set_of = |names: &[&str]| values(given, names).find_map(|value| srcset(value, base));
    let offered = |any: bool| offers.iter().find(|offer| any || !offer.for_some).map(|offer| offer.set.clone());
    // Beside an image that only stands in, so may its candidates.
    let fit = |set: &String| !stands_in || largest(set).is_some_and(|best| !is_stand_in(best));
    let set = set_of(&["srcset"]).filter(fit).or_else(|| set_of(LAZY_SETS).filter(fit));
    let set = set.or_else(|| offered(stands_in && real.is_none()).filter(fit));
    let best = set.as_deref().and_then(largest).map(str::to_owned);
    let own = own.filter(|_| !(is_repeated && real.is_some()));
    let (meant, other): (Vec<String>, Vec<String>) =
        [real, own].into_iter().flatten().partition(|address| !is_stand_in(address));
    let src = meant.into_iter().chain(best).chain(other).next()?;
    if counts_readers(given, &src) { None } else { Some(Addresses { src, set }) }
}

/// The first address among attributes that are asked in their order.
pub fn address_of(given: &Given, names: &[&str], base: Option<&Url>) -> Option<String> {
    values(given, names).find_map(|value| loaded(value, base))
}

/// What a `source` within a `picture` offers, if it is of a kind that every reader can show.
pub fn offer(given: &Given, base: Option<&Url>) -> Option<Offer> {
    let shown = |kind: &str| matches!(kind, "" | "image/jpeg" | "image/png" | "image/webp" | "image/gif");
    let mut sets = values(given, &["srcset"]).chain(values(given, LAZY_SETS));
    let set = sets.find_map(|value| srcset(value, base)).filter(|_| values(given, &["type"]).all(shown))?;
    Some(Offer { set, for_some: values(given, &["media"]).any(|media| !media.trim().is_empty()) })
}

fn values<'g>(given: &'g Given, names: &'g [&str]) -> impl Iterator<Item = &'g str> {
    names.iter().flat_map(|wanted| given.iter().filter(move |(name, _)| name == wanted).map(|(_, value)| &**value))
}

/// The candidate of the greatest width or density; the first of several without any.
fn largest(set: &str) -> Option<&str> {
    let mut best: Option<(f32, &str)> = None;
    for candidate in set.split(", ") {
        let (address, size) = candidate.split_once(' ').unwrap_or((candidate, "1x"));
        let size = size.trim_end_matches(['w', 'x']).parse().unwrap_or(1.0);
        if best.is_none_or(|(than, _)| size > than) {
            best = Some((size, address));
        }
    }
    best.map(|(_, address)| address)
}

/// Whether it only stands in for another until a script has run.
pub fn is_stand_in(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    STAND_INS.iter().any(|part| file.contains(part)) || STAND_IN_FILES.contains(&file.as_str())
}

/// By its size, a side of one pixel or none, or by its host.
pub fn counts_readers(given: &Given, src: &str) -> bool {
    let tiny = |value: &str| value.trim().trim_end_matches("px").trim().parse::<f32>().is_ok_and(|side| side <= 1.0);
    let is_side = |name: &str| matches!(name, "width" | "height");
    let styled = values(given, &["style"]).flat_map(|style| style.split(';')).filter_map(|part| part.split_once(':'));
    let tiny_style = |(name, value): (&str, &str)| {
        let value = value.trim().trim_end_matches("!important");
        is_side(name.trim().to_ascii_lowercase().as_str()) && tiny(value)
    };
    given.iter().any(|(name, value)| is_side(name) && tiny(value))
        || styled.into_iter().any(tiny_style)
        || Url::parse(src).is_ok_and(|url| is_beacon(&url))
}

fn is_beacon(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let path = url.path().trim_start_matches('/');
    BEACONS.iter().any(|place| {
        let (other, start) = place.split_once('/').unwrap_or((place, ""));
        below(host, other) && path.starts_with(start)
    })
}
