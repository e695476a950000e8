//! Every section but `[[source]]`: a table in, a typed section out, with the defaults filled in.

use super::{
    Category, EntryOrder, ExportConfig, FetchConfig, PollConfig, PublishConfig, Server, Site, StoreConfig,
    Surroundings, TagPolicy, allow, defaults, hubs, keeping,
    problems::{Place, Problems},
    reader::{At, Table, Value, boolean, count, duration, list, one_of, size, string},
    secrets::secret,
    theme::{self, Theme},
    values::{http_url, language, slug, timezone},
};
use crate::model::{Removed, Secret, TagName};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};
use url::Url;

/// Most entries a feed, a page or a poll may have.
const MOST: usize = 100_000;

/// What `order` can be.
const ORDERS: &[(&str, EntryOrder)] = &[("date", EntryOrder::Date), ("entered", EntryOrder::Entered)];

/// What `removed` can be.
const REMOVED: &[(&str, Removed)] = &[("keep", Removed::Keep), ("hide", Removed::Hide), ("purge", Removed::Purge)];

pub(super) fn server(mut table: Table<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Server {
    let written = table.read_at("listen", problems, string);
    let trusted_proxies = table.read("trusted_proxies", problems, list(allow::proxy)).unwrap_or_default();
    let cache = table.read("cache", problems, size);
    let requests = table.read("requests", problems, count(1..=MOST));
    let burst = table.read("burst", problems, count(1..=MOST));
    let connections = table.read("connections", problems, count(8..=MOST));
    let client_connections = table.read("client_connections", problems, count(1..=MOST));
    let status_token = table.read("status_token", problems, |value, problems| secret(value, around, problems));
    let access_log = table.read("access_log", problems, boolean);
    table.finish(problems);
    let place = Place { key: "--listen".to_owned(), ..Place::default() };
    let asked = around.overrides.listen.clone().map(|value| At { place, value });
    let fallback = At { place: Place::default(), value: defaults::LISTEN.to_owned() };
    // The file's own value is checked also where the command line overrides it: the next start may not.
    let of_file = listen(written.unwrap_or(fallback), problems);
    let listen = asked.map_or(of_file, |asked| listen(asked, problems));
    Server {
        listen,
        trusted_proxies: trusted_proxies.into_iter().map(|proxy| proxy.value).collect(),
        cache: usize::try_from(cache.unwrap_or(defaults::BODIES)).unwrap_or(usize::MAX),
        requests: requests.unwrap_or(defaults::REQUESTS),
        burst: burst.unwrap_or(defaults::BURST),
        connections: connections.unwrap_or(defaults::CONNECTIONS),
        client_connections: client_connections.unwrap_or(defaults::CLIENT_CONNECTIONS),
        status_token: status_token.map(Secret::new),
        access_log: access_log.unwrap_or(defaults::ACCESS_LOG),
    }
}

fn listen(text: At<String>, problems: &mut Problems) -> SocketAddr {
    allow::listen(&text.value).unwrap_or_else(|suggestion| {
        let problem = problems.error(&text.place, format!("cannot listen on `{}`", text.value));
        problem.expected("address:port such as \"127.0.0.1:8080\" or \"[::]:8080\"").suggest(suggestion);
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
    })
}

pub(super) fn site(mut table: Table<'_>, server: &Server, around: &Surroundings<'_>, problems: &mut Problems) -> Site {
    let title = table.read("title", problems, string);
    let url = table.read_at("url", problems, http_url);
    let description = table.read("description", problems, string);
    let language = table.read("language", problems, language);
    let timezone = table.read("timezone", problems, timezone);
    let rights = table.read("rights", problems, string);
    let contact = table.read("contact", problems, string);
    let theme = table.read_at("theme", problems, string);
    let images = table.read("images", problems, boolean);
    let noindex = table.read("noindex", problems, boolean);
    table.finish(problems);
    let site = Site {
        title: title.unwrap_or_else(|| defaults::TITLE.to_owned()),
        url: url.map_or_else(|| own_url(server.listen), |url| public_base(url, problems)),
        description: description.unwrap_or_else(|| defaults::DESCRIPTION.to_owned()),
        language: language.unwrap_or_else(|| defaults::LANGUAGE.to_owned()),
        timezone,
        rights,
        contact,
        images: images.unwrap_or(defaults::IMAGES),
        noindex: noindex.unwrap_or(defaults::NOINDEX),
        theme: Theme::default(),
    };
    let Some(At { place, value }) = theme else { return site };
    let names: [(&str, &str); 4] = [
        ("title", &site.title),
        ("description", &site.description),
        ("language", &site.language),
        ("root", site.url.path().trim_end_matches('/')),
    ];
    let theme = theme::read(&around.resolve(&value), &place, &names, around, problems);
    Site { theme, ..site }
}

/// Links are made by appending to it, so nothing but a path may stand in it.
fn public_base(url: At<Url>, problems: &mut Problems) -> Url {
    let At { place, value: mut url } = url;
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        let problem = problems.error(&place, "the site's URL has more than a host and a path");
        problem.expected("something like \"https://news.example.org\" or \"https://example.org/news\"");
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    url
}

/// Where a browser on this machine finds us.
fn own_url(listen: SocketAddr) -> Url {
    let reachable = match listen.ip() {
        ip if !ip.is_unspecified() => listen,
        IpAddr::V4(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, listen.port())),
        IpAddr::V6(_) => SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, listen.port())),
    };
    // An address always makes a URL; without one there would be nothing to make links from.
    Url::parse(&format!("http://{reachable}/")).unwrap_or_else(|_| unreachable!("a socket address makes a URL"))
}

