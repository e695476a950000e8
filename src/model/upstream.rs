//! What a document hands on of others: the feed an entry was copied from; and its word that an entry is no more.

use super::{InfoCode, Link, Person, RawDate, Tag, Text, Time};
use serde::{Deserialize, Serialize};

/// at:deleted-entry (RFC 6721): the publisher's word that an entry is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// Id of the entry, character for character.
    pub id: String,
    /// When it was deleted, as said.
    pub when: RawDate,
    /// Who deleted it.
    pub by: Option<String>,
    /// Why.
    pub comment: Option<String>,
}

/// An entry that is deleted, fit to be told to others (RFC 6721 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Its id where it was published.
    pub id: String,
    /// Its code, where it was ours.
    pub code: Option<InfoCode>,
    /// Since when.
    pub when: Time,
    /// Who deleted it.
    pub by: Option<String>,
    /// Why.
    pub comment: Option<String>,
}

/// The feed an entry was copied from, by whoever stands above our source (RFC 4287 §4.2.11, RSS `<source>`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct UpstreamSource {
    /// Title.
    #[serde(with = "said")]
    pub title: Option<Text>,
    /// Subtitle.
    #[serde(with = "said")]
    pub subtitle: Option<Text>,
    /// atom:id.
    pub id: Option<String>,
    /// Address of the feed (RSS url, rel=self).
    pub feed_url: Option<String>,
    /// Home page (rel=alternate).
    pub home: Option<String>,
    /// All other links.
    pub links: Vec<Link>,
    /// Rights.
    #[serde(with = "said")]
    pub rights: Option<Text>,
    /// atom:updated, as said.
    pub updated: Option<RawDate>,
    /// Authors.
    pub authors: Vec<Person>,
    /// Contributors.
    pub contributors: Vec<Person>,
    /// Categories.
    pub tags: Vec<Tag>,
    /// Generator.
    pub generator: Option<String>,
    /// Icon.
    pub icon: Option<String>,
    /// Logo.
    pub logo: Option<String>,
}

/// A text in what is kept of a source above ours: plain characters are written as a string, as they always were.
mod said {
    use super::super::{Text, TextKind};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Said {
        Characters(String),
        Text(Text),
    }

    /// Writes it.
    pub fn serialize<S: Serializer>(text: &Option<Text>, to: S) -> Result<S::Ok, S::Error> {
        match text {
            Some(Text { kind: TextKind::Plain, value, .. }) => Some(value).serialize(to),
            other => other.serialize(to),
        }
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Text>, D::Error> {
        Ok(Option::<Said>::deserialize(from)?.map(|said| match said {
            Said::Characters(value) => Text::plain(value),
            Said::Text(text) => text,
        }))
    }
}
