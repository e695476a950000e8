//! Sitemaps (sitemaps.org 0.9) and indexes of them, with what the news extension says of each page; names count, prefixes do not.

use super::{
    limits,
    xml::{self, Id, Tree},
};
use url::Url;

/// Pages or sitemaps read of one document.
const MAX_PLACES: usize = 50_000;

/// What a sitemap lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// Pages.
    Pages,
    /// Other sitemaps.
    Sitemaps,
}

/// One page, or one sitemap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Where it is, as said.
    pub loc: String,
    /// When it changed last, as said.
    pub lastmod: Option<String>,
    /// news:title.
    pub title: Option<String>,
    /// news:publication_date.
    pub published: Option<String>,
    /// news:name of the publication.
    pub publication: Option<String>,
    /// news:language of the publication.
    pub language: Option<String>,
    /// news:keywords.
    pub keywords: Option<String>,
    /// The first image:loc.
    pub image: Option<String>,
}

/// A sitemap, read.
pub struct Sitemap {
    pub lists: Lists,
    pub places: Vec<Place>,
    pub notes: Vec<String>,
    /// It broke off.
    pub partial: bool,
}

/// Reads one; `None` when it is none.
pub fn read(text: &str, base: Option<&Url>) -> Option<Sitemap> {
    let tree = xml::build(text, base);
    let root = tree.root()?;
    let (lists, name) = match tree.local(root).to_ascii_lowercase().as_str() {
        "urlset" => (Lists::Pages, "url"),
        "sitemapindex" => (Lists::Sitemaps, "sitemap"),
        _ => return None,
    };
    let listed = tree.elements(root).filter(|&id| tree.local(id).eq_ignore_ascii_case(name) && tree.is_whole(id));
    let places: Vec<Place> = listed.take(MAX_PLACES).filter_map(|id| place(&tree, id)).collect();
    let partial = tree.damage.truncated || tree.stopped.is_some();
    let notes = tree.damage.notes().into_iter().chain(tree.stopped.clone()).collect();
    Some(Sitemap { lists, places, notes, partial })
}

fn place(tree: &Tree, id: Id) -> Option<Place> {
    let loc = words(tree, id, "loc")?;
    let mut place = Place { loc, lastmod: words(tree, id, "lastmod"), ..Place::default() };
    if let Some(news) = child(tree, id, "news") {
        place.title = words(tree, news, "title");
        place.published = words(tree, news, "publication_date");
        place.keywords = words(tree, news, "keywords");
        if let Some(publication) = child(tree, news, "publication") {
            place.publication = words(tree, publication, "name");
            place.language = words(tree, publication, "language");
        }
    }
    place.image = child(tree, id, "image").and_then(|image| words(tree, image, "loc"));
    Some(place)
}

fn child(tree: &Tree, id: Id, name: &str) -> Option<Id> {
    tree.elements(id).find(|&child| tree.local(child).eq_ignore_ascii_case(name))
}

fn words(tree: &Tree, id: Id, name: &str) -> Option<String> {
    let said = tree.text(child(tree, id, name)?);
    let said = said.trim();
    (!said.is_empty()).then(|| limits::cap(said.to_owned(), limits::URL))
}