pub(super) fn store(mut table: Table<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> StoreConfig {
    let path = table.read("path", problems, string);
    let cache = table.read("cache", problems, size);
    let editions = table.read("editions", problems, count(1..=1000));
    let retention = keeping::limit(&mut table, problems);
    let removed = table.read("removed", problems, one_of(REMOVED));
    table.finish(problems);
    let path = around.resolve(&path.unwrap_or_else(|| defaults::DATA.to_owned()));
    StoreConfig {
        path: around.overrides.data.clone().unwrap_or(path),
        cache: cache.unwrap_or(defaults::CACHE),
        editions: editions.unwrap_or(defaults::EDITIONS),
        retention: retention.unwrap_or_default(),
        removed: removed.unwrap_or_default(),
    }
}

pub(super) fn poll(mut table: Table<'_>, problems: &mut Problems) -> PollConfig {
    let min = table.read_at("min", problems, duration);
    let max = table.read_at("max", problems, duration);
    let concurrency = table.read("concurrency", problems, count(1..=1024));
    let max_new = table.read("max_new", problems, count(1..=MOST));
    let websub = table.read("websub", problems, boolean);
    table.finish(problems);
    if let Some(short) = min.as_ref().filter(|min| min.value < defaults::POLL_FLOOR) {
        problems.error(&short.place, "sources are never polled more than once a second").expected("\"1s\" or more");
    }
    let shortest = min.as_ref().map_or(defaults::POLL_MIN, |min| min.value);
    let longest = max.as_ref().map_or(defaults::POLL_MAX, |max| max.value);
    let given = [("min", min), ("max", max)];
    let mut places = given.into_iter().filter_map(|(key, at)| Some((key, at?.place))).filter(|_| shortest > longest);
    if let Some((_, place)) = places.next() {
        let (min, max) = (humantime::format_duration(shortest), humantime::format_duration(longest));
        let problem = problems.error(&place, format!("`min` ({min}) is longer than `max` ({max})"));
        problem.expected("min ≤ max");
        if let Some((key, other)) = places.next() {
            problem.see(&other, format!("`{key}`"));
        }
    }
    PollConfig {
        min: shortest,
        max: longest,
        concurrency: concurrency.unwrap_or(defaults::CONCURRENCY),
        max_new: max_new.unwrap_or(defaults::MAX_NEW),
        websub: websub.unwrap_or(defaults::WEBSUB),
    }
}

pub(super) fn fetch(mut table: Table<'_>, site: &Site, problems: &mut Problems) -> FetchConfig {
    let user_agent = table.read_at("user_agent", problems, string);
    let max_bytes = table.read("max_bytes", problems, size);
    let timeout = table.read("timeout", problems, duration);
    let allow = table.read("allow", problems, list(allow::allow)).unwrap_or_default();
    let dns = table.read("dns", problems, list(allow::name_server)).unwrap_or_default();
    table.finish(problems);
    if let Some(odd) = user_agent.as_ref().filter(|it| !it.value.bytes().all(|byte| (0x20..0x7f).contains(&byte))) {
        problems.error(&odd.place, "a User-Agent cannot hold this text").expected("plain ASCII");
    }
    let contact = site.contact.as_deref().filter(|contact| {
        Url::parse(contact).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "mailto")) && contact.is_ascii()
    });
    let own = || defaults::user_agent(contact.unwrap_or(site.url.as_str()));
    FetchConfig {
        user_agent: user_agent.map_or_else(own, |given| given.value),
        max_bytes: usize::try_from(max_bytes.unwrap_or(defaults::MAX_BYTES)).unwrap_or(usize::MAX),
        timeout: timeout.unwrap_or(defaults::TIMEOUT),
        allow: allow.into_iter().map(|allow| allow.value).collect(),
        dns: dns.into_iter().map(|server| server.value).collect(),
    }
}

