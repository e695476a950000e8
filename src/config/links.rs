//! What holds between sections: ids and slugs are unique, and sources name categories that exist.

use super::{
    Category, address,
    nearest::nearest,
    problems::{Place, Problems},
    reader::At,
    source::Draft,
};
use crate::model::{CategoryRef, Slug, Source};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Slugs that are told where one is unknown.
const SHOWN: usize = 12;

/// Ties sources to categories. Where feeds.toml declares categories, it must declare all that sources name;
/// where it declares none, each named slug is a category shown under its slug.
pub(super) fn tie(
    mut drafts: Vec<Draft>,
    declared: Vec<At<(Category, Vec<Place>)>>,
    problems: &mut Problems,
) -> (Vec<Arc<Source>>, Vec<Category>) {
    unique_slugs(&declared, problems);
    unique_sources(&drafts, problems);
    namespaces(&drafts, problems);
    let places: BTreeMap<Slug, Place> = declared.iter().map(|at| (at.value.0.slug.clone(), at.place.clone())).collect();
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
            draft.source.categories.extend(category(&slug, &categories, &places, problems));
        }
    }
    let mut sources: Vec<_> = drafts.into_iter().map(|draft| Arc::new(draft.source)).collect();
    // They are collected where the drafts were, each of which is a hundred times as large as a pointer.
    sources.shrink_to_fit();
    (sources, categories)
}

fn category(
    slug: &At<Slug>,
    categories: &[Category],
    places: &BTreeMap<Slug, Place>,
    problems: &mut Problems,
) -> Option<CategoryRef> {
    let found = categories.iter().find(|category| category.slug == slug.value);
    if found.is_none() {
        let renamed = categories.iter().find(|category| category.aliases.contains(&slug.value));
        let near = || nearest(slug.value.as_str(), categories.iter().map(|category| category.slug.as_str()));
        let problem = problems.error(&slug.place, format!("no [[category]] has the slug `{}`", slug.value));
        let meant = renamed.map(|category| category.slug.to_string()).or_else(near);
        let known: Vec<&str> = places.keys().map(Slug::as_str).take(SHOWN).collect();
        let more = if places.len() > known.len() { ", …" } else { "" };
        let place = meant.as_deref().and_then(Slug::parse).and_then(|meant| places.get(&meant));
        problem.expected(format!("the slug of a [[category]]: {}{more}", known.join(", "))).suggest(meant);
        if let Some(place) = place {
            problem.see(place, "this one?");
        }
    }
    found.map(|category| CategoryRef { slug: category.slug.clone(), title: category.title.clone() })
}

fn unique_slugs(declared: &[At<(Category, Vec<Place>)>], problems: &mut Problems) {
    let mut seen: BTreeMap<&Slug, &Place> = BTreeMap::new();
    for At { place, value: (category, _) } in declared {
        let slug = &category.slug;
        if let Some(first) = seen.get(slug) {
            let problem = problems.error(place, format!("two categories with the slug `{slug}`"));
            problem.expected("each slug once").see(first, "the first one");
        } else {
            seen.insert(slug, place);
        }
    }
    for At { value: (category, places), .. } in declared {
        for (alias, place) in category.aliases.iter().zip(places) {
            if let Some(first) = seen.get(alias) {
                let problem = problems.error(place, format!("the alias `{alias}` is already a slug or an alias"));
                problem.expected("each old slug at one category").see(first, "here");
            } else {
                seen.insert(alias, place);
            }
        }
    }
}

fn unique_sources(drafts: &[Draft], problems: &mut Problems) {
    let mut ids: BTreeMap<&Slug, &Place> = BTreeMap::new();
    let mut addresses: BTreeMap<String, &Draft> = BTreeMap::new();
    for draft in drafts {
        let id = &draft.source.id;
        if let Some(first) = ids.get(id) {
            let problem = problems.error(&draft.id_place, format!("two sources with the id `{id}`"));
            problem.expected("each id once").see(first, "the first one");
        } else {
            ids.insert(id, &draft.id_place);
        }
        if let Some(other) = addresses.insert(draft.source.kind.place(), draft) {
            let name = &other.source.id;
            let problem = problems.warning(&draft.address_place, format!("`{id}` reads the same as `{name}`"));
            problem.see(&other.address_place, format!("`{name}`"));
        }
    }
}

/// A source that says it owns the codes of another publisher's sources, while these do not say so: their entries become one.
fn namespaces(drafts: &[Draft], problems: &mut Problems) {
    let own = |draft: &Draft| address::namespace(&draft.source.kind, &draft.source.id);
    let mut holders: BTreeMap<String, &Draft> = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| draft.namespace_place.is_none()) {
        holders.entry(draft.source.namespace.clone()).or_insert(draft);
    }
    for draft in drafts {
        let Source { id, namespace, .. } = &draft.source;
        let foreign = draft.namespace_place.as_ref().filter(|_| own(draft) != *namespace);
        let (Some(place), Some(holder)) = (foreign, holders.get(namespace)) else { continue };
        let name = &holder.source.id;
        let problem = problems.warning(
            place,
            format!("`{id}` shares the namespace of `{name}`: what they publish under one code becomes one entry"),
        );
        problem
            .expected(format!("another namespace; or, if they are one publisher, namespace = \"{namespace}\" at both"))
            .see(&holder.address_place, format!("`{name}` has it by its address"));
    }
}
