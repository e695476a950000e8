//! Which feeds an HTML page names (HTML's rules for `rel=alternate`, `<base>`), and where else one may be. Pure and linear:
//! a tokenizer reads the page, so that no unclosed tag and no depth of nesting hides a link.

use html5ever::{
    buffer_queue::BufferQueue,
    tendril::StrTendril,
    tokenizer::{
        Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind::{Rawtext, Rcdata, ScriptData},
    },
};
use std::cell::RefCell;
use url::Url;

/// How far into a page links are looked for.
const LOOK: usize = 1 << 20;
/// Feeds named of one page at most.
const MAX_FEEDS: usize = 8;
/// Links of one page that are looked at.
const MAX_LINKS: usize = 2_000;
/// Addresses tried of one site at most.
const MAX_GUESSES: usize = 16;

/// Where feeds commonly are, the most common first.
const COMMON: [&str; 8] = ["feed", "rss.xml", "atom.xml", "feed.xml", "index.xml", "rss", "feed.json", "?feed=rss2"];

/// Media types of feeds. Those of plain JSON and XML name many other things too, and come last.
const TYPES: [&str; 7] = [
    "application/atom+xml",
    "application/rss+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/xml",
    "text/xml",
    "application/json",
];

/// The feeds a page names, most likely first, at most eight: `rel=alternate` with a feed's type, then links of its own
/// site that look like one.
pub fn named(html: &str, page: Option<&Url>) -> Vec<String> {
    let links = Links::of(html.get(..html.floor_char_boundary(LOOK)).unwrap_or_default());
    let base = links.base.and_then(|base| resolved(page, &base)).or_else(|| page.cloned());
    let mut found: Vec<(usize, String)> = Vec::new();
    for Link { likely, href } in links.found {
        let Some(url) = resolved(base.as_ref(), &href) else { continue };
        let rank = match likely {
            Some(rank) => rank,
            None if page.is_some_and(|page| page.host() == url.host()) && looks_like_a_feed(&url) => TYPES.len(),
            None => continue,
        };
        // What WordPress names as JSON is its programming interface.
        if Some(rank) == rank_of("application/json") && url.path().contains("/wp-json/") {
            continue;
        }
        let url = String::from(url);
        if found.iter().all(|(_, known)| *known != url) {
            found.push((rank, url));
        }
    }
    found.sort_by_key(|(rank, _)| (*rank >= 4, *rank == TYPES.len()));
    found.truncate(MAX_FEEDS);
    found.into_iter().map(|(_, url)| url).collect()
}

/// Where a feed of this page may be though the page does not say so: below the page, then below its site.
pub fn common(page: &Url) -> Vec<Url> {
    let mut below = page.clone();
    below.set_query(None);
    below.set_fragment(None);
    if let Ok(mut path) = below.path_segments_mut() {
        // A last segment without a dot is a folder as often as a page: `/blog` is taken for `/blog/`.
        let page = page.path_segments().and_then(|mut path| path.next_back()).unwrap_or_default();
        path.pop_if_empty();
        if page.contains('.') {
            path.pop();
        }
        path.push("");
    }
    let mut places: Vec<Url> = Vec::new();
    for folder in [Some(below), page.join("/").ok()].into_iter().flatten() {
        for guess in COMMON.iter().filter_map(|path| folder.join(path).ok()) {
            if !places.contains(&guess) && places.len() < MAX_GUESSES {
                places.push(guess);
            }
        }
    }
    places
}

fn resolved(base: Option<&Url>, href: &str) -> Option<Url> {
    let href = href.trim();
    let url = match base {
        Some(base) => base.join(href),
        None => Url::parse(href),
    };
    // Some sites name their feed by a scheme of its own: feed://host/, feed:https://host/.
    let url = url.ok()?;
    let url = match url.scheme() {
        "feed" => {
            let rest = href.get("feed:".len()..)?;
            let http = if rest.starts_with("//") { format!("http:{rest}") } else { rest.to_owned() };
            Url::parse(&http).ok()?
        }
        _ => url,
    };
    (matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()).then_some(url)
}

fn looks_like_a_feed(url: &Url) -> bool {
    let last = url.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    ["feed", "feeds", "rss", "atom", "feed.json", "feed.xml", "index.xml"].contains(&last.as_str())
        || [".rss", ".atom", ".rdf", "rss.xml", "atom.xml", "feed.xml"].iter().any(|end| last.ends_with(end))
}

fn rank_of(media_type: &str) -> Option<usize> {
    TYPES.iter().position(|known| *known == media_type)
}

/// A link that may lead to a feed.
struct Link {
    /// The place of its media type, if it is an alternate of the page.
    likely: Option<usize>,
    href: String,
}

/// What the tokenizer found.
#[derive(Default)]
struct Links {
    base: Option<String>,
    found: Vec<Link>,
}

impl Links {
    fn of(html: &str) -> Links {
        let tokens = Tokenizer::new(Collector::default(), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(html));
        let _ = tokens.feed(&input);
        tokens.end();
        tokens.sink.0.into_inner()
    }

