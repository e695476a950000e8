//! What is remembered of a published document over restarts.

use super::Time;
use serde::{Deserialize, Serialize};

/// Bytes that were published, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// Hash of the bytes.
    pub hash: u64,
    /// When they became what they are, in whole seconds: their Last-Modified.
    pub changed: Time,
}
