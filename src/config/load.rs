//! The way in: a path → a `Config` with its warnings, or everything that is wrong with the file.

use super::{
    Config, Surroundings,
    diagnostic::{ConfigErrors, Diagnostic},
    fingerprint, host, links,
    problems::{Place, Problems},
    reader::Table,
    sections, source,
};
use std::{fs::File, io::Read, path::Path, path::PathBuf};
use toml::de::DeTable;

/// Longest feeds.toml that is read: more than 50,000 sources.
const LONGEST: u64 = 16 << 20;

const HOW_TO_MAKE_ONE: &str = "a feeds.toml, which needs no more than this:\n\n\
    [[source]]\nid = \"rust-blog\"\nurl = \"https://blog.rust-lang.org/feed.xml\"\n\n\
    --config (or SYNDIC_CONFIG) names another file";

/// What the command line or the environment says instead of the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--data`: the data folder, from the working folder.
    pub data: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
}

/// A usable feeds.toml.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it says, with every default filled in.
    pub config: Config,
    /// What the operator should know, in the order of the file.
    pub warnings: Vec<Diagnostic>,
}

impl Config {
    /// Reads the file at `path`. Paths in it start at its folder.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Loaded, ConfigErrors> {
        let text = read(path)?;
        Config::parse(&text, path, overrides)
    }

    /// Reads `text` as if it stood in the file `path`. Looks at the environment and at files only where `text`
    /// refers to them: secrets, and folders of posts, which must exist.
    pub fn parse(text: &str, path: &Path, overrides: &Overrides) -> Result<Loaded, ConfigErrors> {
        parse_with(text, path, overrides, &|name| std::env::var(name).ok())
    }
}

/// `parse`, with an environment of the caller's choice.
pub(super) fn parse_with(
    text: &str,
    path: &Path,
    overrides: &Overrides,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, ConfigErrors> {
    let mut problems = Problems::new(path, text);
    let (document, errors) = DeTable::parse_recoverable(text);
    let around = Surroundings { folder: path.parent().unwrap_or(Path::new("")), env, overrides };
    // What stands behind a syntax error is guesswork: the first one is all that helps.
    if let Some(first) = errors.first() {
        let place = Place { span: Some(first.span().unwrap_or(0..0)), key: String::new() };
        problems.error(&place, format!("not TOML: {}", first.message()));
        return Err(problems.fail());
    }
    let end = Place { span: Some(text.len()..text.len()), key: "source".to_owned() };
    let config = walk(Table::root(document.get_ref()), path, &end, &around, &mut problems);
    problems.finish(config).map(|(config, warnings)| Loaded { config, warnings })
}

/// The walk: every section read, then what holds between them. What it returns is used only if no error was found.
fn walk(
    mut root: Table<'_>,
    path: &Path,
    end: &Place,
    around: &Surroundings<'_>,
    problems: &mut Problems<'_>,
) -> Config {
    let server = sections::server(root.section("server", problems), around, problems);
    let site = sections::site(root.section("site", problems), &server, around, problems);
    let store = sections::store(root.section("store", problems), around, problems);
    let poll = sections::poll(root.section("poll", problems), problems);
    let fetch = sections::fetch(root.section("fetch", problems), &site, problems);
    let hosts = host::hosts(root.sections("host", "name", problems), problems);
    let publish = sections::publish(root.section("publish", problems), &site, &fetch, problems);
    let categories = sections::categories(root.sections("category", "slug", problems), around, problems);
    let publishers = sections::publishers(root.sections("publisher", "name", problems), problems);
    let tables = root.sections("source", "id", problems);
    if tables.is_empty() {
        let problem = problems.error(end, "feeds.toml needs at least one [[source]]");
        problem.expected("at least\n\n[[source]]\nid = \"rust-blog\"\nurl = \"https://blog.rust-lang.org/feed.xml\"");
    }
    let house = source::House { site: &site, poll: &poll, publish: &publish, around };
    let drafts = tables.into_iter().filter_map(|table| source::source(table, &house, problems)).collect();
    root.finish(problems);
    let (sources, categories) = links::tie(drafts, categories, problems);
    let path = path.to_owned();
    let config =
        Config { path, site, server, store, poll, fetch, hosts, publish, categories, publishers, sources, hash: 0 };
    Config { hash: fingerprint::of(&config), ..config }
}

fn read(path: &Path) -> Result<String, ConfigErrors> {
    let shown = path.display();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            ConfigErrors::of_file(path, format!("`{shown}` does not exist"), HOW_TO_MAKE_ONE)
        }
        _ => ConfigErrors::of_file(path, format!("cannot read `{shown}`: {error}"), "a file that can be read"),
    };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        return Err(ConfigErrors::of_file(path, format!("`{shown}` is too long"), "at most 16 MiB"));
    }
    String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> ConfigErrors {
    let text = String::from_utf8_lossy(error.as_bytes());
    let at = error.utf8_error().valid_up_to();
    let mut problems = Problems::new(path, &text);
    let place = Place { span: Some(at..at + 1), key: String::new() };
    problems.error(&place, "not UTF-8").expected("a file saved as UTF-8 (not as GBK or UTF-16)");
    problems.fail()
}
