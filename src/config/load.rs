//! The way in: a path → a `Config` with its warnings, or everything that is wrong with the file and those it includes.

use super::{
    Config, Surroundings, Written, defaults,
    diagnostic::{ConfigErrors, Diagnostic},
    fingerprint, host, include, links,
    problems::{Place, Problems},
    reader::Table,
    sections, source,
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};
use toml::{Spanned, de::DeTable};

/// Longest feeds.toml that is read, and longest file that it includes: more than 50,000 sources.
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

/// Texts that stand for those of files: edits that are judged before anything is written.
pub type Edited = BTreeMap<PathBuf, String>;

/// A usable feeds.toml.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it says, with every default filled in.
    pub config: Config,
    /// What the operator should know, in the order of the file.
    pub warnings: Vec<Diagnostic>,
    /// What it says in its own words, to be compared with another.
    pub written: Written,
}

/// What came of reading a feeds.toml.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The configuration, or what is wrong.
    pub outcome: Result<Loaded, ConfigErrors>,
    /// Every file that was looked at (what is included, secrets), and folders where others may come: where one of them changes, it
    /// is worth reading again.
    pub files: Vec<PathBuf>,
}

impl Config {
    /// Reads the file at `path`. Paths in it start at its folder.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Loaded, ConfigErrors> {
        Config::attempt(path, overrides, &Edited::new()).outcome
    }

    /// The same, as it would be were these texts in the files' places; and which files it depends on.
    pub fn attempt(path: &Path, overrides: &Overrides, edited: &Edited) -> Attempt {
        let env = |name: &str| std::env::var(name).ok();
        let around = Surroundings::new(path, overrides, edited, &env);
        let outcome = read(path, &around).and_then(|text| judge(&text, path, &around));
        Attempt { outcome, files: around.files.into_inner() }
    }

    /// Reads `text` as if it stood in the file `path`. Looks at the environment and at files only where `text`
    /// refers to them: what it includes, secrets, and folders of posts.
    pub fn parse(text: &str, path: &Path, overrides: &Overrides) -> Result<Loaded, ConfigErrors> {
        parse_with(text, path, overrides, &|name| std::env::var(name).ok())
    }
}

/// Where the store of a feeds.toml is that cannot be used: a daemon may run there by an earlier one.
pub fn likely_data(path: &Path, overrides: &Overrides) -> PathBuf {
    let said = || {
        let text = std::fs::read_to_string(path).ok()?;
        let (document, _) = DeTable::parse_recoverable(&text);
        Some(document.get_ref().get("store")?.get_ref().get("path")?.get_ref().as_str()?.to_owned())
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    overrides.data.clone().unwrap_or_else(|| folder.join(said().unwrap_or_else(|| defaults::DATA.to_owned())))
}

/// `parse`, with an environment of the caller's choice.
pub(super) fn parse_with(
    text: &str,
    path: &Path,
    overrides: &Overrides,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, ConfigErrors> {
    judge(text, path, &Surroundings::new(path, overrides, &Edited::new(), env))
}

fn judge(text: &str, path: &Path, around: &Surroundings<'_>) -> Result<Loaded, ConfigErrors> {
    let mut problems = Problems::new(path, text);
    let Some(document) = toml(text, 0, &mut problems) else { return Err(problems.fail()) };
    let mut root = Table::root(document.get_ref());
    let included = include::read(&mut root, path, around, &mut problems);
    let documents: Vec<_> = included.iter().filter_map(|file| toml(&file.text, file.number, &mut problems)).collect();
    // Without a whole file, what the others refer to may seem to be missing.
    if documents.len() < included.len() {
        return Err(problems.fail());
    }
    let mut written = Written::default();
    written.read(document.get_ref());
    documents.iter().for_each(|document| written.read(document.get_ref()));
    let further = included.iter().zip(&documents).map(|(file, document)| file.table(document.get_ref())).collect();
    let end = Place { span: Some(text.len()..text.len()), key: "source".to_owned(), file: 0 };
    let config = walk(root, further, path, &end, around, &mut problems);
    problems.finish(config).map(|(config, warnings)| Loaded { config, warnings, written })
}

/// The document in a file. What stands behind a syntax error is guesswork: the first one is all that helps.
fn toml<'t>(text: &'t str, file: usize, problems: &mut Problems) -> Option<Spanned<DeTable<'t>>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let Some(first) = errors.first() else { return Some(document) };
    let place = Place { span: Some(first.span().unwrap_or(0..0)), file, ..Place::default() };
    let problem = problems.error(&place, format!("not TOML: {}", first.message()));
    problem.expected("text in quotes, which end in the same line; numbers, true and false without; a line for each key: key = \"value\"");
    None
}

/// The walk: every section read, then what holds between them. What it returns is used only if no error was found.
fn walk(
    mut root: Table<'_>,
    mut further: Vec<Table<'_>>,
    path: &Path,
    end: &Place,
    around: &Surroundings<'_>,
    problems: &mut Problems,
) -> Config {
    let server = sections::server(root.section("server", problems), around, problems);
    let site = sections::site(root.section("site", problems), &server, around, problems);
    let store = sections::store(root.section("store", problems), around, problems);
    let poll = sections::poll(root.section("poll", problems), problems);
    let fetch = sections::fetch(root.section("fetch", problems), &site, problems);
    let publish = sections::publish(root.section("publish", problems), &site, &fetch, problems);
    let export = sections::export(root.section("export", problems), around, problems);
    // Lists may go on in other files.
    let mut all = |list, named_by, problems: &mut Problems| {
        let mut tables = root.sections(list, named_by, problems);
        for file in &mut further {
            tables.extend(file.sections(list, named_by, problems));
        }
        tables
    };
    let hosts = host::hosts(all("host", "name", problems), problems);
    let categories = sections::categories(all("category", "slug", problems), around, problems);
    let publishers = sections::publishers(all("publisher", "name", problems), problems);
    let tables = all("source", "id", problems);
    if tables.is_empty() && root.value("source").is_none() {
        let problem = problems.error(end, "feeds.toml needs at least one [[source]]");
        problem.expected("at least\n\n[[source]]\nid = \"rust-blog\"\nurl = \"https://blog.rust-lang.org/feed.xml\"");
    }
    let house = source::House { site: &site, poll: &poll, publish: &publish, around };
    let drafts = tables.into_iter().filter_map(|table| source::source(table, &house, problems)).collect();
    root.finish(problems);
    further.into_iter().for_each(|file| file.finish(problems));
    let (sources, categories) = links::tie(drafts, categories, problems);
    let path = path.to_owned();
    let config = Config {
        path,
        site,
        server,
        store,
        poll,
        fetch,
        hosts,
        publish,
        export,
        categories,
        publishers,
        sources,
        hash: 0,
    };
    Config { hash: fingerprint::of(&config), ..config }
}

/// A file's text, within bounds; an error says what is wrong with the whole of it.
pub(super) fn read(path: &Path, around: &Surroundings<'_>) -> Result<String, ConfigErrors> {
    around.depends_on(path);
    if let Some(text) = around.edited.get(path) {
        return Ok(text.clone());
    }
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
    let place = Place { span: Some(at..at + 1), ..Place::default() };
    problems.error(&place, "not UTF-8").expected("a file saved as UTF-8 (not as GBK or UTF-16)");
    problems.fail()
}
