//! Dictionaries made from what is stored: once there is enough to learn from, and anew when something was erased.

use crate::store::{
    StoreError, keys,
    pack::{Kind, Unpacker},
    sled::Tree,
};

/// Entries from which on dictionaries are worth making.
pub const ENOUGH: u64 = 3000;
/// Values learned from, and how much of each and of all.
const SAMPLES: u64 = 4000;
const SAMPLE_BYTES: usize = 16 << 10;
const ALL_BYTES: usize = 12 << 20;
/// Measured on Chinese news HTML: 64 KiB make bodies 7 % larger; each reader holds one.
const BODY_BYTES: usize = 256 << 10;
const META_BYTES: usize = 16 << 10;

/// A dictionary, and what it is for.
pub type Trained = Vec<(Kind, Vec<u8>)>;

/// Says nothing of anybody: takes the place of a dictionary that must go where there is too little to learn another from.
const NEUTRAL: &[u8] = b"title kind value link summary content authors published updated attribution source fetched";

/// Dictionaries for what is here; none for a kind that has too little to learn from, or, `anew`, one that holds nothing.
pub fn train(tree: &Tree, unpacker: &Unpacker, entries: u64, anew: bool) -> Result<Trained, StoreError> {
    let [bodies, _, metas] = keys::packed();
    let mut trained = Vec::new();
    for (kind, prefix, bytes) in [(Kind::Body, bodies, BODY_BYTES), (Kind::Meta, metas, META_BYTES)] {
        let samples = samples(tree, unpacker, &prefix, entries)?;
        // zstd refuses to learn from next to nothing: then there is nothing to gain either.
        match zstd::dict::from_samples(&samples, bytes) {
            Ok(dictionary) => trained.push((kind, dictionary)),
            Err(_) if anew => trained.push((kind, NEUTRAL.to_vec())),
            Err(error) => tracing::info!(?kind, %error, "no dictionary could be made"),
        }
    }
    Ok(trained)
}

/// Values spread evenly over all.
fn samples(tree: &Tree, unpacker: &Unpacker, prefix: &[u8], entries: u64) -> Result<Vec<Vec<u8>>, StoreError> {
    let step = usize::try_from(entries / SAMPLES).unwrap_or(1).max(1);
    let (mut samples, mut bytes) = (Vec::new(), 0);
    for item in tree.under(prefix).step_by(step) {
        let mut plain = unpacker.plain(&item?.1)?;
        plain.truncate(SAMPLE_BYTES);
        bytes += plain.len();
        samples.push(plain);
        if bytes > ALL_BYTES {
            break;
        }
    }
    Ok(samples)
}
