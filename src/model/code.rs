//! The infoCode: the one name of an entry, and the other names it has been seen under.
//! A value of type `InfoCode` always has the form `[A-Z0-9][A-Z0-9_-]{0,63}`.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// The key of an entry: a publisher's code such as `NW202204222352631195`, or a derived one (`X-…`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InfoCode(String);

impl InfoCode {
    /// Takes any text that has the form of a code, in upper or lower case. `None` when it has not.
    pub fn parse(text: &str) -> Option<InfoCode> {
        let code = text.trim().to_ascii_uppercase();
        let mut bytes = code.bytes();
        let first = bytes.next()?.is_ascii_alphanumeric();
        let rest = bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        (first && rest && code.len() <= 64).then_some(InfoCode(code))
    }

    /// A code made from what identifies the entry inside its namespace: `X-` and the first 32 hex digits
    /// of SHA-256 over (namespace, kind, value), each ended by a zero byte so that no two triples run together.
    pub fn derived(namespace: &str, kind: CodeKind, value: &str) -> InfoCode {
        let mut hash = Sha256::new();
        for part in [namespace, kind.name(), value] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let hex: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02X}")).collect();
        InfoCode(format!("X-{hex}"))
    }

    /// Stands where a code is not known yet.
    pub(crate) fn none() -> InfoCode {
        InfoCode("0".to_owned())
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for InfoCode {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        InfoCode::parse(&text).ok_or_else(|| format!("`{text}` is not an infoCode"))
    }
}

impl From<InfoCode> for String {
    fn from(code: InfoCode) -> String {
        code.0
    }
}

impl fmt::Display for InfoCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for InfoCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InfoCode({})", self.0)
    }
}

/// Which rule gave an entry its code. Kept with the entry: a derived code is only comparable within its kind,
/// and a code taken from a link says less about ownership than one the operator's own pattern found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeKind {
    /// Front matter of a post named it.
    FrontMatter,
    /// The source's own `info_code` pattern.
    Pattern,
    /// The `infoCode` query parameter of a link or id.
    Query,
    /// `NW…`, `AP…` or `AN…` in a path or id.
    Path,
    /// The digits of an eastmoney.com path.
    Digits,
    /// The only code in the body.
    Body,
    /// Seventeen or eighteen digits in a post's file name.
    FileName,
    /// Derived from the guid.
    Guid,
    /// Derived from the canonical link.
    Link,
    /// Derived from title and published date.
    Title,
    /// Derived from the text as well, where nothing else names the entry.
    Text,
}

impl CodeKind {
    /// The stable name that goes into derived codes: never change one.
    pub fn name(self) -> &'static str {
        match self {
            CodeKind::FrontMatter => "front-matter",
            CodeKind::Pattern => "pattern",
            CodeKind::Query => "query",
            CodeKind::Path => "path",
            CodeKind::Digits => "digits",
            CodeKind::Body => "body",
            CodeKind::FileName => "file-name",
            CodeKind::Guid => "guid",
            CodeKind::Link => "link",
            CodeKind::Title => "title",
            CodeKind::Text => "text",
        }
    }

    /// True for the `X-…` codes.
    pub fn is_derived(self) -> bool {
        matches!(self, CodeKind::Guid | CodeKind::Link | CodeKind::Title | CodeKind::Text)
    }
}

/// Another name under which an entry may come again: its guid, its scheme-less guid, its canonical link,
/// and where it has none of them its text. It is already normalised and carries its kind (`guid:…`, `link:…`, `text:…`); it is unique within a namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Alias(pub String);
