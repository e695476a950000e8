//! What is asked of our hub (WebSub §5.1): a form in, a request out, or why there is none, in words. Pure.

use super::following::{LONGEST_LEASE, SHORTEST_LEASE};
use crate::{config::Config, fetch, websub::subscriber::Mode};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write};
use url::Url;

/// Longest address that is taken, bytes.
const LONGEST_ADDRESS: usize = 2_048;
/// A secret is shorter than this, bytes (WebSub §5.1).
const TOO_LONG_A_SECRET: usize = 200;
/// Characters of a token: 128 bits, in hexadecimal digits.
const TOKEN: usize = 32;

/// What somebody wants of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be pushed a feed, or no longer.
    Follow(Asked),
    /// To tell us that this feed has changed.
    Publish(String),
}

/// A request to be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Begin, renew, or end.
    pub mode: Mode,
    /// Where to push, character for character.
    pub callback: String,
    /// The same, to be asked.
    pub url: Url,
    /// Which feed, character for character.
    pub topic: String,
    /// What to sign with.
    pub secret: Option<String>,
    /// For how long.
    pub lease: TimeDelta,
}

impl Asked {
    /// What it is kept under: callback and topic together (WebSub §5.1).
    pub fn token(&self) -> String {
        let digest = Sha256::new().chain_update(&self.topic).chain_update([0]).chain_update(&self.callback).finalize();
        let mut token = String::new();
        for byte in digest.iter().take(TOKEN / 2) {
            let _ = write!(token, "{byte:02x}");
        }
        token
    }
}

