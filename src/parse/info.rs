//! What a feed says about itself, in any XML dialect.

use super::{
    limits, persons, rare, shared,
    slot::Slot,
    text, urls,
    xml::{Id, Ns, Tree},
};
use crate::model::{Caption, FeedInfo, Person, RawDate, Text, Wishes};

/// Reads the feed's own elements: those of the channel (or atom:feed), and what RDF puts beside the channel.
pub fn read(tree: &Tree, root: Id) -> FeedInfo {
    let mut draft = Draft::default();
    let channel = tree.elements(root).find(|&child| tree.name(child) == (Ns::Rss, "channel"));
    let places = channel.into_iter().chain([root]);
    for place in places.clone() {
        draft.language.offer(1, tree.language(place).filter(|said| !said.is_empty()).map(str::to_owned));
        let about = tree.about(place).map(|about| about.trim().to_owned());
        draft.id.offer(2, about.filter(|id| !id.is_empty()));
        for child in tree.elements(place) {
            draft.element(tree, child);
        }
    }
    draft.finish()
}

#[derive(Default)]
struct Draft {
    info: FeedInfo,
    id: Slot<String>,
    title: Slot<Text>,
    subtitle: Slot<Text>,
    home: Slot<String>,
    published: Slot<RawDate>,
    updated: Slot<RawDate>,
    rights: Slot<Text>,
    language: Slot<String>,
    icon: Slot<String>,
    logo: Slot<String>,
    caption: Slot<Caption>,
    generator: Slot<String>,
    podcast_authors: Vec<Person>,
    period: Option<u64>,
    frequency: Option<u64>,
    extensions: usize,
}

impl Draft {
    fn element(&mut self, tree: &Tree, id: Id) {
        let (ns, name) = tree.name(id);
        if matches!((ns, name), (Ns::Rss, "item" | "channel") | (Ns::Atom, "entry")) {
            return;
        }
        self.issued(tree, id, ns, name);
        _ = self.texts(tree, id, ns, name)
            || self.people(tree, id, ns, name)
            || self.links(tree, id, ns, name)
            || self.wishes(tree, id, ns, name)
            || rare::read(tree, id, &mut self.info.rare);
        let is_kept = ns.passes(name) || matches!((ns, name), (Ns::Sy | Ns::Fh, _) | (Ns::Dc | Ns::DcTerms, "source"));
        if is_kept && self.extensions < limits::EXTENSIONS {
            let mut left = limits::EXTENSIONS - self.extensions;
            self.info.extensions.extend(tree.element(id, 0, &mut left));
            self.extensions = limits::EXTENSIONS - left;
        }
    }

    /// When it was published; where nothing says when it changed, `texts` takes the same dates for that too.
    fn issued(&mut self, tree: &Tree, id: Id, ns: Ns, name: &str) {
        match (ns, name) {
            (Ns::Atom, "published") => self.published.replace(9, shared::date(tree, id)),
            (Ns::Rss, "pubdate") => self.published.replace(8, shared::date(tree, id)),
            (Ns::DcTerms, "issued") => self.published.replace(7, shared::date(tree, id)),
            (Ns::Atom | Ns::DcTerms, "created") => self.published.replace(4, shared::date(tree, id)),
            _ => {}
        }
    }

    fn texts(&mut self, tree: &Tree, id: Id, ns: Ns, name: &str) -> bool {
        match (ns, name) {
            (Ns::Rss | Ns::Atom, "title") => self.title.offer(9, text::line(tree, id)),
            (Ns::Dc | Ns::DcTerms, "title") => self.title.offer(6, text::line(tree, id)),
            (Ns::Media, "title") => self.title.offer(3, text::line(tree, id)),
            (Ns::Itunes, "title") => self.title.offer(2, text::line(tree, id)),
            (Ns::Atom, "subtitle" | "tagline") => self.subtitle.offer(9, text::body(tree, id)),
            (Ns::Rss, "description" | "subtitle" | "tagline") => self.subtitle.offer(8, text::body(tree, id)),
            (Ns::Atom, "info") => self.subtitle.offer(7, text::body(tree, id)),
            (Ns::Dc | Ns::DcTerms, "description") => self.subtitle.offer(6, text::body(tree, id)),
            (Ns::Itunes, "summary") => self.subtitle.offer(3, text::body(tree, id)),
            (Ns::Itunes, "subtitle") => self.subtitle.offer(2, text::body(tree, id)),
            (Ns::Atom, "rights" | "copyright") => self.rights.offer(9, text::line(tree, id)),
            (Ns::Rss, "copyright" | "rights") => self.rights.offer(8, text::line(tree, id)),
            (Ns::Dc | Ns::DcTerms, "rights") => self.rights.offer(7, text::line(tree, id)),
            (Ns::Media, "copyright") => self.rights.offer(3, text::line(tree, id)),
            (Ns::Cc | Ns::CcOld | Ns::CcRss, "license") => self.licence(2, shared::licence(tree, id)),
            (Ns::Rss, "language") => self.language.offer(9, text::words(tree, id)),
            (Ns::Dc | Ns::DcTerms, "language") => self.language.offer(8, text::words(tree, id)),
            (Ns::Rss | Ns::Atom, "generator") => self.generator(tree, id),
            // RSS 1.0's module of administrative elements.
            (Ns::Admin, "generatoragent") => self.generator(tree, id),
            (Ns::Atom, "updated" | "modified") => self.updated.replace(9, shared::date(tree, id)),
            (Ns::Rss, "lastbuilddate" | "updated") => self.updated.replace(8, shared::date(tree, id)),
            (Ns::DcTerms, "modified") => self.updated.replace(7, shared::date(tree, id)),
            (Ns::Rss, "pubdate") => self.updated.replace(6, shared::date(tree, id)),
            (Ns::Dc | Ns::DcTerms | Ns::Rss, "date") => self.updated.replace(5, shared::date(tree, id)),
            (Ns::Atom | Ns::DcTerms, "published" | "issued" | "created") => {
                self.updated.replace(4, shared::date(tree, id))
            }
            (Ns::Rss | Ns::Atom | Ns::Itunes | Ns::Media, "category" | "keywords")
            | (Ns::Dc | Ns::DcTerms, "subject") => {
                shared::tags(tree, id, &mut self.info.tags);
            }
            _ => return false,
        }
        true
    }

