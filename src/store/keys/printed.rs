//! Keys of published documents: `d|…`.

use super::join;

const PRINTED: &[u8] = b"d|";

/// `d|path`: since when a published document is as it is.
pub fn printed(path: &str) -> Vec<u8> {
    join(&[PRINTED, path.as_bytes()])
}

/// Prefix of all of these.
pub fn all_printed() -> &'static [u8] {
    PRINTED
}