/// Why a request is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be understood.
    Malformed(&'static str),
    /// It is no feed of ours, or not for this one.
    NoTopic,
    /// Nobody follows it from there.
    NotFollowed,
    /// We do not push there.
    Callback(&'static str),
    /// That host, or that feed, has as many as it may; seconds until it is worth asking again.
    TooMany(&'static str, u32),
    /// We have as much to do as we can.
    Full,
    /// The store cannot be read or written, or there are no random numbers.
    Broken,
}

/// Reads a form. Parameters that nobody knows are ignored; of those that stand there twice the first counts.
pub fn read(form: &[u8], config: &Config) -> Result<Wish, Refusal> {
    let mut fields = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(form) {
        fields.entry(name).or_insert(value);
    }
    let mut take = |name| fields.remove(name).map(|value| value.into_owned()).filter(|value| !value.is_empty());
    let mode = match take("hub.mode").as_deref() {
        Some("subscribe") => Mode::Subscribe,
        Some("unsubscribe") => Mode::Unsubscribe,
        Some("publish") => {
            let topic = take("hub.url").or_else(|| take("hub.topic"));
            return topic.map(Wish::Publish).ok_or(Refusal::Malformed("hub.url is missing"));
        }
        Some(_) => return Err(Refusal::Malformed("hub.mode is neither subscribe nor unsubscribe")),
        None => return Err(Refusal::Malformed("hub.mode is missing")),
    };
    let topic = take("hub.topic").ok_or(Refusal::Malformed("hub.topic is missing"))?;
    let callback = take("hub.callback").ok_or(Refusal::Malformed("hub.callback is missing"))?;
    if topic.len() > LONGEST_ADDRESS || callback.len() > LONGEST_ADDRESS {
        return Err(Refusal::Malformed("hub.topic and hub.callback have at most 2048 bytes"));
    }
    // Parsers of URLs pass over line breaks; logs and status pages do not.
    if [&topic, &callback].iter().any(|address| address.chars().any(|c| c.is_control() || c == ' ')) {
        return Err(Refusal::Malformed("hub.topic and hub.callback hold no spaces and no control characters"));
    }
    let url = self::callback(&callback, config)?;
    let secret = take("hub.secret");
    if secret.as_ref().is_some_and(|secret| secret.len() >= TOO_LONG_A_SECRET) {
        return Err(Refusal::Malformed("hub.secret must be shorter than 200 bytes"));
    }
    let lease = match take("hub.lease_seconds") {
        None => LONGEST_LEASE,
        Some(seconds) => {
            let seconds = seconds.trim().parse::<u64>();
            let seconds = seconds.map_err(|_| Refusal::Malformed("hub.lease_seconds is not a number of seconds"))?;
            let wanted = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds).unwrap_or(LONGEST_LEASE);
            wanted.clamp(SHORTEST_LEASE, LONGEST_LEASE)
        }
    };
    Ok(Wish::Follow(Asked { mode, callback, url, topic, secret, lease }))
}

/// Names are judged when they are dialled; what is plainly an inside address is told at once. Not ourselves: pushes would go round.
fn callback(callback: &str, config: &Config) -> Result<Url, Refusal> {
    let url = Url::parse(callback).map_err(|_| Refusal::Malformed("hub.callback is no whole URL"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(Refusal::Malformed("hub.callback is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(Refusal::Malformed("hub.callback holds a user, a password or a fragment"));
    }
    let site = &config.site.url;
    if url.origin() == site.origin() && url.path().starts_with(site.path().trim_end_matches('/')) {
        return Err(Refusal::Callback("hub.callback is this site itself"));
    }
    let literal = !matches!(url.host(), Some(url::Host::Domain(_)));
    if literal && !fetch::is_global_url(&url) && !fetch::is_allowed(&config.fetch.allow, &url) {
        return Err(Refusal::Callback("hub.callback is an address that cannot be reached from here"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;
    use std::path::Path;

    fn config() -> Config {
        let text = "[site]\nurl = \"https://news.example/base\"\n[fetch]\nallow = [\"127.0.0.1:81\"]\n\
                    [[source]]\nid = \"a\"\nurl = \"https://a.example/\"\ncategory = \"rail\"\n";
        let loaded = Config::parse(text, Path::new("feeds.toml"), &Overrides::default());
        loaded.unwrap_or_else(|errors| panic!("{errors}")).config
    }

    fn asks(more: &[(&str, &str)]) -> Result<Wish, Refusal> {
        let usual = [
            ("hub.mode", "subscribe"),
            ("hub.topic", "https://news.example/base/all.atom"),
            ("hub.callback", "https://reader.example/cb?x=1&y=%20"),
        ];
        let usual = usual.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(usual.chain(more)).finish();
        read(form.as_bytes(), &config())
    }

    fn asked(more: &[(&str, &str)]) -> Asked {
        match asks(more) {
            Ok(Wish::Follow(asked)) => asked,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_is_read_and_its_lease_kept_within_bounds() {
        let plain = asked(&[("hub.secret", "s"), ("hub.unknown", "1")]);
        assert_eq!(plain.callback, "https://reader.example/cb?x=1&y=%20");
        assert_eq!((plain.mode, plain.secret.as_deref(), plain.lease), (Mode::Subscribe, Some("s"), LONGEST_LEASE));
        assert_eq!(asked(&[("hub.secret", "")]).secret, None);
        assert_eq!(asked(&[("hub.secret", &"x".repeat(199))]).secret.unwrap().len(), 199);
        for (said, kept) in
            [("1", SHORTEST_LEASE), ("3600", TimeDelta::hours(1)), ("18446744073709551615", LONGEST_LEASE)]
        {
            assert_eq!(asked(&[("hub.lease_seconds", said)]).lease, kept, "{said}");
        }
        assert_ne!(plain.token(), asked(&[("hub.callback", "https://reader.example/cb?x=2")]).token());
        assert_eq!(plain.token(), asked(&[("hub.mode", "unsubscribe")]).token());
        assert_eq!(plain.token().len(), TOKEN);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_in_words() {
        let long = format!("https://reader.example/{}", "x".repeat(2_048));
        let many = "x".repeat(200);
        for (name, value) in [
            ("hub.mode", "listen"),
            ("hub.mode", ""),
            ("hub.topic", ""),
            ("hub.callback", ""),
            ("hub.callback", "reader.example/cb"),
            ("hub.callback", "ftp://reader.example/cb"),
            ("hub.callback", "https://me:pw@reader.example/cb"),
            ("hub.callback", "https://reader.example/cb#x"),
            ("hub.callback", "https://reader.example/c\nb"),
            ("hub.topic", "https://news.exa\nmple/base/all.atom"),
            ("hub.callback", &long),
            ("hub.topic", &long),
            ("hub.secret", &many),
            ("hub.lease_seconds", "soon"),
            ("hub.lease_seconds", "-1"),
        ] {
            assert!(matches!(asks(&[(name, value)]), Err(Refusal::Malformed(_))), "{name}={value}");
        }
    }

    #[test]
    fn nothing_is_pushed_inside_or_to_ourselves() {
        for callback in [
            "https://news.example/base/websub/0a",
            "http://127.0.0.1/cb",
            "http://2130706433/cb",
            "http://0x7f.1/cb",
            "http://[::ffff:10.0.0.1]/cb",
            "http://169.254.169.254/latest",
        ] {
            assert!(matches!(asks(&[("hub.callback", callback)]), Err(Refusal::Callback(_))), "{callback}");
        }
        asked(&[("hub.callback", "http://127.0.0.1:81/cb")]);
        asked(&[("hub.callback", "https://news.example/other/cb")]);
    }

    #[test]
    fn who_says_that_a_feed_changed_is_understood() {
        let publish = [("hub.mode", "publish"), ("hub.url", "https://news.example/base/all.atom")];
        assert_eq!(asks(&publish), Ok(Wish::Publish("https://news.example/base/all.atom".into())));
        assert_eq!(asks(&[("hub.mode", "publish"), ("hub.topic", "t")]), Ok(Wish::Publish("t".into())));
    }
}