    fn people(&mut self, tree: &Tree, id: Id, ns: Ns, name: &str) -> bool {
        let person = || persons::read(tree, id);
        match (ns, name) {
            (Ns::Atom | Ns::Rss, "author")
            | (Ns::Rss, "managingeditor")
            | (Ns::Dc | Ns::DcTerms, "creator" | "author") => {
                persons::add(&mut self.info.authors, person());
            }
            (Ns::Itunes, "author") => persons::add(&mut self.podcast_authors, person()),
            (Ns::Atom | Ns::Dc | Ns::DcTerms, "contributor") | (Ns::Rss, "webmaster") => {
                persons::add(&mut self.info.contributors, person());
            }
            _ => return false,
        }
        true
    }

    fn links(&mut self, tree: &Tree, id: Id, ns: Ns, name: &str) -> bool {
        match (ns, name) {
            (Ns::Rss, "link") if tree.attribute(id, "href").is_none() => self.home.offer(8, shared::address(tree, id)),
            (Ns::Atom | Ns::Rss | Ns::Itunes, "link") => self.link(tree, id),
            (Ns::Atom, "id") => self.id.offer(9, text::words(tree, id)),
            (Ns::Rss, "image") => self.image(tree, id),
            (Ns::Atom, "logo") => self.logo.offer(9, shared::address(tree, id)),
            (Ns::Itunes, "image") => self.logo.offer(5, shared::address(tree, id)),
            (Ns::Media, "thumbnail") => self.logo.offer(2, shared::address(tree, id)),
            (Ns::Atom | Ns::Rss, "icon" | "favicon") => self.icon.offer(9, shared::address(tree, id)),
            _ => return false,
        }
        true
    }

    fn link(&mut self, tree: &Tree, id: Id) {
        let Some(link) = shared::link(tree, id) else { return };
        let rank = shared::page_rank(&link);
        self.home.offer(rank, (rank > 0).then(|| link.href.clone()));
        match link.rel.as_str() {
            "self" => self.info.self_url = self.info.self_url.take().or(Some(link.href)),
            "hub" if self.info.hubs.len() < limits::EACH => self.info.hubs.push(link.href),
            "image" => self.logo.offer(4, Some(link.href)),
            "icon" | "shortcut icon" => self.icon.offer(4, Some(link.href)),
            "license" => self.licence(1, Some(Text::plain(link.href))),
            _ => shared::add_link(&mut self.info.links, link),
        }
    }

    /// A licence's address: a link, and a statement of rights where nothing better is said.
    fn licence(&mut self, rank: u8, said: Option<Text>) {
        let Some(text) = said else { return };
        if self.info.licences.len() < limits::EACH && !self.info.licences.contains(&text.value) {
            self.info.licences.push(text.value.clone());
        }
        self.rights.offer(rank, Some(text));
    }

    fn generator(&mut self, tree: &Tree, id: Id) {
        let uri = ["uri", "url", "resource"].iter().find_map(|name| tree.attribute(id, name));
        self.info.generator_uri = self.info.generator_uri.take().or_else(|| urls::page(tree.base(id), &uri?));
        self.generator.offer(9, generator(tree, id));
    }

