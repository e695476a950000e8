//! Where large bodies are put together: one at a time, in one block that is kept, so that no number of them costs more memory
//! than one does.

use bytes::Bytes;
use std::{fmt, sync::Arc};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// A body up to this length is small: many of them may be on their way at a time. Twice as much is needed while one grows,
/// and dozens may wait here with as much.
pub const SMALL: usize = 512 << 10;
/// A block that has grown beyond this is not kept.
const KEPT: usize = 32 << 20;

/// The one block. Cheap to clone.
#[derive(Clone, Default)]
pub struct Room(Arc<Mutex<Vec<u8>>>);

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Room")
    }
}

/// The right to put a body together. Dropping it lets the next one begin.
pub struct Block {
    bytes: OwnedMutexGuard<Vec<u8>>,
    limit: usize,
}

/// More than the limit has arrived.
#[derive(Debug)]
pub struct Overflow;

impl Room {
    /// Waits until nobody else needs it.
    pub async fn enter(&self, limit: usize) -> Block {
        let mut bytes = Arc::clone(&self.0).lock_owned().await;
        // As long as the longest body: what is not written to costs nothing, and what would grow would be copied.
        bytes.clear();
        bytes.reserve(limit.min(KEPT).saturating_add(1));
        Block { bytes, limit }
    }
}

impl Block {
    /// Takes what arrived, if it still fits.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Overflow> {
        if self.bytes.len().saturating_add(bytes.len()) > self.limit {
            return Err(Overflow);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The block itself, for whoever looks after the limit by himself.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// All that arrived; the block is empty afterwards.
    pub fn take(&mut self) -> Bytes {
        let whole = Bytes::copy_from_slice(&self.bytes);
        self.bytes.clear();
        whole
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.bytes.clear();
        if self.bytes.capacity() > KEPT {
            *self.bytes = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_body_after_another_is_put_together_up_to_its_limit() {
        let room = Room::default();
        let mut block = room.enter(10).await;
        block.push(b"01234").unwrap();
        block.push(b"56789").unwrap();
        assert!(block.push(b"0").is_err());
        assert_eq!(block.take(), "0123456789");
        let other = tokio::spawn({
            let room = room.clone();
            async move { room.enter(usize::MAX).await.take() }
        });
        block.push(b"left behind").unwrap_err();
        drop(block);
        assert_eq!(other.await.unwrap(), "");
    }
}
