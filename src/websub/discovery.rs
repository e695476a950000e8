//! What a source's last answer says about hubs (WebSub §4), and whether we may subscribe at them. Pure.

use crate::{
    config::{Allow, Config},
    fetch,
    model::{Source, SourceState},
};
use url::Url;

/// Hubs of one publisher that are looked at.
const MAX_HUBS: usize = 10;
/// Longest topic that is asked for, bytes.
const MAX_TOPIC: usize = 2_048;

/// What is known of a source's hubs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The last answer says nothing either way (a failure, a 304 without links): what there is stays.
    Unknown,
    /// There is no hub, or none that we may use.
    Nothing(Reason),
    /// Any of these will do, the first the best.
    Hubs(Found),
}

/// Where to subscribe, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The hubs that may be asked.
    pub hubs: Vec<String>,
    /// The publisher's `self`.
    pub topic: String,
    /// False after a 304, which may leave links out: nothing that holds is given up for it.
    pub certain: bool,
}

/// Why there is nothing to subscribe to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody wants it: no feed, disabled, switched off, a source whose address is a secret, or one that is asked through a proxy.
    NotWanted,
    /// The publisher names no hub that could be asked.
    NoHub,
    /// `[site] url` is an address that the hub cannot reach.
    Unreachable,
}

/// What to subscribe to for a source, after what it last answered.
pub fn wish(config: &Config, source: &Source, state: &SourceState) -> Wish {
    // Hubs push feeds, not the page or list that a recipe reads.
    let wanted = config.poll.websub && source.enabled && source.publish_url && source.recipe.is_none();
    // Whoever hides behind a proxy does not tell a hub where he is.
    let Some(url) = source.url().filter(|_| wanted && source.proxy.is_none()) else {
        return Wish::Nothing(Reason::NotWanted);
    };
    if state.last_success.is_none() || state.error.is_some() || state.address != Some(source.address()) {
        return Wish::Unknown;
    }
    let (hubs, topic) = links(state);
    let certain = state.answer.status != 304;
    if hubs.is_empty() && !certain {
        return Wish::Unknown;
    }
    let named: Vec<Url> = hubs.iter().take(MAX_HUBS).filter_map(|hub| usable(hub, &config.site.url)).collect();
    let mut hubs = Vec::new();
    for hub in &named {
        if can_reach(&config.site.url, hub, &config.fetch.allow) && !hubs.contains(&String::from(hub.as_str())) {
            hubs.push(hub.to_string());
        }
    }
    // A publisher that names a hub and forgets its `self` means the address we ask.
    let topic = topic.unwrap_or_else(|| url.to_string());
    match (hubs.is_empty(), named.is_empty()) {
        (false, _) if topic.len() <= MAX_TOPIC => Wish::Hubs(Found { hubs, topic, certain }),
        (true, false) => Wish::Nothing(Reason::Unreachable),
        _ => Wish::Nothing(Reason::NoHub),
    }
}

/// True when the last answer, or the document, names a hub.
pub fn names_hub(state: &SourceState) -> bool {
    !links(state).0.is_empty()
}

/// Whether a request to the hub may reach what `[fetch] allow` opens: only if the source is itself there. A stranger's document
/// must not make us knock at the operator's own machines, whatever else is allowed.
pub fn may_go_inside(source: Option<&Source>, allow: &[Allow]) -> bool {
    source.and_then(Source::url).is_some_and(|url| fetch::is_allowed(allow, url))
}

/// Link headers first; what they do not say, the document may.
fn links(state: &SourceState) -> (&[String], Option<String>) {
    let said = state.feed.as_ref();
    let hubs = match state.answer.hubs.is_empty() {
        false => &state.answer.hubs,
        true => said.map_or(&state.answer.hubs, |feed| &feed.hubs),
    };
    (hubs, state.answer.self_url.clone().or_else(|| said.and_then(|feed| feed.self_url.clone())))
}

/// A hub that can be asked: http(s), without credentials, and not ourselves, who would push to ourselves for ever.
fn usable(hub: &str, site: &Url) -> Option<Url> {
    let mut hub = Url::parse(hub).ok()?;
    hub.set_fragment(None);
    let plain = hub.username().is_empty() && hub.password().is_none();
    let ours = hub.origin() == site.origin() && hub.path().starts_with(site.path().trim_end_matches('/'));
    (matches!(hub.scheme(), "http" | "https") && hub.has_host() && plain && !ours).then_some(hub)
}

