//! What all pages have around them, and an entry as a line of a list.

use super::{
    card::Card,
    text::{Moment, beginning, beginning_of_html, language_tag, paragraphs, plain_text},
};
use crate::{
    config::{Config, Part, Site},
    format::Format,
    model::FeedId,
    serve::document::Guise,
    view::{self, ItemBody, ItemView},
    words::Words,
};

/// Characters of a body shown in a list: with fifty of them a page stays under 60 KB.
const LIST_EXCERPT: usize = 120;

/// The frame of a page.
pub struct Frame {
    /// The words of the interface.
    pub words: &'static Words,
    /// The site.
    pub site: Site,
    /// Language of the interface.
    pub language: String,
    /// Title of this page; empty on the first one.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// Path of the site, without a slash at its end: in front of all links between pages.
    pub root: String,
    /// The feeds of this page.
    pub feeds: Vec<FeedLink>,
    /// Where the same thing stands first.
    pub canonical: Option<String>,
    /// What other sites show of it where it is linked to.
    pub card: Option<Card>,
    /// What may be done with it.
    pub guise: Guise,
    /// What follows links to private pages so that they open.
    pub key: String,
    /// It shows what only a token opens.
    pub is_private: bool,
    /// Not for search engines.
    pub unlisted: bool,
}

/// A link to a feed.
pub struct FeedLink {
    /// RSS, Atom, JSON.
    pub name: &'static str,
    /// Media type without parameters.
    pub media_type: &'static str,
    /// Absolute address.
    pub url: String,
}

impl Frame {
    /// A public page; its feeds are those of everything, unless it has its own.
    pub fn new(config: &Config, title: &str) -> Frame {
        let site = &config.site;
        Frame {
            words: Words::of(&site.language),
            site: site.clone(),
            language: language_tag(&site.language).unwrap_or("en").to_owned(),
            title: title.to_owned(),
            description: site.description.clone(),
            root: site.url.path().trim_end_matches('/').to_owned(),
            feeds: feed_links(site, &FeedId::All, ""),
            canonical: None,
            card: None,
            guise: Guise::Listing,
            key: String::new(),
            is_private: false,
            unlisted: site.noindex,
        }
    }

    /// Of which this is the one address; the path begins with a slash.
    pub fn at(mut self, config: &Config, path: &str) -> Frame {
        let url = view::site_path(config, path);
        self.card = Some(Card::of_site(url.clone()));
        self.canonical = Some(url);
        self
    }

    /// With the three feeds of what the page shows.
    pub fn with_feeds(mut self, feed: &FeedId) -> Frame {
        self.feeds = feed_links(&self.site, feed, &self.key);
        self
    }

    /// The page of a private category: its links carry the key, and nobody lists it.
    pub fn private(mut self, key: String) -> Frame {
        (self.key, self.is_private, self.unlisted) = (key, true, true);
        (self.canonical, self.card) = (None, None);
        self
    }

    /// A page that shows what others wrote.
    pub fn with_others_words(mut self) -> Frame {
        self.guise = Guise::Page;
        self
    }

    /// What the operator's theme puts in the place of a part.
    pub fn part(&self, part: &str) -> Option<&str> {
        self.site.theme.part(Part::named(part)?)
    }
}

/// The three feeds of one thing.
pub fn feed_links(site: &Site, feed: &FeedId, key: &str) -> Vec<FeedLink> {
    let base = site.url.as_str().trim_end_matches('/');
    let link = |format: Format| FeedLink {
        name: match format {
            Format::Rss => "RSS",
            Format::Atom => "Atom",
            Format::Json => "JSON",
        },
        media_type: format.content_type().split(';').next().unwrap_or_default(),
        url: format!("{base}{}.{}{key}", feed.path(), format.extension()),
    };
    Format::ALL.into_iter().map(link).collect()
}

/// An entry in a list.
pub struct Row {
    /// Title.
    pub title: String,
    /// Our page of it.
    pub page: String,
    /// Language, where it is not that of the page.
    pub language: Option<String>,
    /// Whose it is.
    pub newspaper: String,
    /// When it was published.
    pub moment: Moment,
    /// The beginning of it.
    pub excerpt: Vec<String>,
}

impl Row {
    /// The entry, with links as `frame` has them.
    pub fn of(item: &ItemView, frame: &Frame) -> Row {
        let language = item.language.as_deref().and_then(language_tag);
        Row {
            title: title(item, frame.words),
            page: format!("{}/entry/{}.html{}", frame.root, item.code, frame.key),
            language: language.filter(|language| *language != frame.language).map(str::to_owned),
            newspaper: newspaper(item),
            moment: Moment::at(item.published.unwrap_or(item.updated), &frame.site),
            excerpt: excerpt(item),
        }
    }
}

/// The title; a word for it where there is none.
pub fn title(item: &ItemView, words: &Words) -> String {
    let title = item.title.as_ref().map(plain_text).filter(|title| !title.is_empty());
    title.unwrap_or_else(|| words.untitled.to_owned())
}

/// The publisher named in the text, else our source.
pub fn newspaper(item: &ItemView) -> String {
    item.publisher.clone().unwrap_or_else(|| item.source.title.clone())
}

fn excerpt(item: &ItemView) -> Vec<String> {
    match (&item.summary, &item.body) {
        (Some(summary), _) if !summary.is_blank() => vec![beginning(&plain_text(summary), LIST_EXCERPT)],
        (_, ItemBody::Excerpt { text, .. }) => {
            let text = beginning(&paragraphs(text).join(" "), LIST_EXCERPT);
            if text.is_empty() { Vec::new() } else { vec![text] }
        }
        (_, ItemBody::Full(html)) => {
            let credit = item.credit.as_deref().unwrap_or_default();
            let text = beginning_of_html(html.strip_suffix(credit).unwrap_or(html), LIST_EXCERPT);
            if text.is_empty() { Vec::new() } else { vec![text] }
        }
        (_, ItemBody::Link) => Vec::new(),
    }
}
