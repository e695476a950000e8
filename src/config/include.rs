//! `include = ["sources.d/*.toml"]`: long lists in files of their own. Only this file knows glob.

use super::{
    Surroundings, load,
    problems::Problems,
    reader::{At, Table, list, string},
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};
use toml::de::DeTable;

/// Files that may be included, and bytes of them in all.
const MOST: usize = 10_000;
const MOST_BYTES: usize = 64 << 20;

/// A file that is included.
pub(super) struct Included {
    /// Among the files that problems are told of.
    pub number: usize,
    /// What stands in it.
    pub text: String,
    shown: String,
}

impl Included {
    /// Its table, with the lists it may hold.
    pub(super) fn table<'a>(&self, document: &'a DeTable<'a>) -> Table<'a> {
        Table::included(document, self.number, self.shown.clone())
    }
}

/// Reads all that is included, each file once, in the order of the patterns and then of their names.
pub(super) fn read(
    root: &mut Table<'_>,
    own: &Path,
    around: &Surroundings<'_>,
    problems: &mut Problems,
) -> Vec<Included> {
    let patterns = root.read("include", problems, list(string)).unwrap_or_default();
    let mut found = BTreeSet::new();
    let mut order = Vec::new();
    for pattern in patterns {
        for path in matching(&pattern, around, problems) {
            if path != own && found.insert(path.clone()) {
                order.push(At { place: pattern.place.clone(), value: path });
            }
        }
    }
    if let Some(beyond) = order.get(MOST) {
        problems.error(&beyond.place, format!("more than {MOST} files are included")).expected("fewer, longer files");
    }
    let (mut bytes, mut files) = (0, Vec::new());
    for At { place, value: path } in order.into_iter().take(MOST) {
        let text = match load::read(&path, around) {
            Ok(text) => text,
            Err(errors) => {
                problems.include(errors, &place);
                continue;
            }
        };
        bytes += text.len();
        if bytes > MOST_BYTES {
            problems.error(&place, "what is included is too long").expected("at most 64 MiB in all");
            break;
        }
        let shown = path.display().to_string();
        files.push(Included { number: problems.open(&path, &text), text, shown });
    }
    files
}

/// The files that a pattern names, sorted.
fn matching(pattern: &At<String>, around: &Surroundings<'_>, problems: &mut Problems) -> Vec<PathBuf> {
    const EXPECTED: &str = "a file or a pattern such as \"sources.d/*.toml\", from the folder of feeds.toml";
    let At { place, value: written } = pattern;
    let path = around.resolve(written);
    if !written.contains(['*', '?', '[']) {
        return vec![path];
    }
    around.depends_on(still(&path));
    let folder = glob::Pattern::escape(&around.folder.to_string_lossy());
    let whole = Path::new(&folder).join(written);
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
    let walked = match glob::glob_with(&whole.to_string_lossy(), options) {
        Ok(walked) => walked,
        Err(error) => {
            problems.error(place, format!("`{written}` is no pattern: {}", error.msg)).expected(EXPECTED);
            return Vec::new();
        }
    };
    let mut files: Vec<PathBuf> = walked.take(MOST + 1).filter_map(Result::ok).filter(|path| path.is_file()).collect();
    files.sort();
    for folder in files.iter().filter_map(|file| file.parent()) {
        around.depends_on(folder);
    }
    if files.is_empty() {
        problems.warning(place, format!("no file is like `{written}`")).expected(EXPECTED);
    }
    files
}

/// The folder below which a pattern looks.
fn still(pattern: &Path) -> &Path {
    let wild = |path: &Path| path.to_string_lossy().contains(['*', '?', '[']);
    pattern.ancestors().find(|path| !wild(path)).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Overrides};
    use std::fs;

    #[test]
    fn lists_go_on_in_other_files_and_problems_name_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.toml");
        let source =
            |id: &str, rest: &str| format!("[[source]]\nid = \"{id}\"\nurl = \"https://{id}.example/\"\n{rest}");
        fs::create_dir(folder.path().join("sources.d")).unwrap();
        let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        put("feeds.toml", "include = [\"sources.d/*.toml\", \"categories.toml\"]\n");
        put("categories.toml", "[[category]]\nslug = \"rail\"\n");
        put("sources.d/b.toml", &source("b", "category = \"rail\"\n"));
        put("sources.d/a.toml", &source("a", ""));
        put("sources.d/.hidden.toml", "not TOML");
        let attempt = Config::attempt(&path, &Overrides::default(), &Default::default());
        let loaded = attempt.outcome.unwrap();
        let ids: Vec<&str> = loaded.config.sources.iter().map(|source| source.id.as_str()).collect();
        assert_eq!(ids, ["a", "b"]);
        for watched in ["feeds.toml", "categories.toml", "sources.d", "sources.d/a.toml"] {
            assert!(attempt.files.contains(&folder.path().join(watched)), "{watched}: {:?}", attempt.files);
        }
        put("sources.d/b.toml", &source("a", "catgeory = \"rail\"\n"));
        put("sources.d/c.toml", "[site]\ntitle = \"x\"\n");
        let said = Config::load(&path, &Overrides::default()).unwrap_err().to_string();
        for wanted in
            ["two sources with the id `a`", "a.toml:2", "b.toml:2", "b.toml:4", "did you mean `category`", "c.toml:1"]
        {
            assert!(said.contains(wanted), "{wanted} is missing:\n{said}");
        }
        put("sources.d/c.toml", "= 3");
        let said = Config::load(&path, &Overrides::default()).unwrap_err();
        assert_eq!(said.diagnostics.len(), 1, "nothing is said about what may only seem to be missing: {said}");
        assert!(said.to_string().contains("c.toml:1"), "{said}");
    }
}
