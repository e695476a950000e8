//! The Link header (RFC 8288), as far as feeds use it: targets by relation. Small, linear, bounded.

use url::Url;

/// Links taken from one answer at most.
const MAX_LINKS: usize = 50;

/// One link: its relations in lower case, and its target, absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLink {
    /// Relations.
    pub rels: Vec<String>,
    /// Target, resolved against the address of the answer.
    pub target: Url,
}

/// Reads one Link header value. What cannot be read is skipped up to the next comma; links about another
/// document (`anchor`) and targets that are not http(s) are left out.
pub fn parse(value: &str, base: &Url) -> Vec<WebLink> {
    let mut links = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.find('<') {
        if links.len() == MAX_LINKS {
            break;
        }
        let Some((target, after)) = rest.get(open + 1..).and_then(|inside| inside.split_once('>')) else {
            break;
        };
        let (params, next) = params(after);
        rest = next;
        links.extend(link(target, &params, base));
    }
    links
}

fn link(target: &str, params: &[(String, String)], base: &Url) -> Option<WebLink> {
    let param = |name: &str| {
        params
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    if let Some(anchor) = param("anchor")
        && base.join(anchor).ok().as_ref() != Some(base)
    {
        return None;
    }
    let target = base
        .join(target.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let rels = param("rel")?
        .split_ascii_whitespace()
        .map(str::to_ascii_lowercase)
        .collect();
    Some(WebLink { rels, target })
}

/// Parameters after a target, up to the comma that ends the link; names in lower case. And what follows the comma.
fn params(text: &str) -> (Vec<(String, String)>, &str) {
    let mut params = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ';']);
        if let Some(next) = rest.strip_prefix(',') {
            return (params, next);
        }
        if rest.is_empty() {
            return (params, rest);
        }
        let end = rest.find(['=', ';', ',']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let name = name.trim().to_ascii_lowercase();
        let value = match after.strip_prefix('=') {
            Some(value) => {
                let (value, next) = self::value(value.trim_start_matches([' ', '\t']));
                rest = next;
                value
            }
            None => {
                rest = after;
                String::new()
            }
        };
        params.push((name, value));
    }
}

/// A token or quoted string, and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        let (token, rest) = text.split_at(end);
        return (token.trim().to_owned(), rest);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Vec<(String, String)> {
        let base = Url::parse("https://news.example/feeds/a.xml").unwrap();
        let links = parse(value, &base);
        links
            .into_iter()
            .map(|link| (link.rels.join(" "), link.target.to_string()))
            .collect()
    }

    fn pair(rels: &str, target: &str) -> (String, String) {
        (rels.into(), target.into())
    }

    #[test]
    fn quoted_or_not_several_in_one_value() {
        assert_eq!(
            read(
                r#"<https://hub.example/>; rel="hub", </feeds/a.xml>;rel=self; type="application/rss+xml",<b>; REL = "Next  PREV""#
            ),
            [
                pair("hub", "https://hub.example/"),
                pair("self", "https://news.example/feeds/a.xml"),
                pair("next prev", "https://news.example/feeds/b")
            ]
        );
    }

    #[test]
    fn commas_and_semicolons_inside_quotes_and_targets_are_text() {
        assert_eq!(
            read(r#"<http://a.example/?x=1,2;3>; title="a, \"b\"; <c>"; rel="hub""#),
            [pair("hub", "http://a.example/?x=1,2;3")]
        );
    }

    #[test]
    fn other_anchors_other_schemes_and_damage_are_left_out() {
        assert_eq!(
            read("<mailto:a@b.example>; rel=hub, <http://[>; rel=hub, <http://h.example/>; rel=hub; anchor=\"/other\""),
            []
        );
        assert_eq!(read("<http://h.example/"), []);
        assert_eq!(
            read("<http://h.example/>; rel=\"hub"),
            [pair("hub", "http://h.example/")]
        );
        assert_eq!(read("<http://h.example/>; ; ;; rel"), [pair("", "http://h.example/")]);
        assert_eq!(read("<http://h.example/>"), []);
        assert_eq!(read(&"<a>;rel=x,".repeat(1_000)).len(), MAX_LINKS);
    }

    #[test]
    fn the_first_rel_counts() {
        assert_eq!(
            read("<http://h.example/>; rel=hub; rel=self"),
            [pair("hub", "http://h.example/")]
        );
    }
}
