//! A body in pieces of its own: it grows without being copied, and is put together once, at the end.

use super::{FREE, Share};
use bytes::Bytes;

/// Pieces, and the shares that all but the first hold; at the end there is one.
#[derive(Default)]
pub struct Own {
    pub full: Vec<Vec<u8>>,
    pub last: Vec<u8>,
    pub shares: Vec<Share>,
}

impl Own {
    /// How much has come.
    pub fn length(&self) -> usize {
        self.full.len() * FREE + self.last.len()
    }

    /// Each piece is given back as it is copied: both together never take much more than one of them.
    pub fn give_out(&mut self, to: &mut Vec<u8>) {
        self.full.drain(..).chain([std::mem::take(&mut self.last)]).for_each(|piece| to.extend_from_slice(&piece));
    }

    /// One piece of all. It holds the shares until the last part of it is dropped.
    pub fn whole(mut self) -> Bytes {
        if !self.full.is_empty() {
            let mut whole = Vec::with_capacity(self.length());
            self.give_out(&mut whole);
            self.last = whole;
        }
        if self.shares.is_empty() { self.last.into() } else { Bytes::from_owner(self) }
    }
}

impl AsRef<[u8]> for Own {
    fn as_ref(&self) -> &[u8] {
        &self.last
    }
}
