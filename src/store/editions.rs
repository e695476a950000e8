//! The editions of an entry that are kept.

use super::{
    StoreError, codec,
    codec::{Bodies, Meta},
    keys,
    sled::Tree,
};
use crate::model::{Edition, InfoCode};

/// All of them, oldest first, the current one last; nothing when the entry is not here.
pub fn kept(tree: &Tree, code: &InfoCode) -> Result<Vec<(u32, Edition)>, StoreError> {
    let Some(meta) = tree.get(&keys::meta(code))? else { return Ok(Vec::new()) };
    let meta: Meta = codec::decode(&meta)?;
    let mut bodies = Bodies::new()?;
    let mut editions = earlier(tree, &mut bodies, code)?;
    let body = tree.get(&keys::body(code))?.ok_or_else(|| codec::damaged(&format!("{code} has no body")))?;
    editions.push((meta.edition_number, bodies.decode(&body)?));
    Ok(editions)
}

/// Those before the current one.
pub fn earlier(tree: &Tree, bodies: &mut Bodies, code: &InfoCode) -> Result<Vec<(u32, Edition)>, StoreError> {
    let mut editions = Vec::new();
    for item in tree.under(&keys::editions(code)) {
        let (key, value) = item?;
        match (keys::edition_number(&key), bodies.decode(&value)) {
            (Some(number), Ok(edition)) => editions.push((number, edition)),
            // One that is damaged does not take the others with it.
            (_, Err(StoreError::Damaged(why))) => tracing::error!(%code, "an earlier edition is left out: {why}"),
            (_, Err(error)) => return Err(error),
            (None, _) => {}
        }
    }
    Ok(editions)
}
