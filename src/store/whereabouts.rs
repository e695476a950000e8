//! Where an entry is and by whose word: what is kept of it besides its words, for whoever asks why it is not where it was looked for.

use super::{Store, StoreError, codec, keys, meta::Meta, read, read::Reading};
use crate::model::{Alias, CodeKind, Edition, InfoCode, Join, Slug, SourceId, Standing, Time, Withdrawal};
use std::collections::{BTreeMap, BTreeSet};

/// What is kept of an entry.
#[derive(Clone, Debug)]
pub struct Whereabouts {
    /// Its code.
    pub code: InfoCode,
    /// The rule that gave it.
    pub kind: CodeKind,
    /// Who owns it.
    pub namespace: String,
    /// The source that owns it.
    pub owner: SourceId,
    /// The source whose words stand.
    pub words_from: SourceId,
    /// What each source that has brought it says of it, the owner first.
    pub filed: Vec<Filed>,
    /// Other names.
    pub aliases: Vec<Alias>,
    /// When it was first seen.
    pub first_seen: Time,
    /// Where it stands in time.
    pub sort_date: Time,
    /// Number of the current edition.
    pub edition_number: u32,
    /// Sequence of the commit that first stored it.
    pub born: u64,
    /// Its place in each feed it has joined.
    pub joins: Vec<Join>,
    /// It came with many others of a new source, or of a flood, and was not among the newest of them.
    pub passed_over: bool,
    /// How it was taken away, if it was.
    pub withdrawn: Option<Withdrawal>,
    /// The current edition; `None` once its words are gone.
    pub edition: Option<Edition>,
}

/// What one source says of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// The source.
    pub source: SourceId,
    /// Where it files it.
    pub categories: Vec<Slug>,
    /// Whether and when it may be seen.
    pub standing: Standing,
    /// Whether it was, as the last commit found it.
    pub shown: bool,
    /// When it was hidden, if it had been shown before.
    pub hidden_since: Option<Time>,
    /// Whether the source's documents list it, as far as is known.
    pub listed: Option<bool>,
}

impl Whereabouts {
    /// True when it stands in no feed.
    pub fn is_hidden(&self) -> bool {
        self.withdrawn.is_some() || !self.filed.iter().any(|filed| filed.shown)
    }
}

impl Store {
    /// What is kept under these codes, or under others that they lead to; what is not here is left out.
    pub async fn whereabouts(&self, codes: Vec<InfoCode>) -> Result<Vec<Whereabouts>, StoreError> {
        self.read(move |reading, _| {
            let (mut listed, mut found) = (BTreeMap::new(), Vec::new());
            for code in &codes {
                if let Some(meta) = read::meta(reading, code)? {
                    found.push(whole(reading, meta, &mut listed)?);
                }
            }
            Ok(found)
        })
        .await
    }

    /// The codes that the documents of a source list, as far as is known.
    pub async fn listed(&self, source: &SourceId) -> Result<Vec<InfoCode>, StoreError> {
        let source = source.clone();
        let listed = self.read(move |reading, _| read_listed(reading, &source)).await?;
        Ok(listed.into_iter().flatten().collect())
    }
}

fn whole(
    reading: &Reading<'_>,
    meta: Meta,
    listed: &mut BTreeMap<SourceId, Option<BTreeSet<InfoCode>>>,
) -> Result<Whereabouts, StoreError> {
    let body = if meta.is_stub() { None } else { reading.tree.get(&keys::body(&meta.code))? };
    let edition = body.map(|body| reading.unpacker.edition(&body)).transpose()?;
    let mut filed = Vec::with_capacity(meta.filed.len());
    for filing in meta.filed {
        if !listed.contains_key(&filing.source) {
            listed.insert(filing.source.clone(), read_listed(reading, &filing.source)?);
        }
        let known = listed.get(&filing.source).and_then(Option::as_ref);
        filed.push(Filed {
            listed: known.map(|known| known.contains(&meta.code)),
            source: filing.source,
            categories: filing.categories,
            standing: filing.standing,
            shown: filing.shown,
            hidden_since: filing.hidden_since,
        });
    }
    Ok(Whereabouts {
        code: meta.code,
        kind: meta.kind,
        namespace: meta.namespace,
        owner: meta.owner,
        words_from: meta.worded,
        filed,
        aliases: meta.aliases,
        first_seen: meta.first_seen,
        sort_date: meta.sort_date,
        edition_number: meta.edition_number,
        born: meta.born,
        joins: meta.joins,
        passed_over: meta.passed_over,
        withdrawn: meta.withdrawn,
        edition,
    })
}

fn read_listed(reading: &Reading<'_>, source: &SourceId) -> Result<Option<BTreeSet<InfoCode>>, StoreError> {
    let stored = reading.tree.get(&keys::listed(source))?;
    Ok(stored.map(|bytes| codec::decode_codes(&bytes)).transpose()?.map(BTreeSet::from_iter))
}