pub(super) fn publish(
    mut table: Table<'_>,
    site: &Site,
    fetch: &FetchConfig,
    problems: &mut Problems,
) -> PublishConfig {
    let entries = table.read("entries", problems, count(1..=MOST));
    let new_source_entries = table.read("new_source_entries", problems, count(0..=MOST));
    let credit = table.read("credit", problems, boolean);
    let hub = table.read("hub", problems, boolean);
    let hubs = table.read_at("hubs", problems, list(http_url));
    let tags_allowed = table.read("tags_allowed", problems, list(tag)).unwrap_or_default();
    let tags_denied = table.read("tags_denied", problems, list(tag)).unwrap_or_default();
    table.finish(problems);
    PublishConfig {
        entries: entries.unwrap_or(defaults::ENTRIES),
        new_source_entries: new_source_entries.unwrap_or(defaults::NEW_SOURCE_ENTRIES),
        credit: credit.unwrap_or(defaults::CREDIT),
        hub: hub.unwrap_or(defaults::HUB),
        hubs: hubs.map_or_else(Vec::new, |named| hubs::elsewhere(named, site, fetch, problems)),
        tags: TagPolicy {
            allowed: tags_allowed.into_iter().map(|tag| tag.value).collect(),
            denied: tags_denied.into_iter().map(|tag| tag.value).collect(),
        },
    }
}

pub(super) fn export(mut table: Table<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> ExportConfig {
    let dir = table.read("dir", problems, string);
    table.finish(problems);
    ExportConfig { dir: dir.map(|dir| around.resolve(&dir)) }
}

/// A publisher's tag, in any spelling of it.
fn tag(value: &Value<'_>, problems: &mut Problems) -> Option<TagName> {
    let words = string(value, problems)?;
    let name = TagName::of(&words);
    if name.is_none() {
        problems.error(&value.place, "that is no tag").expected("a word or two, at most 48 characters");
    }
    name
}

/// The declared categories, each with its place and those of its aliases.
pub(super) fn categories(
    tables: Vec<Table<'_>>,
    around: &Surroundings<'_>,
    problems: &mut Problems,
) -> Vec<At<(Category, Vec<Place>)>> {
    let mut categories = Vec::new();
    for mut table in tables {
        let slug_found = table.required("slug", "slug = \"world\", its name in addresses", problems, slug);
        let title = table.read("title", problems, string);
        let description = table.read("description", problems, string);
        let entries = table.read("entries", problems, count(1..=MOST));
        let token = table.read("token", problems, |value, problems| secret(value, around, problems));
        let aliases = table.read("aliases", problems, list(slug)).unwrap_or_default();
        let retention = keeping::limit(&mut table, problems);
        let order = table.read("order", problems, one_of(ORDERS)).unwrap_or_default();
        table.finish(problems);
        let Some(At { place, value: slug }) = slug_found else { continue };
        let title = title.unwrap_or_else(|| slug.to_string());
        let (places, aliases) = aliases.into_iter().map(|alias| (alias.place, alias.value)).unzip();
        categories.push(At {
            place,
            value: (Category { slug, title, description, entries, token, aliases, retention, order }, places),
        });
    }
    categories
}

/// Spelling → name, each name among its own spellings.
pub(super) fn publishers(tables: Vec<Table<'_>>, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    for mut table in tables {
        let name = table.required("name", "name = \"新华社\", the name that is shown", problems, string);
        let aliases = table.read("aliases", problems, list(string)).unwrap_or_default();
        table.finish(problems);
        let Some(name) = name else { continue };
        let shown = name.value.clone();
        for spelling in std::iter::once(name).chain(aliases) {
            let before = names.insert(spelling.value.clone(), shown.clone());
            let first = places.insert(spelling.value.clone(), spelling.place.clone());
            if let (Some(before), Some(first)) = (before.filter(|before| *before != shown), first) {
                let problem = problems
                    .error(&spelling.place, format!("`{}` is already a spelling of `{before}`", spelling.value));
                problem.expected("each spelling at one publisher").see(&first, "here");
            }
        }
    }
    names
}
