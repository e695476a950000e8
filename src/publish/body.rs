//! A document and its codings. Each coding is made once, by whoever first asks for it, beside the threads that serve;
//! each has an entity tag of its own, a hash of its own bytes.

use super::coding::Coding;
use anyhow::Context;
use bytes::Bytes;
use std::sync::{Arc, OnceLock};
use tokio::sync::{OnceCell, Semaphore};
use twox_hash::XxHash3_64;

/// What a held document weighs besides its bytes.
const FRAME: usize = 1024;

/// The entity tags of a document, as far as its codings were made. They are remembered longer than its bytes.
#[derive(Debug, Default)]
pub struct Tags([OnceLock<String>; Coding::ALL.len()]);

impl Tags {
    /// The strong entity tag of the document in that coding, quotes included (RFC 9110 §8.8.3).
    pub fn of(&self, coding: Coding) -> Option<&str> {
        self.0.get(coding.place())?.get().map(String::as_str)
    }

    fn set(&self, coding: Coding, bytes: &[u8]) {
        if let Some(tag) = self.0.get(coding.place()) {
            tag.get_or_init(|| entity_tag(bytes));
        }
    }
}

/// The bytes of a document in every coding that was asked for.
#[derive(Debug)]
pub struct Body {
    plain: Bytes,
    coded: [OnceCell<Bytes>; Coding::ALL.len()],
    tags: Arc<Tags>,
}

impl Body {
    /// A document as it is, not coded yet.
    pub fn new(plain: Bytes) -> Body {
        let tags = Arc::<Tags>::default();
        tags.set(Coding::Identity, &plain);
        Body { plain, coded: Default::default(), tags }
    }

    /// As it is.
    pub fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// Its entity tags.
    pub fn tags(&self) -> &Arc<Tags> {
        &self.tags
    }

    /// The bytes in that coding, if they are there.
    pub fn ready(&self, coding: Coding) -> Option<&Bytes> {
        match coding {
            Coding::Identity => Some(&self.plain),
            _ => self.coded.get(coding.place())?.get(),
        }
    }

    /// The bytes in that coding, made if they were not there. `places` bounds how many are made at one time.
    pub(super) async fn coded(&self, coding: Coding, places: &Semaphore) -> anyhow::Result<Bytes> {
        let Some(cell) = self.coded.get(coding.place()).filter(|_| coding != Coding::Identity) else {
            return Ok(self.plain.clone());
        };
        cell.get_or_try_init(|| self.make(coding, places)).await.cloned()
    }

    async fn make(&self, coding: Coding, places: &Semaphore) -> anyhow::Result<Bytes> {
        let _place = places.acquire().await?;
        let plain = self.plain.clone();
        let coded = tokio::task::spawn_blocking(move || coding.code(&plain)).await?;
        let bytes = Bytes::from(coded.with_context(|| format!("code a document as {}", coding.name()))?);
        self.tags.set(coding, &bytes);
        Ok(bytes)
    }

    /// Bytes it holds, all codings counted.
    pub(super) fn weight(&self) -> usize {
        let coded = self.coded.iter().filter_map(OnceCell::get).map(Bytes::len).sum::<usize>();
        FRAME + self.plain.len() + coded
    }
}

/// A strong entity tag of these bytes, quotes included.
fn entity_tag(bytes: &[u8]) -> String {
    format!("\"{:016x}\"", XxHash3_64::oneshot(bytes))
}

/// The number of which such a tag is the spelling; `None` for any other. Quotes may be there or not.
pub(super) fn tag_number(tag: &str) -> Option<u64> {
    let digits = tag.trim_matches('"');
    let spelt = digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    spelt.then(|| u64::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_coding_has_the_tag_of_its_bytes_and_is_weighed() {
        let body = Body::new(Bytes::from("entry ".repeat(1000)));
        let (places, light) = (Semaphore::new(1), body.weight());
        assert_eq!(body.tags().of(Coding::Gzip), None, "not asked for yet");
        for coding in Coding::ALL {
            let bytes = body.coded(coding, &places).await.unwrap();
            assert_eq!(body.tags().of(coding), Some(entity_tag(&bytes).as_str()));
            assert_eq!(body.ready(coding), Some(&bytes));
        }
        let tags: std::collections::BTreeSet<_> = Coding::ALL.map(|coding| body.tags().of(coding)).into();
        assert_eq!(tags.len(), Coding::ALL.len(), "strong tags differ by coding");
        assert!(body.weight() > light);
    }

    #[tokio::test]
    async fn a_coding_is_made_once_however_many_ask() {
        let (body, places) = (Body::new(Bytes::from("entry ".repeat(1000))), Semaphore::new(4));
        let all = futures::future::join_all((0..20).map(|_| body.coded(Coding::Gzip, &places))).await;
        let first = all[0].as_ref().unwrap().as_ptr();
        assert!(all.iter().all(|bytes| bytes.as_ref().unwrap().as_ptr() == first));
    }

    #[test]
    fn the_tag_is_strong_and_follows_the_bytes() {
        assert_eq!(entity_tag(b"a"), entity_tag(b"a"));
        assert_ne!(entity_tag(b"a"), entity_tag(b"b"));
        assert!(entity_tag(b"a").starts_with('"') && entity_tag(b"a").len() == 18);
        assert_eq!(tag_number(&entity_tag(b"a")), Some(XxHash3_64::oneshot(b"a")));
        for other in ["", "\"\"", "W/\"00000000000000aa\"", "00000000000000AA", "+0000000000000aa"] {
            assert_eq!(tag_number(other), None, "{other}");
        }
    }
}