    /// RSS 2.0 image: a picture, what it is called, where it leads.
    fn image(&mut self, tree: &Tree, id: Id) {
        let url = image(tree, id);
        let part = |name: &str| tree.elements(id).find(|&child| tree.name(child).1 == name);
        let caption = Caption {
            title: part("title").and_then(|title| text::words(tree, title)),
            link: part("link").and_then(|link| shared::address(tree, link)),
            width: part("width").and_then(|width| tree.text(width).trim().parse().ok()),
            height: part("height").and_then(|height| tree.text(height).trim().parse().ok()),
            description: part("description").and_then(|said| text::words(tree, said)),
        };
        self.caption.offer(8, Some(caption).filter(|caption| url.is_some() && *caption != Caption::default()));
        self.logo.offer(8, url);
    }

    /// RSS 2.0 ttl, skipHours, skipDays; the syndication module of RSS 1.0.
    fn wishes(&mut self, tree: &Tree, id: Id, ns: Ns, name: &str) -> bool {
        let wishes = &mut self.info.wishes;
        match (ns, name) {
            (Ns::Rss, "ttl") => wishes.ttl_minutes = tree.text(id).trim().parse().ok().filter(|minutes| *minutes > 0),
            (Ns::Rss, "skiphours") => skip_hours(tree, id, wishes),
            (Ns::Rss, "skipdays") => skip_days(tree, id, wishes),
            (Ns::Sy, "updateperiod") => self.period = period(&tree.text(id)),
            (Ns::Sy, "updatefrequency") => {
                self.frequency = tree.text(id).trim().parse().ok().filter(|times| *times > 0)
            }
            _ => return false,
        }
        true
    }

    fn finish(self) -> FeedInfo {
        let mut info = self.info;
        info.id = self.id.take().map(|id| limits::cap(id, limits::LINE));
        info.title = self.title.take();
        info.subtitle = self.subtitle.take();
        info.home = self.home.take();
        info.links.retain(|link| !(link.rel == "alternate" && Some(&link.href) == info.home.as_ref()));
        info.published = self.published.take();
        info.updated = self.updated.take();
        info.rights = self.rights.take();
        info.language = self.language.take().map(|said| limits::cap(said, 100));
        info.generator = self.generator.take();
        info.icon = self.icon.take();
        info.logo = self.logo.take();
        info.caption = self.caption.take().unwrap_or_default();
        if info.authors.is_empty() {
            info.authors = self.podcast_authors;
        }
        // The module's defaults: daily, once. A frequency alone is still a wish.
        if self.period.is_some() || self.frequency.is_some() {
            let day = 24 * 3_600;
            info.wishes.update_period_seconds = Some(self.period.unwrap_or(day) / self.frequency.unwrap_or(1));
        }
        info
    }
}

/// The picture of a feed: its url, else what RDF points at.
fn image(tree: &Tree, id: Id) -> Option<String> {
    let url = tree.elements(id).find(|&child| tree.name(child).1 == "url").and_then(|url| shared::address(tree, url));
    url.or_else(|| {
        let named = ["href", "url", "resource"].iter().find_map(|name| tree.attribute(id, name));
        urls::page(tree.base(id), &named.or_else(|| text::words(tree, id).filter(|_| !tree.has_elements(id)))?)
    })
}

/// The generator, with its version.
pub fn generator(tree: &Tree, id: Id) -> Option<String> {
    let name = text::words(tree, id).or_else(|| tree.attribute(id, "resource"))?;
    let version = tree.attribute(id, "version").filter(|version| !name.contains(version.as_str()));
    Some(version.map_or_else(|| name.clone(), |version| format!("{name} {version}")))
}

fn skip_hours(tree: &Tree, id: Id, wishes: &mut Wishes) {
    for hour in tree.elements(id).take(limits::EACH) {
        // RSS 0.91 counts 1–24, RSS 2.0 counts 0–23.
        if let Some(hour) = tree.text(hour).trim().parse::<u8>().ok().filter(|hour| *hour <= 24).map(|hour| hour % 24)
            && !wishes.skip_hours.contains(&hour)
        {
            wishes.skip_hours.push(hour);
        }
    }
}

fn skip_days(tree: &Tree, id: Id, wishes: &mut Wishes) {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    for day in tree.elements(id).take(limits::EACH) {
        let said = tree.text(day).trim().to_ascii_lowercase();
        if let Some(day) = DAYS.iter().position(|known| said.starts_with(known)).map(|day| day as u8)
            && !wishes.skip_days.contains(&day)
        {
            wishes.skip_days.push(day);
        }
    }
}

fn period(said: &str) -> Option<u64> {
    const DAY: u64 = 24 * 3_600;
    match said.trim().to_ascii_lowercase().as_str() {
        "hourly" => Some(3_600),
        "daily" => Some(DAY),
        "weekly" => Some(7 * DAY),
        "monthly" => Some(30 * DAY),
        "yearly" => Some(365 * DAY),
        _ => None,
    }
}
