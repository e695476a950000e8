//! What a feeds.toml may refer to: files, the environment; and what stands above it.

use super::{Edited, Overrides};
use std::{
    cell::RefCell,
    path::{Path, PathBuf},
};

/// Where a file is judged.
pub(super) struct Surroundings<'e> {
    /// Paths start here.
    pub folder: &'e Path,
    /// The environment.
    pub env: &'e dyn Fn(&str) -> Option<String>,
    /// What the command line says.
    pub overrides: &'e Overrides,
    /// Texts in the place of files.
    pub edited: &'e Edited,
    /// What was looked at.
    pub files: RefCell<Vec<PathBuf>>,
}

impl<'e> Surroundings<'e> {
    /// Of a file at `path`.
    pub(super) fn new(
        path: &'e Path,
        overrides: &'e Overrides,
        edited: &'e Edited,
        env: &'e dyn Fn(&str) -> Option<String>,
    ) -> Surroundings<'e> {
        let folder = path.parent().unwrap_or(Path::new(""));
        Surroundings { folder, env, overrides, edited, files: RefCell::default() }
    }

    /// A path of the file, from the working folder.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// What is said may change with that file, or with what comes into that folder.
    pub(super) fn depends_on(&self, path: &Path) {
        let mut files = self.files.borrow_mut();
        if !files.iter().rev().take(2).any(|last| last == path) {
            files.push(path.to_owned());
        }
    }
}