/// Whether a hub can reach us: a public one needs a public `[site] url`, one of the operator's own network does not.
pub fn can_reach(site: &Url, hub: &Url, allow: &[Allow]) -> bool {
    matches!(site.scheme(), "http" | "https") && (fetch::is_public_url(site) || fetch::is_allowed(allow, hub))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Overrides,
        model::{Answer, FeedInfo, Time},
    };
    use std::path::Path;

    fn config(head: &str, source: &str) -> Config {
        let text = format!(
            "[site]\nurl = \"https://syndic.example/news\"\n{head}\n[[source]]\nid = \"paper\"\nurl = \"https://paper.example/feed\"\n{source}\n"
        );
        let loaded = Config::parse(&text, Path::new("feeds.toml"), &Overrides::default());
        loaded.unwrap_or_else(|errors| panic!("{errors}")).config
    }

    fn state(config: &Config, header: (&[&str], Option<&str>), body: (&[&str], Option<&str>)) -> SourceState {
        let owned = |hubs: &[&str]| hubs.iter().map(|hub| (*hub).to_owned()).collect::<Vec<_>>();
        SourceState {
            address: Some(config.sources[0].address()),
            last_success: Some(Time::default()),
            answer: Answer {
                status: 200,
                hubs: owned(header.0),
                self_url: header.1.map(str::to_owned),
                ..Answer::default()
            },
            feed: Some(FeedInfo { hubs: owned(body.0), self_url: body.1.map(str::to_owned), ..FeedInfo::default() }),
            ..SourceState::default()
        }
    }

    fn found(hubs: &[&str], topic: &str) -> Wish {
        let hubs = hubs.iter().map(|hub| (*hub).to_owned()).collect();
        Wish::Hubs(Found { hubs, topic: topic.to_owned(), certain: true })
    }

    fn of(config: &Config, state: &SourceState) -> Wish {
        wish(config, &config.sources[0], state)
    }

    const HUB: &str = "https://hub.example/";
    const SELF: &str = "https://paper.example/other?self=1";

    #[test]
    fn link_headers_come_before_the_document_and_a_different_self_is_the_topic() {
        let config = config("", "");
        let wrong: (&[&str], _) = (&["https://hub.example/?error=wrongtag"], Some("https://paper.example/wrong"));
        assert_eq!(of(&config, &state(&config, (&[HUB], Some(SELF)), wrong)), found(&[HUB], SELF));
        assert_eq!(of(&config, &state(&config, (&[], None), (&[HUB], Some(SELF)))), found(&[HUB], SELF));
        let without = state(&config, (&[HUB], None), (&[], None));
        assert_eq!(of(&config, &without), found(&[HUB], "https://paper.example/feed"));
        assert_eq!(of(&config, &state(&config, (&[], None), (&[], None))), Wish::Nothing(Reason::NoHub));
    }

    #[test]
    fn neither_a_failure_nor_a_304_without_links_says_that_there_is_no_hub() {
        let config = config("", "");
        let mut quiet = state(&config, (&[], None), (&[], None));
        quiet.answer.status = 304;
        assert_eq!(of(&config, &quiet), Wish::Unknown);
        let mut failing = state(&config, (&[HUB], None), (&[], None));
        failing.error = Some(crate::model::Failure::new(crate::model::FailureKind::Dns, "gone"));
        assert_eq!(of(&config, &failing), Wish::Unknown);
        let mut elsewhere = state(&config, (&[HUB], None), (&[], None));
        elsewhere.address = Some(1);
        assert_eq!(of(&config, &elsewhere), Wish::Unknown);
    }

    #[test]
    fn hubs_that_cannot_be_asked_are_passed_over() {
        let config = config("", "");
        let odd = ["ftp://hub.example/", "https://me:pw@hub.example/", "https://syndic.example/news/hub", "nonsense"];
        assert_eq!(of(&config, &state(&config, (&odd, None), (&[], None))), Wish::Nothing(Reason::NoHub));
        let all: Vec<&str> = odd.into_iter().chain([HUB, HUB]).collect();
        assert_eq!(of(&config, &state(&config, (&all, Some(SELF)), (&[], None))), found(&[HUB], SELF));
    }

    #[test]
    fn who_is_switched_off_or_secret_is_not_subscribed() {
        for (head, source) in [
            ("[poll]\nwebsub = false", ""),
            ("", "enabled = false"),
            ("", "[source.sitemap]"),
            ("", "headers = { X-Key = \"hush\" }"),
            ("", "proxy = \"http://proxy.example:3128\""),
        ] {
            let config = config(head, source);
            let state = state(&config, (&[HUB], Some(SELF)), (&[], None));
            assert_eq!(of(&config, &state), Wish::Nothing(Reason::NotWanted), "{head}{source}");
        }
    }

    #[test]
    fn a_public_hub_needs_a_public_callback_and_one_of_ones_own_network_does_not() {
        for inside in [
            "http://127.0.0.1:8080",
            "http://localhost:8080",
            "http://news",
            "http://[::1]/",
            "http://10.0.0.7",
            "http://mac.local",
        ] {
            let mut config = config("[fetch]\nallow = [\"hub.lan:80\"]", "");
            config.site.url = inside.parse().unwrap();
            let both = state(&config, (&[HUB, "http://hub.lan/"], Some(SELF)), (&[], None));
            assert_eq!(of(&config, &both), found(&["http://hub.lan/"], SELF), "{inside}");
            let public = state(&config, (&[HUB], Some(SELF)), (&[], None));
            assert_eq!(of(&config, &public), Wish::Nothing(Reason::Unreachable), "{inside}");
        }
    }

    #[test]
    fn only_a_source_that_is_itself_inside_leads_inside() {
        let config = config("[fetch]\nallow = [\"hub.lan:80\", \"paper.example:443\"]", "");
        assert!(may_go_inside(Some(&config.sources[0]), &config.fetch.allow));
        let other = self::config("[fetch]\nallow = [\"hub.lan:80\"]", "");
        assert!(!may_go_inside(Some(&other.sources[0]), &other.fetch.allow));
        assert!(!may_go_inside(None, &config.fetch.allow));
    }
}
