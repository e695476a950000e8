//! What holds between sections: ids and slugs are unique, and sources name categories that exist.

use super::{
    Category,
    nearest::nearest,
    problems::{Place, Problems},
    reader::At,
    source::Draft,
};
use crate::model::{CategoryRef, Slug, Source, SourceKind};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Ties sources to categories. Where feeds.toml declares categories, it must declare all that sources name;
/// where it declares none, each named slug is a category shown under its slug.
pub(super) fn tie(
    mut drafts: Vec<Draft>,
    declared: Vec<At<(Category, Vec<Place>)>>,
    problems: &mut Problems<'_>,
) -> (Vec<Arc<Source>>, Vec<Category>) {
    unique_slugs(&declared, problems);
    unique_sources(&drafts, problems);
    let mut categories: Vec<Category> = declared.into_iter().map(|at| at.value.0).collect();
    if categories.is_empty() {
        let mut seen = BTreeSet::new();
        let named = drafts.iter().flat_map(|draft| &draft.categories).map(|slug| &slug.value);
        let new = named.filter(|slug| seen.insert((*slug).clone()));
        categories =
            new.map(|slug| Category::named(CategoryRef { slug: slug.clone(), title: slug.to_string() })).collect();
    }
    for draft in &mut drafts {
        for slug in std::mem::take(&mut draft.categories) {
            draft.source.categories.extend(category(&slug, &categories, problems));
        }
    }
    (drafts.into_iter().map(|draft| Arc::new(draft.source)).collect(), categories)
}

fn category(slug: &At<Slug>, categories: &[Category], problems: &mut Problems<'_>) -> Option<CategoryRef> {
    let found = categories.iter().find(|category| category.slug == slug.value);
    if found.is_none() {
        let renamed = categories.iter().find(|category| category.aliases.contains(&slug.value));
        let near = || nearest(slug.value.as_str(), categories.iter().map(|category| category.slug.as_str()));
        let problem = problems.error(&slug.place, format!("no [[category]] has the slug `{}`", slug.value));
        let meant = renamed.map(|category| category.slug.to_string()).or_else(near);
        problem.expected("the slug of a [[category]] of this file").suggest(meant);
    }
    found.map(|category| CategoryRef { slug: category.slug.clone(), title: category.title.clone() })
}

fn unique_slugs(declared: &[At<(Category, Vec<Place>)>], problems: &mut Problems<'_>) {
    let mut seen: BTreeSet<&Slug> = BTreeSet::new();
    for At { place, value: (category, _) } in declared {
        if !seen.insert(&category.slug) {
            problems
                .error(place, format!("two categories with the slug `{}`", category.slug))
                .expected("each slug once");
        }
    }
    for At { value: (category, places), .. } in declared {
        for (alias, place) in category.aliases.iter().zip(places) {
            if !seen.insert(alias) {
                let problem = problems.error(place, format!("the alias `{alias}` is already a slug or an alias"));
                problem.expected("each old slug at one category");
            }
        }
    }
}

fn unique_sources(drafts: &[Draft], problems: &mut Problems<'_>) {
    let mut ids: BTreeSet<&Slug> = BTreeSet::new();
    let mut addresses: BTreeMap<String, &Slug> = BTreeMap::new();
    for draft in drafts {
        let id = &draft.source.id;
        if !ids.insert(id) {
            problems.error(&draft.id_place, format!("two sources with the id `{id}`")).expected("each id once");
        }
        if let Some(other) = addresses.insert(place_read(&draft.source.kind), id) {
            problems.warning(&draft.address_place, format!("`{id}` reads the same as `{other}`"));
        }
    }
}

/// Scheme and a last slash make no difference to what is read there.
fn place_read(kind: &SourceKind) -> String {
    match kind {
        SourceKind::Feed(url) => {
            let text = url.as_str().trim_end_matches('/');
            text.split_once("://").map_or(text, |(_, rest)| rest).to_owned()
        }
        SourceKind::Folder(path) | SourceKind::File(path) => format!("file:{}", path.display()),
    }
}
