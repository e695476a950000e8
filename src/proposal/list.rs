//! A list of subscriptions becomes sources, its folders their categories; what is read already is found by its address. Pure.

use super::Proposal;
use crate::{config::Config, model::SourceKind, parse::Outline};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// The list, as it is taken in.
pub struct List {
    /// Sources that are new.
    pub sources: Vec<Proposal>,
    /// Categories that their folders become: slug, title.
    pub folders: Vec<(String, String)>,
    /// By folder: the category it becomes.
    slugs: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    /// What is read already: by which source of feeds.toml, or as which of the list.
    addresses: BTreeMap<String, Reader>,
    /// How many are read already.
    pub known: usize,
    /// How many have no address that can be used.
    pub unusable: usize,
}

enum Reader {
    Source(String),
    OfList(usize),
}

impl List {
    /// Beside what a configuration reads already.
    pub fn over(config: Option<&Config>) -> List {
        let mut list = List {
            sources: Vec::new(),
            folders: Vec::new(),
            slugs: BTreeMap::new(),
            taken: BTreeSet::new(),
            addresses: BTreeMap::new(),
            known: 0,
            unusable: 0,
        };
        let Some(config) = config else { return list };
        for source in &config.sources {
            list.taken.insert(source.id.to_string());
            list.addresses.insert(source.kind.place(), Reader::Source(source.id.to_string()));
        }
        for category in &config.categories {
            let slug = category.slug.to_string();
            list.slugs.insert(category.title.to_lowercase(), slug.clone());
            list.slugs.insert(slug.clone(), slug);
        }
        list
    }

    /// Takes one feed in; what is to be said of it.
    pub fn take(&mut self, outline: Outline, with_category: bool) -> Option<String> {
        let Outline { url: written, title, homepage, folder } = outline;
        let url = Url::parse(&written.replacen("feed://", "https://", 1)).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(url) = url.filter(|url| url.username().is_empty() && url.password().is_none()) else {
            self.unusable += 1;
            return Some(format!("left out: `{title}` has no address that can be read, or one with a password in it"));
        };
        let category = folder.filter(|_| with_category).map(|folder| self.category(&folder));
        let place = SourceKind::Feed(url.clone()).place();
        match self.addresses.get(&place) {
            Some(Reader::Source(id)) => {
                self.known += 1;
                return Some(format!("there already: {url} is read by `{id}`"));
            }
            // The same feed in two folders stands in two categories.
            Some(Reader::OfList(at)) => {
                let first = self.sources.get_mut(*at)?;
                let twice = category.as_ref().is_none_or(|category| first.categories.contains(category));
                first.categories.extend(category.filter(|_| !twice));
                return twice.then(|| format!("twice in the list: {url}"));
            }
            None => {}
        }
        let id = super::id(&title, &url, &self.taken);
        self.taken.insert(id.clone());
        self.addresses.insert(place, Reader::OfList(self.sources.len()));
        self.sources.push(Proposal {
            id,
            url: url.to_string(),
            title: Some(title).filter(|title| !title.is_empty()),
            homepage,
            categories: category.into_iter().collect(),
            ..Proposal::default()
        });
        None
    }

    fn category(&mut self, folder: &str) -> String {
        let name = folder.to_lowercase();
        if let Some(slug) = self.slugs.get(&name) {
            return slug.clone();
        }
        let taken: BTreeSet<&String> = self.slugs.values().collect();
        let first = super::slug(folder).unwrap_or_else(|| format!("folder-{}", self.folders.len() + 1));
        let numbered = (2..).map(|number| format!("{first}-{number}"));
        let free = std::iter::once(first.clone()).chain(numbered).find(|slug| !taken.contains(slug));
        let slug = free.unwrap_or(first);
        self.slugs.insert(name, slug.clone());
        self.folders.push((slug.clone(), folder.to_owned()));
        slug
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;

    fn outline(url: &str, title: &str, folder: Option<&str>) -> Outline {
        Outline { url: url.into(), title: title.into(), homepage: None, folder: folder.map(str::to_owned) }
    }

    #[test]
    fn folders_become_categories_and_nothing_is_read_twice() {
        let text = "[[category]]\nslug = \"world\"\ntitle = \"World News\"\n[[source]]\nid = \"a\"\nurl = \"https://a.example/feed\"\n";
        let path = std::path::Path::new("feeds.toml");
        let config = Config::parse(text, path, &Overrides::default()).unwrap().config;
        let mut list = List::over(Some(&config));
        let told: Vec<Option<String>> = [
            outline("http://a.example/feed/", "A", None),
            outline("https://b.example/feed", "A", Some("world news")),
            outline("https://b.example/feed", "B again", Some("城市")),
            outline("https://b.example/feed", "B again", Some("城市")),
            outline("https://c.example/feed", "", Some("Sea & Land")),
            outline("https://me:pw@d.example/feed", "D", None),
            outline("mailto:x", "E", None),
        ]
        .into_iter()
        .map(|outline| list.take(outline, true))
        .collect();
        assert_eq!((list.known, list.unusable, list.sources.len()), (1, 2, 2), "{told:?}");
        assert!(
            told[0].as_ref().unwrap().contains("read by `a`") && told[3].as_ref().unwrap().contains("twice"),
            "{told:?}"
        );
        assert!(!told[5].as_ref().unwrap().contains("pw"));
        let ids: Vec<_> = list.sources.iter().map(|source| (source.id.as_str(), source.categories.join(" "))).collect();
        assert_eq!(ids, [("b", "world folder-1".to_owned()), ("c", "sea-land".to_owned())]);
        assert_eq!(list.folders, [("folder-1".into(), "城市".into()), ("sea-land".into(), "Sea & Land".into())]);
    }
}
