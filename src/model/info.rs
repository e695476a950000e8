//! What a document says of itself as a whole, hostile until `enrich`; and the reference to it that goes with each entry.

use super::{Element, Link, Person, RawDate, SourceId, Tag, Text, Time};
use serde::{Deserialize, Serialize};

/// What a feed says about itself (RFC 4287 §4.1.1, RSS 2.0 channel, JSON Feed 1.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedInfo {
    /// atom:id, or rdf:about of the channel.
    pub id: Option<String>,
    /// Title.
    pub title: Option<Text>,
    /// Subtitle or description.
    pub subtitle: Option<Text>,
    /// Home page (rel=alternate, RSS link).
    pub home: Option<String>,
    /// The feed's own URL (rel=self).
    pub self_url: Option<String>,
    /// WebSub hubs (rel=hub).
    pub hubs: Vec<String>,
    /// Licences (rel=license, Creative Commons).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<String>,
    /// All other links.
    pub links: Vec<Link>,
    /// pubDate, dcterms:issued: when what it holds was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<RawDate>,
    /// updated, lastBuildDate, dc:date.
    pub updated: Option<RawDate>,
    /// Authors (managingEditor, dc:creator).
    pub authors: Vec<Person>,
    /// Contributors (webMaster).
    pub contributors: Vec<Person>,
    /// Categories.
    pub tags: Vec<Tag>,
    /// rights, copyright, dc:rights, a licence URL.
    pub rights: Option<Text>,
    /// Language tag.
    pub language: Option<String>,
    /// Generator.
    pub generator: Option<String>,
    /// Home page of the generator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generator_uri: Option<String>,
    /// icon, favicon.
    pub icon: Option<String>,
    /// logo, image.
    pub logo: Option<String>,
    /// What an RSS image says beside its address.
    #[serde(skip_serializing_if = "is_default")]
    pub caption: Caption,
    /// What the publisher wishes of a poller.
    pub wishes: Wishes,
    /// What only one format has a word for.
    #[serde(skip_serializing_if = "is_default")]
    pub rare: Rare,
    /// Other vocabularies.
    pub extensions: Vec<Element>,
}

impl FeedInfo {
    /// The title as plain characters, if it is not blank.
    pub fn plain_title(&self) -> Option<&str> {
        self.title.as_ref().map(|title| title.value.trim()).filter(|title| !title.is_empty())
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What stands under the picture of a feed (RSS 2.0 image).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Caption {
    /// Text in place of the picture.
    pub title: Option<String>,
    /// Where the picture leads.
    pub link: Option<String>,
    /// Width, in pixels.
    pub width: Option<u32>,
    /// Height, in pixels.
    pub height: Option<u32>,
    /// What the picture's link is about.
    pub description: Option<String>,
}

/// How often the publisher wants to be asked, as the document says it (RSS 2.0 ttl, skipHours, skipDays; sy:*).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// RSS ttl, minutes.
    pub ttl_minutes: Option<u32>,
    /// Hours 0–23, UTC, in which not to ask.
    pub skip_hours: Vec<u8>,
    /// Days in which not to ask, 0 = Monday.
    pub skip_days: Vec<u8>,
    /// sy:updatePeriod / sy:updateFrequency, in seconds.
    pub update_period_seconds: Option<u64>,
}

/// What one format has a word for and the others do not; carried along in extensions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rare {
    /// RSS cloud.
    pub cloud: Option<Cloud>,
    /// RSS textInput.
    pub text_input: Option<TextInput>,
    /// RSS docs: where the format is explained.
    pub docs: Option<String>,
    /// RSS rating (PICS).
    pub rating: Option<String>,
    /// JSON Feed user_comment.
    pub user_comment: Option<String>,
    /// JSON Feed expired: nothing more will come.
    pub expired: bool,
}

/// rssCloud: whom to ask for notifications (RSS 2.0).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cloud {
    /// Host.
    pub domain: String,
    /// Port.
    pub port: String,
    /// Path.
    pub path: String,
    /// Procedure to call.
    pub register_procedure: String,
    /// `xml-rpc`, `soap` or `http-post`.
    pub protocol: String,
}

/// A form with one field (RSS 2.0 textInput).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextInput {
    /// Label of the button.
    pub title: String,
    /// What the field is for.
    pub description: String,
    /// Name of the field.
    pub name: String,
    /// Where the text is sent.
    pub link: String,
}

/// A feed as a reference (RFC 4287 §4.2.11).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceRef {
    /// Id in feeds.toml.
    pub source: Option<SourceId>,
    /// Title.
    pub title: String,
    /// atom:id of the upstream feed; where it had none, its address (home page when that is secret).
    pub id: String,
    /// Address of the feed; `None` when it must not be shown.
    pub feed_url: Option<String>,
    /// Home page.
    pub home: Option<String>,
    /// Icon.
    pub icon: Option<String>,
    /// Logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Its description, as plain text and no longer than an excerpt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Rights.
    pub rights: Option<String>,
    /// Language.
    pub language: Option<String>,
    /// The feed's own updated, else the newest date in it.
    pub updated: Option<Time>,
    /// Authors of the feed.
    pub authors: Vec<Person>,
    /// Contributors to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contributors: Vec<Person>,
    /// Its categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// What it says as a podcast, as far as it is true of a copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Element>,
}
