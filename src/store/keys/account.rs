//! Keys of what became of a source's last documents: `k|…`.

use super::join;
use crate::model::{SourceId, Via};

const ACCOUNT: &[u8] = b"k|";

/// `k|source 0 way`: the account of its last document that came that way.
pub fn account(source: &SourceId, via: Via) -> Vec<u8> {
    let way = match via {
        Via::Poll => b'p',
        Via::Push => b'h',
    };
    join(&[ACCOUNT, source.as_str().as_bytes(), &[0, way]])
}

/// Prefix of all of these.
pub fn accounts() -> &'static [u8] {
    ACCOUNT
}

/// The source of such a key.
pub fn account_of(key: &[u8]) -> Option<SourceId> {
    let source = key.strip_prefix(ACCOUNT)?.split(|byte| *byte == 0).next()?;
    SourceId::parse(std::str::from_utf8(source).ok()?)
}