    fn take(&mut self, tag: &Tag) {
        let said = |name: &str| tag.attrs.iter().find(|it| &*it.name.local == name).map(|it| it.value.to_string());
        match &*tag.name {
            "base" if self.base.is_none() => self.base = said("href"),
            name @ ("link" | "a" | "area") if self.found.len() < MAX_LINKS => {
                let Some(href) = said("href") else { return };
                let rel = said("rel").unwrap_or_default().to_ascii_lowercase();
                let is = |word: &str| rel.split_ascii_whitespace().any(|known| known == word);
                let of = said("type").unwrap_or_default().to_ascii_lowercase();
                let of = of.split(';').next().unwrap_or_default().trim();
                let likely = match (is("alternate") && !is("stylesheet"), is("feed")) {
                    (true, _) if !of.is_empty() => rank_of(of),
                    (_, true) => Some(0),
                    _ => None,
                };
                if likely.is_some() || name == "a" {
                    self.found.push(Link { likely, href });
                }
            }
            _ => {}
        }
    }
}

#[derive(Default)]
struct Collector(RefCell<Links>);

impl TokenSink for Collector {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind == TagKind::EndTag {
            return TokenSinkResult::Continue;
        }
        self.0.borrow_mut().take(&tag);
        // What a browser reads as characters is no markup here either.
        match &*tag.name {
            "script" => TokenSinkResult::RawData(ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(Rcdata),
            "plaintext" => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named_at(html: &str, page: &str) -> Vec<String> {
        named(html, Some(&page.parse().unwrap()))
    }

    fn of(html: &str) -> Vec<String> {
        named_at(html, "https://news.example/blog/")
    }

    #[test]
    fn alternates_by_the_rules_of_html() {
        for link in [
            "<link rel=alternate type=application/rss+xml href=f>",
            "<LINK REL='Home  ALTERNATE\n' TYPE=' Application/RSS+XML; charset=utf-8 ' HREF=' f '/>",
            "<a rel=alternate type=application/atom+xml href=/blog/f>x</a>",
            "<link rel=feed href=f>",
            "<link rel=alternate type=application/feed+json href=https://news.example/blog/f>",
            "<link rel=alternate type=application/json href=f>",
            "<link rel=alternate type=text/xml href=f>",
            "<link rel=alternate type=application/rss+xml href=feed:https://news.example/blog/f>",
        ] {
            assert_eq!(of(link), ["https://news.example/blog/f"], "{link}");
        }
        for no in [
            "<link rel=alternate type=text/html href=f>",
            "<link rel=alternate hreflang=de href=f>",
            "<link rel='alternate stylesheet' type=text/xml href=f>",
            "<link rel=alternates type=application/rss+xml href=f>",
            "<link rel=alternate type=application/rss+xml href='javascript:x'>",
            "<link rel=alternate type=application/json href=/wp-json/wp/v2/posts/1>",
            "<script>'<link rel=alternate type=application/rss+xml href=f>'</script>",
            "<!-- <link rel=alternate type=application/rss+xml href=f> -->",
            "<title><link rel=alternate type=application/rss+xml href=f></title>",
        ] {
            assert!(of(no).is_empty(), "{no}: {:?}", of(no));
        }
    }

    #[test]
    fn the_first_base_counts_wherever_the_link_stands() {
        let link = "<link rel=alternate type=application/rss+xml href=f.xml>";
        let html = format!("<head>{link}<base target=x><base href='/other/'><base href=/no/>");
        assert_eq!(of(&html), ["https://news.example/other/f.xml"]);
        assert_eq!(of(&format!("<base href='https://cdn.example/x/y'>{link}")), ["https://cdn.example/x/f.xml"]);
        assert_eq!(named("<link rel=feed href=https://a.example/f>", None), ["https://a.example/f"]);
    }

    #[test]
    fn feeds_come_before_what_may_be_one_and_no_more_than_eight() {
        let html = "<a href=/rss>RSS</a><a href=https://other.example/rss>theirs</a><a href=/about>x</a>\
            <link rel=alternate type=application/json href=1><link rel=alternate type=application/atom+xml href=2>\
            <link rel=alternate type=application/rss+xml href=3><link rel=alternate type=application/rss+xml href=3>";
        let at = |path: &str| format!("https://news.example{path}");
        assert_eq!(of(html), [at("/blog/2"), at("/blog/3"), at("/blog/1"), at("/rss")]);
        let many: String = (0..50).map(|n| format!("<link rel=feed href={n}>")).collect();
        assert_eq!(of(&many).len(), 8);
    }

    #[test]
    fn nothing_hides_a_link_and_much_takes_no_longer() {
        let link = "<link rel=alternate type=application/rss+xml href=f>";
        for before in
            ["<meta a=b>", "<link rel=x href=y>", "<div>", "<b><p>", "<table><td>", "<svg><math>", "</p>", "<"]
        {
            let html = format!("{}{link}{}", before.repeat(20_000), "<div>".repeat(20_000));
            assert_eq!(of(&html), ["https://news.example/blog/f"], "{before}");
        }
    }

    #[test]
    fn common_places_below_the_page_and_below_its_site() {
        let places = |page: &str| common(&page.parse().unwrap()).into_iter().map(String::from).collect::<Vec<_>>();
        let root = places("https://a.example/");
        assert_eq!(root.len(), COMMON.len());
        assert_eq!(root[0], "https://a.example/feed");
        assert!(root.contains(&"https://a.example/?feed=rss2".to_owned()), "{root:?}");
        assert_eq!(root, places("https://a.example/index.html?x=1#y"));
        let below = places("https://a.example/blog");
        assert_eq!(
            (below.len(), below[0].as_str(), below[8].as_str()),
            (16, "https://a.example/blog/feed", "https://a.example/feed")
        );
        assert_eq!(below, places("https://a.example/blog/"));
    }
}
