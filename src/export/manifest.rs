//! `manifest.ndjson` of an exported site: a line on what it was made from, then a line for each document. It says what need not be
//! made again, and what must go; other programs may read it to know what to carry to a host.

use crate::model::Cursor;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io::{BufRead, Write},
};

/// Its name in the folder.
pub const NAME: &str = "manifest.ndjson";

/// What a folder holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    /// What it was made from.
    pub made: Made,
    /// Documents by their paths, below the folder and without a slash at their beginning.
    pub documents: BTreeMap<String, Written>,
}

/// A kind of folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The static site.
    #[default]
    Site,
    /// A Jekyll site.
    Jekyll,
}

/// What an export was made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// What kind of folder it is: one must not be written over the other.
    pub kind: Kind,
    /// The site's address.
    pub site: String,
    /// The program, feeds.toml, and the categories there are: where one changes, everything is made again.
    pub by: u64,
    /// Up to where the record of changes was followed.
    pub cursor: String,
    /// The version of each feed, by its path.
    pub feeds: BTreeMap<String, u64>,
}

impl Made {
    /// The cursor, if there is one.
    pub fn cursor(&self) -> Option<Cursor> {
        Cursor::parse(&self.cursor)
    }
}

/// A document as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// What it was drawn from, as a number; 0 where it is drawn each time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub stamp: u64,
    /// Bytes.
    pub bytes: u64,
    /// Bytes of the file beside it with `.gz` at its end; 0: there is none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub gz: u64,
    /// The same with `.br`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub br: u64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    path: String,
    #[serde(flatten)]
    written: Written,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Manifest {
    /// Reads one; an error where it is none of ours.
    pub fn read(reader: impl BufRead) -> anyhow::Result<Manifest> {
        let mut lines = reader.lines();
        let first = lines.next().context("it is empty")??;
        let made = serde_json::from_str(&first).context("its first line does not say what it was made from")?;
        let mut documents = BTreeMap::new();
        for line in lines {
            let Line { path, written } = serde_json::from_str(&line?)?;
            documents.insert(path, written);
        }
        Ok(Manifest { made, documents })
    }

    /// Writes it, in the order of the paths.
    pub fn write(&self, mut writer: impl Write) -> std::io::Result<()> {
        serde_json::to_writer(&mut writer, &self.made)?;
        for (path, written) in &self.documents {
            writer.write_all(b"\n")?;
            serde_json::to_writer(&mut writer, &Line { path: path.clone(), written: written.clone() })?;
        }
        writer.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let written = Written { stamp: 3, bytes: 700, gz: 300, br: 0 };
        let documents = BTreeMap::from([("tag/铁路.html".to_owned(), written), ("a".to_owned(), Written::default())]);
        let made = Made { by: u64::MAX, cursor: "1-2".into(), ..Made::default() };
        let manifest = Manifest { made, documents };
        let mut bytes = Vec::new();
        manifest.write(&mut bytes).unwrap();
        assert_eq!(Manifest::read(&*bytes).unwrap(), manifest);
        assert!(Manifest::read(&b""[..]).is_err() && Manifest::read(&b"{}\nx"[..]).is_err());
    }
}
