//! What is sent where the operator wants it, and shown nowhere else.

use sha2::{Digest, Sha256};
use std::fmt;

/// Whether what a reader brought is the token that opens a private feed. Compares digests: how long it takes says nothing about how
/// much of it was right. An empty token opens nothing.
pub fn opens(brought: &str, token: &str) -> bool {
    !token.is_empty() && Sha256::digest(brought.as_bytes()) == Sha256::digest(token.as_bytes())
}

/// What must follow the address of a private feed so that it opens.
pub fn token_query(token: &str) -> String {
    format!("?token={}", url::form_urlencoded::byte_serialize(token.as_bytes()).collect::<String>())
}

/// A password, a header's value, an address with credentials in it: `Debug` does not show it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    /// Takes it out of sight.
    pub fn new(hidden: T) -> Secret<T> {
        Secret(hidden)
    }

    /// For sending it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
