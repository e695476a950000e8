//! A feeds.toml that a command edits: judged as a whole before anything is written, and written whole or not at all.

use super::{
    Attempt, Config, ConfigErrors, Difference, Edited, Loaded, Overrides, Severity, edit, edit::Lines, edit::Said,
    nearest,
};
use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

/// An edit under way.
#[derive(Clone)]
pub struct Editing {
    path: PathBuf,
    overrides: Overrides,
    before: Attempt,
    /// What the files said when they were read.
    originals: Edited,
    /// What they are to say.
    texts: Edited,
}

/// An edit that may be written.
pub struct Judged {
    /// The configuration it makes; `None` where the file was wrong before, in other places.
    pub loaded: Option<Loaded>,
    /// What it changes; `None` likewise.
    pub difference: Option<Difference>,
}

impl Editing {
    /// Reads what is there; a file that is not there yet is empty.
    ///
    /// Errors when it cannot be read.
    pub fn begin(path: &Path, overrides: &Overrides) -> io::Result<Editing> {
        let before = Config::attempt(path, overrides, &Edited::new());
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        let mut originals = Edited::from([(path.to_owned(), text)]);
        // What else may hold sources; what is no text is somebody's secret.
        for file in before.files.iter().filter(|file| file.is_file()) {
            if let Ok(text) = fs::read_to_string(file) {
                originals.insert(file.clone(), text);
            }
        }
        let texts = originals.clone();
        Ok(Editing { path: path.to_owned(), overrides: overrides.clone(), before, originals, texts })
    }

    /// What the file says now, if it is right.
    pub fn loaded(&self) -> Option<&Loaded> {
        self.before.outcome.as_ref().ok()
    }

    /// Adds a table to a list, in feeds.toml or in a file that it includes.
    pub fn add(&mut self, list: &str, lines: &Lines, file: Option<&Path>) -> Result<(), String> {
        let path = file.unwrap_or(&self.path).to_owned();
        if !self.originals.contains_key(&path) && path.exists() {
            return Err(format!("{} is not among the files that feeds.toml includes", path.display()));
        }
        let text = self.texts.get(&path).map_or("", String::as_str);
        let edited = edit::with_table(text, list, lines).map_err(|why| unread(&path, &why))?;
        self.originals.entry(path.clone()).or_default();
        self.texts.insert(path, edited);
        Ok(())
    }

    /// Takes a source out.
    pub fn remove(&mut self, id: &str) -> Result<(), String> {
        self.in_its_file(id, |text| edit::without_source(text, id))
    }

    /// Sets a key of a source.
    pub fn set(&mut self, id: &str, key: &str, value: &Said) -> Result<(), String> {
        self.in_its_file(id, |text| edit::with_key(text, id, key, value))
    }

    /// Whether a source has a key.
    pub fn has(&self, id: &str, key: &str) -> bool {
        self.texts.values().any(|text| edit::has_key(text, id, key).is_ok_and(|has| has == Some(true)))
    }

    fn in_its_file(&mut self, id: &str, edit: impl Fn(&str) -> Result<Option<String>, String>) -> Result<(), String> {
        for (path, text) in &mut self.texts {
            match edit(text) {
                Ok(Some(edited)) => {
                    *text = edited;
                    return Ok(());
                }
                Ok(None) => {}
                // Of the other files it is not known that they are any of ours.
                Err(why) if *path == self.path => return Err(unread(path, &why)),
                Err(_) => {}
            }
        }
        let known = self.loaded().map(|loaded| loaded.config.sources.as_slice()).unwrap_or_default();
        let near = nearest::nearest(id, known.iter().map(|source| source.id.as_str()));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(format!("no source `{id}` in {}{near}", self.path.display()))
    }

    /// Judges it as the daemon will. What was wrong before is no reason to refuse: a secret may be in the daemon's environment only.
    ///
    /// Errors: what the edit makes wrong.
    pub fn judge(&self) -> Result<Judged, ConfigErrors> {
        let after = Config::attempt(&self.path, &self.overrides, &self.texts).outcome;
        match (&self.before.outcome, after) {
            (Ok(before), Ok(loaded)) => {
                let difference = Some(before.written.difference(&loaded.written));
                Ok(Judged { loaded: Some(loaded), difference })
            }
            // It was wrong for want of what is added.
            (Err(_), Ok(loaded)) => Ok(Judged { loaded: Some(loaded), difference: None }),
            (before, Err(mut after)) => {
                let known = errors(before);
                let is_new = |error: &super::Diagnostic| {
                    error.severity == Severity::Error
                        && !known.contains(&(error.message.as_str(), error.key.as_deref()))
                };
                after.diagnostics.retain(is_new);
                let none = Judged { loaded: None, difference: None };
                if after.diagnostics.is_empty() { Ok(none) } else { Err(after) }
            }
        }
    }

    /// The files that change: path, text before, text after.
    pub fn changes(&self) -> impl Iterator<Item = (&Path, &str, &str)> {
        self.texts.iter().filter_map(|(path, text)| {
            let before = self.originals.get(path)?;
            (before != text).then_some((path.as_path(), before.as_str(), text.as_str()))
        })
    }

    /// Writes them, each as a whole, with the permissions it had; links stay links.
    ///
    /// Errors when one cannot be written, or was changed by somebody else meanwhile.
    pub fn save(&self) -> io::Result<()> {
        self.changes().try_for_each(|(path, before, after)| {
            let told = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
            replace(path, before, after).map_err(told)
        })
    }
}

fn unread(path: &Path, why: &str) -> String {
    format!("{}: {why}; see syndic check", path.display())
}

fn replace(path: &Path, before: &str, after: &str) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (folder, name) = (path.parent().unwrap_or(Path::new(".")), path.file_name().unwrap_or_default());
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let beside = folder.join(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let written = (|| {
        file.write_all(after.as_bytes())?;
        if let Ok(found) = path.metadata() {
            file.set_permissions(fs::Permissions::from_mode(found.mode()))?;
            // Only its owner, or root, may do so; another's file stays readable to whoever could read it.
            let _ = chown(&beside, Some(found.uid()), Some(found.gid()));
        }
        file.sync_all()?;
        if fs::read_to_string(&path).unwrap_or_default() != before {
            return Err(io::Error::other("somebody else has changed it meanwhile: nothing was written, try again"));
        }
        fs::rename(&beside, &path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// What is wrong, as far as two texts can be compared by it.
fn errors(outcome: &Result<Loaded, ConfigErrors>) -> BTreeSet<(&str, Option<&str>)> {
    let errors = outcome.as_ref().err().into_iter().flat_map(|errors| &errors.diagnostics);
    errors.map(|error| (error.message.as_str(), error.key.as_deref())).collect()
}
