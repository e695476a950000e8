//! What is sent where the operator wants it, and shown nowhere else.

use std::fmt;

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
