//! Keys of hosts: `h|…`.

use super::join;

const HOLD: &[u8] = b"h|";

/// `h|host`: until when a host wants to be left alone.
pub fn hold(host: &str) -> Vec<u8> {
    join(&[HOLD, host.as_bytes()])
}

/// Prefix of all of these.
pub fn holds() -> &'static [u8] {
    HOLD
}
