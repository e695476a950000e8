//! `[[host]]`: how fast one host may be asked, where two seconds between requests are too slow or too fast for it.

use super::{
    HostConfig,
    problems::Problems,
    reader::{At, Table, Value, duration, string},
};
use std::{collections::BTreeMap, time::Duration};
use url::{Host, Url};

/// A longer pause is a mistake: sources have `every` for that.
const LONGEST: Duration = Duration::from_secs(3_600);

pub(super) fn hosts(tables: Vec<Table<'_>>, problems: &mut Problems) -> Vec<HostConfig> {
    let (mut hosts, mut seen) = (Vec::new(), BTreeMap::new());
    for mut table in tables {
        let name = table.required("name", "name = \"example.org\", a host and all below it", problems, name);
        let every = table.required("every", "every = \"500ms\", the pause between two requests", problems, every);
        table.finish(problems);
        let (Some(At { place, value: name }), Some(every)) = (name, every) else { continue };
        if let Some(first) = seen.insert(name.clone(), place.clone()) {
            let problem = problems.error(&place, format!("two [[host]] with the name `{name}`"));
            problem.expected("each host once").see(&first, "the first one");
        }
        hosts.push(HostConfig { name, every: every.value });
    }
    hosts
}

/// As URLs spell it, so that it can be compared with a URL's host.
fn name(value: &Value<'_>, problems: &mut Problems) -> Option<String> {
    let text = string(value, problems)?;
    let parsed = Host::parse(text.trim_end_matches('.')).ok().map(|host| host.to_string());
    if parsed.is_none() {
        let meant = Url::parse(&text).ok().and_then(|url| url.host_str().map(str::to_owned));
        let problem = problems.error(&value.place, format!("`{text}` is no name of a host"));
        problem.expected("a name such as \"example.org\", without scheme, port and path").suggest(meant);
    }
    parsed
}

fn every(value: &Value<'_>, problems: &mut Problems) -> Option<Duration> {
    let every = duration(value, problems)?;
    if every > LONGEST {
        let problem = problems.error(&value.place, "a pause of more than an hour between two requests to a host");
        problem.expected("\"1h\" or less; how often a source is asked is its own `every`");
    }
    Some(every)
}
