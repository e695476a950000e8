//! Keys of what our hub and hubs elsewhere are told: `q|…`, `o|…`.

use super::join;

const FOLLOWER: &[u8] = b"q|";
const HERALDED: &[u8] = b"o|";

/// `q|token`: who is pushed one of our feeds.
pub fn follower(token: &str) -> Vec<u8> {
    join(&[FOLLOWER, token.as_bytes()])
}

/// Prefix of all of these.
pub fn followers() -> &'static [u8] {
    FOLLOWER
}

/// `o|address of a hub`: up to which commit it was told what changed.
pub fn heralded(hub: &str) -> Vec<u8> {
    join(&[HERALDED, hub.as_bytes()])
}

/// Prefix of all of these.
pub fn all_heralded() -> &'static [u8] {
    HERALDED
}
