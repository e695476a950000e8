//! Which requests share a line, and how long its pause is. Pure. One registrable domain (Public Suffix List, its private section
//! included) is one host, unless feeds.toml says otherwise; hosts that `[fetch] allow` names are the operator's own and not paced.

use crate::{
    config::{Config, FetchConfig},
    fetch,
    model::{Moment, Source, SourceId},
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use url::{Host, Url};

/// Between the end of one request to a host and the start of the next, where feeds.toml does not say.
pub const PAUSE: Duration = Duration::from_secs(2);

/// What has a line of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A host, by its registrable domain or address.
    Host(Arc<str>),
    /// A source that shares its host's time with nobody: the host is exempt, or it is a folder.
    Source(SourceId),
    /// One request to an exempt host.
    Visitor(u64),
}

/// Until when a host rests that an earlier run of the program asked: `passed` is how long ago that was, as far as it was stored. The
/// last request may not have been, so that a short pause is kept whole after the start, which is the moment zero.
pub fn rest(every: Duration, passed: Duration, now: Moment) -> Moment {
    (now + every.saturating_sub(passed)).max(every.min(PAUSE))
}

/// Pauses that feeds.toml sets, and hosts that need none.
#[derive(Clone, Debug, Default)]
pub struct Paces {
    every: HashMap<String, Duration>,
}

impl Paces {
    /// As feeds.toml says.
    pub fn of(config: &Config) -> Paces {
        Paces { every: config.hosts.iter().map(|host| (host.name.clone(), host.every)).collect() }
    }

    /// The line of a source's requests, and its pause.
    pub fn of_source(&self, fetch: &FetchConfig, source: &Source, url: Option<&Url>) -> (Key, Duration) {
        let host = url.and_then(|url| self.of_url(fetch, url));
        host.unwrap_or_else(|| (Key::Source(source.id.clone()), Duration::ZERO))
    }

    /// The line of a request; `None` where it needs none.
    pub fn of_url(&self, fetch: &FetchConfig, url: &Url) -> Option<(Key, Duration)> {
        if fetch::is_allowed(&fetch.allow, url) {
            return None;
        }
        let (name, every) = self.of_host(url);
        Some((Key::Host(name.into()), every))
    }

    /// The name under which a host is held, exempt or not.
    pub fn name<'u>(&self, url: &'u Url) -> std::borrow::Cow<'u, str> {
        match url.host() {
            Some(Host::Domain(name)) => self.domain(name.trim_end_matches('.')).into(),
            Some(address) => address.to_string().into(),
            None => "".into(),
        }
    }

    fn of_host(&self, url: &Url) -> (String, Duration) {
        let name = self.name(url).into_owned();
        let every = self.every.get(&name).copied().unwrap_or(PAUSE);
        (name, every)
    }

    /// The longest part of a name that feeds.toml sets a pause for, else the registrable domain.
    fn domain<'n>(&self, name: &'n str) -> &'n str {
        let registrable = psl::domain_str(name).unwrap_or(name);
        if self.every.is_empty() {
            return registrable;
        }
        let mut part = name;
        while part.len() > registrable.len() && !self.every.contains_key(part) {
            let Some((_, rest)) = part.split_once('.') else { break };
            part = rest;
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paces(overrides: &[(&str, u64)]) -> Paces {
        let every = overrides.iter().map(|(name, seconds)| ((*name).to_owned(), Duration::from_secs(*seconds)));
        Paces { every: every.collect() }
    }

    #[test]
    fn hosts_of_one_registrable_domain_share_a_line_and_tenants_of_a_platform_do_not() {
        let paces = paces(&[]);
        let name = |url: &str| paces.name(&url.parse().unwrap()).into_owned();
        assert_eq!(name("https://a.example.co.uk/x"), name("https://b.example.co.uk./y"));
        assert_ne!(name("https://a.github.io/x"), name("https://b.github.io/y"));
        assert_eq!(name("http://127.0.0.1:1/"), "127.0.0.1");
    }

    #[test]
    fn feeds_toml_gives_a_host_below_the_domain_a_line_of_its_own() {
        let paces = paces(&[("feeds.example.org", 5), ("example.net", 1)]);
        let of = |url: &str| paces.of_host(&url.parse().unwrap());
        assert_eq!(of("https://feeds.example.org/"), ("feeds.example.org".into(), Duration::from_secs(5)));
        assert_eq!(of("https://eu.feeds.example.org/").0, "feeds.example.org");
        assert_eq!(of("https://www.example.org/"), ("example.org".into(), PAUSE));
        assert_eq!(of("https://www.example.net/"), ("example.net".into(), Duration::from_secs(1)));
    }
}
