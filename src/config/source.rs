//! One `[[source]]`: what it says, what the sections above it say for it, and the defaults.

use super::{
    PollConfig, PublishConfig, Site, Surroundings,
    access::Access,
    address, defaults, keeping,
    problems::{Place, Problems},
    reader::{At, Table, Value, boolean, duration, list, one_of, string},
    recipe, rules,
    values::{code_pattern, full_text, http_url, language, slug, timezone},
};
use crate::model::{ContentPolicy, Slug, Source, SourceKind};
use std::time::Duration;

/// What `content` can be.
const CONTENT: &[(&str, ContentPolicy)] =
    &[("excerpt", ContentPolicy::Excerpt), ("full", ContentPolicy::Full), ("link", ContentPolicy::Link)];

/// What a source inherits.
pub(super) struct House<'h> {
    pub site: &'h Site,
    pub poll: &'h PollConfig,
    pub publish: &'h PublishConfig,
    pub around: &'h Surroundings<'h>,
}

/// A source whose categories are still only slugs.
pub(super) struct Draft {
    pub source: Source,
    pub categories: Vec<At<Slug>>,
    /// Of its id.
    pub id_place: Place,
    /// Of its URL or path.
    pub address_place: Place,
    /// Of its namespace, where it says one.
    pub namespace_place: Option<Place>,
}

/// Reads one source; `None` if it has no usable id or address, which is then reported.
pub(super) fn source(mut given: Table<'_>, house: &House<'_>, problems: &mut Problems) -> Option<Draft> {
    let table = &mut given;
    let id = table.required("id", "id = \"rust-blog\", its name in addresses and messages", problems, slug);
    let address = address::address(table, house.around, problems);
    let categories = categories(table, problems);
    let title = table.read("title", problems, string);
    let homepage = table.read("homepage", problems, http_url);
    let rights = table.read("rights", problems, string);
    let license = table.read("license", problems, http_url);
    let language = table.read("language", problems, language);
    let timezone = table.read("timezone", problems, timezone);
    let namespace = table.read_at("namespace", problems, string);
    let content = table.read("content", problems, one_of(CONTENT));
    let credit = table.read("credit", problems, boolean);
    let every = table.read("every", problems, |value, problems| every(value, house.poll, problems));
    let access = Access::read(table, house.around, problems);
    let info_code = table.read("info_code", problems, code_pattern);
    let enabled = table.read("enabled", problems, boolean);
    let publish_url = table.read_at("publish_url", problems, boolean);
    let recipe = recipe::recipe(table, problems);
    let full_text = table.read("full_text", problems, full_text).flatten();
    let full_text = recipe::detail(table, full_text, problems);
    let rules = rules::rules(table, problems);
    let (not_before, not_after) = keeping::delays(table, problems);
    let retention = keeping::limit(table, problems);
    given.finish(problems);

    let (id, (kind, in_url, address_place)) = (id?, address?);
    if let (Some(recipe), SourceKind::Folder(_)) = (&recipe, &kind) {
        recipe::not_of_a_folder(recipe, &address_place, problems);
    }
    let in_url = in_url.map(|value| At { place: address_place.clone(), value });
    let access = access.with(in_url, problems);
    let publish_url = shown(publish_url, access.is_secret(), problems);
    let namespace_place = namespace.as_ref().map(|namespace| namespace.place.clone());
    let source = Source {
        namespace: namespace.map_or_else(|| address::namespace(&kind, &id.value), |namespace| namespace.value),
        id: id.value,
        kind,
        categories: Vec::new(),
        title,
        homepage: homepage.map(String::from),
        rights,
        license: license.map(|url| url.to_string()),
        language,
        timezone: timezone.or(house.site.timezone),
        content: content.unwrap_or(defaults::CONTENT),
        credit: credit.unwrap_or(house.publish.credit),
        every,
        headers: access.headers,
        auth: access.auth,
        proxy: access.proxy,
        info_code,
        recipe,
        full_text,
        rules,
        not_before,
        not_after,
        retention,
        enabled: enabled.unwrap_or(defaults::ENABLED),
        publish_url,
    };
    Some(Draft { source, categories, id_place: id.place, address_place, namespace_place })
}

/// `category = "one"` or `categories = ["several"]`.
fn categories(table: &mut Table<'_>, problems: &mut Problems) -> Vec<At<Slug>> {
    let one = table.read_at("category", problems, slug);
    let several = table.read_at("categories", problems, list(slug));
    if let (Some(_), Some(several)) = (&one, &several) {
        problems.error(&several.place, "both `category` and `categories`").expected("one of the two");
    }
    let mut slugs: Vec<At<Slug>> = one.into_iter().chain(several.into_iter().flat_map(|it| it.value)).collect();
    let mut seen = std::collections::BTreeSet::new();
    slugs.retain(|slug| seen.insert(slug.value.clone()));
    slugs
}

fn every(value: &Value<'_>, poll: &PollConfig, problems: &mut Problems) -> Option<Duration> {
    let every = duration(value, problems)?;
    if every < poll.min {
        let (every, min) = (humantime::format_duration(every), humantime::format_duration(poll.min));
        let problem = problems.error(&value.place, format!("`every` ({every}) is shorter than `[poll] min` ({min})"));
        problem.expected(format!("at least \"{min}\", or a shorter `min` in [poll]"));
    }
    Some(every)
}

/// An address that needs credentials is not shown, whatever the file says.
fn shown(wanted: Option<At<bool>>, secret: bool, problems: &mut Problems) -> bool {
    if let Some(wanted) = wanted.as_ref().filter(|wanted| wanted.value && secret) {
        problems.warning(&wanted.place, "the address of a source with credentials is never shown");
    }
    wanted.map_or(defaults::PUBLISH_URL, |wanted| wanted.value) && !secret
}
