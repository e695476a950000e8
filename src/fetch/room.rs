//! Memory for bodies on their way: a bounded number of bytes that all of them share, each holding its part until it has been parsed
//! or dropped. Whoever finds no room left waits his turn for some, or for the one block in which there is always room for a whole body:
//! so nobody waits for those who wait themselves.

mod pieces;

use crate::bounds::{Gauge, Used};
use bytes::Bytes;
use pieces::Own;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// The beginning of a body, for which nobody asks: hardly more than its connection holds anyway. And what it grows by: who holds
/// much and hardly grows does not wait for more, so that he is seen to be a drip.
pub const FREE: usize = 64 << 10;
/// What bodies share beyond that.
const SHARED: usize = 4 << 20;
/// A longer body takes the block. What undoes a coding may hold as much again (the windows of Brotli and Zstandard), for each that waits.
const LONGEST_SHARED: usize = 1 << 20;
/// A block that has grown beyond this is not kept.
const KEPT: usize = 32 << 20;
/// What one permit stands for.
const PERMIT: usize = 1 << 10;

/// The memory. Cheap to clone.
#[derive(Clone)]
pub struct Room(Arc<Memory>);

struct Memory {
    shared: Arc<Semaphore>,
    block: Arc<Mutex<Vec<u8>>>,
    /// How many wait for memory now.
    wanted: AtomicUsize,
    gauge: Gauge,
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.gauge.fmt(f)
    }
}

/// A body that is being put together.
pub struct Growing {
    room: Room,
    place: Place,
    limit: usize,
}

/// Where it lies, and the right to that.
enum Place {
    Own(Own),
    Block(Block),
}

/// A part of what is shared.
struct Share {
    _permit: OwnedSemaphorePermit,
    _used: Used,
}

/// The one block, as long as it is held.
struct Block {
    bytes: OwnedMutexGuard<Vec<u8>>,
    _used: Used,
}

/// The right to more memory.
enum Granted {
    Shared(Share),
    Block(OwnedMutexGuard<Vec<u8>>),
}

/// More than the limit has arrived.
#[derive(Debug)]
pub struct Overflow;

impl Room {
    /// For bodies of which the longest are so long.
    pub fn new(max_bytes: usize) -> Room {
        let gauge = Gauge::new("bytes of bodies in flight", Some((SHARED + max_bytes) as u64));
        let shared = Arc::new(Semaphore::new(SHARED / PERMIT));
        Room(Arc::new(Memory { shared, block: Arc::default(), wanted: AtomicUsize::new(0), gauge }))
    }

    /// A body of at most `limit` bytes, of which none has come.
    pub fn body(&self, limit: usize) -> Growing {
        Growing { room: self.clone(), place: Place::Own(Own::default()), limit }
    }

    /// The same with all its memory, once there is as much.
    pub async fn whole(&self, limit: usize) -> Growing {
        let place = match self.grant(limit, limit).await {
            Granted::Shared(share) => {
                Place::Own(Own { full: Vec::new(), last: Vec::with_capacity(limit), shares: vec![share] })
            }
            Granted::Block(block) => Place::Block(self.block(block, limit)),
        };
        Growing { room: self.clone(), place, limit }
    }

    /// Whether somebody waits for memory.
    pub fn is_wanted(&self) -> bool {
        self.0.wanted.load(Ordering::Relaxed) > 0
    }

    /// How much is in use.
    pub fn gauge(&self) -> &Gauge {
        &self.0.gauge
    }

    /// So many bytes more, for a body that then has so many.
    async fn grant(&self, bytes: usize, whole: usize) -> Granted {
        let Memory { block, wanted, gauge, .. } = &*self.0;
        if let Some(share) = self.share(bytes, whole) {
            return Granted::Shared(share);
        }
        if let Ok(block) = Arc::clone(block).try_lock_owned() {
            return Granted::Block(block);
        }
        gauge.waited();
        let _waiting = Waiting::of(wanted);
        tokio::select! {
            biased;
            share = self.share_in_time(bytes, whole) => Granted::Shared(share),
            block = Arc::clone(block).lock_owned() => Granted::Block(block),
        }
    }

    /// What is given back goes to those who wait, in the order in which they came.
    async fn share_in_time(&self, bytes: usize, whole: usize) -> Share {
        let Some(permits) = permits(bytes, whole) else { return std::future::pending().await };
        match Arc::clone(&self.0.shared).acquire_many_owned(permits).await {
            Ok(permit) => self.shared(permit, bytes),
            // Nobody closes it.
            Err(_) => std::future::pending().await,
        }
    }

    fn block(&self, mut bytes: OwnedMutexGuard<Vec<u8>>, limit: usize) -> Block {
        // As long as the longest body: what is not written to costs nothing, and what would grow would be copied.
        bytes.clear();
        bytes.reserve(limit.min(KEPT).saturating_add(1));
        Block { bytes, _used: self.0.gauge.used(limit as u64) }
    }

    fn share(&self, bytes: usize, whole: usize) -> Option<Share> {
        let permit = Arc::clone(&self.0.shared).try_acquire_many_owned(permits(bytes, whole)?).ok()?;
        Some(self.shared(permit, bytes))
    }

    fn shared(&self, permit: OwnedSemaphorePermit, bytes: usize) -> Share {
        Share { _permit: permit, _used: self.0.gauge.used(bytes as u64) }
    }
}

/// What stands for so many bytes of a body that then has so many; `None`: it needs the block.
fn permits(bytes: usize, whole: usize) -> Option<u32> {
    u32::try_from(bytes.div_ceil(PERMIT)).ok().filter(|_| whole <= LONGEST_SHARED)
}

impl Growing {
    /// Takes what arrived, if it still fits, once there is memory for it.
    pub async fn push(&mut self, mut chunk: &[u8]) -> Result<(), Overflow> {
        if self.length().saturating_add(chunk.len()) > self.limit {
            return Err(Overflow);
        }
        loop {
            let fits = match &self.place {
                Place::Own(own) => FREE.saturating_sub(own.last.len()).min(chunk.len()),
                Place::Block(_) => chunk.len(),
            };
            let (now, later) = chunk.split_at(fits);
            self.bytes().extend_from_slice(now);
            chunk = later;
            if chunk.is_empty() {
                return Ok(());
            }
            self.grow().await;
        }
    }

    /// How much has come.
    fn length(&self) -> usize {
        match &self.place {
            Place::Own(own) => own.length(),
            Place::Block(block) => block.bytes.len(),
        }
    }

    /// What came last, or all of it where there is one piece only. Whoever writes to it himself looks after the limit.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        match &mut self.place {
            Place::Own(own) => &mut own.last,
            Place::Block(block) => &mut block.bytes,
        }
    }

    /// Its beginning.
    pub fn first(&self) -> &[u8] {
        match &self.place {
            Place::Own(own) => own.full.first().unwrap_or(&own.last),
            Place::Block(block) => &block.bytes,
        }
    }

    /// Whether it holds memory that others may wait for.
    pub fn is_counted(&self) -> bool {
        !matches!(&self.place, Place::Own(own) if own.shares.is_empty())
    }

    /// The whole body. It holds its memory until the last part of it is dropped.
    pub fn finish(self) -> Bytes {
        match self.place {
            Place::Own(own) => own.whole(),
            Place::Block(block) => Bytes::from_owner(block),
        }
    }

    /// The whole body, to be made into another one: which has the block that the first one had, as it must not wait for it.
    pub fn into_source(mut self) -> (Bytes, Option<Growing>) {
        let Place::Block(block) = &mut self.place else { return (self.finish(), None) };
        let whole = std::mem::take(&mut *block.bytes);
        (whole.into(), Some(self))
    }

    /// Another piece, or the block.
    async fn grow(&mut self) {
        let whole = self.length() + FREE;
        let Place::Own(own) = &mut self.place else { return };
        match self.room.grant(FREE, whole).await {
            Granted::Shared(share) => {
                own.full.push(std::mem::replace(&mut own.last, Vec::with_capacity(FREE)));
                own.shares.push(share);
            }
            Granted::Block(block) => {
                let mut block = self.room.block(block, self.limit);
                own.give_out(&mut block.bytes);
                self.place = Place::Block(block);
            }
        }
    }
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
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

/// Somebody who waits.
struct Waiting<'a>(&'a AtomicUsize);

impl Waiting<'_> {
    fn of(wanted: &AtomicUsize) -> Waiting<'_> {
        wanted.fetch_add(1, Ordering::Relaxed);
        Waiting(wanted)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    const MIB: usize = 1 << 20;

    async fn filled(room: &Room, bytes: usize) -> Growing {
        let mut body = room.body(15 * MIB);
        body.push(&vec![b'x'; bytes]).await.unwrap();
        body
    }

    fn used(room: &Room) -> u64 {
        room.gauge().read().used
    }

    #[tokio::test]
    async fn pieces_of_any_length_make_the_body_that_came() {
        let room = Room::new(15 * MIB);
        for (length, step) in [(1, 1), (3 * FREE, 7_001), (MIB + 17, 200_000), (6 * MIB, 3 * MIB + 1)] {
            let sent: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let mut body = room.body(15 * MIB);
            for chunk in sent.chunks(step) {
                body.push(chunk).await.unwrap();
            }
            assert!(sent.starts_with(body.first()) && !body.first().is_empty());
            assert!(body.finish() == sent, "{length} in steps of {step}");
        }
    }

    #[tokio::test]
    async fn a_body_is_put_together_up_to_its_limit() {
        let room = Room::new(10);
        let mut body = room.body(10);
        body.push(b"01234").await.unwrap();
        body.push(b"56789").await.unwrap();
        assert!(body.push(b"0").await.is_err());
        assert_eq!(body.finish(), "0123456789");
    }

    #[tokio::test]
    async fn what_a_body_holds_is_free_again_when_its_last_part_is_dropped() {
        let room = Room::new(15 * MIB);
        assert!(!filled(&room, FREE).await.is_counted(), "a small one asks for nothing");
        for bytes in [FREE + 1, MIB, 5 * MIB, 15 * MIB] {
            let body = filled(&room, bytes).await.finish();
            assert_eq!(body.len(), bytes);
            let part = body.slice(1..2);
            drop(body);
            assert!(used(&room) + FREE as u64 >= bytes as u64, "{bytes}: {:?}", room.gauge().read());
            assert!(used(&room) > 0);
            drop(part);
            assert_eq!(used(&room), 0, "{bytes}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_that_all_grow_never_hold_more_than_there_is_and_none_is_left_waiting() {
        let room = Room::new(15 * MIB);
        let grow = |bytes: usize| {
            let room = room.clone();
            tokio::spawn(async move {
                let mut body = room.body(15 * MIB);
                for _ in 0..bytes / FREE {
                    body.push(&[b'x'; FREE]).await.unwrap();
                    let bound = room.gauge().read();
                    assert!(bound.used <= bound.limit.unwrap(), "{bound:?}");
                    tokio::task::yield_now().await;
                }
                assert_eq!(body.finish().len(), bytes);
            })
        };
        let all: Vec<_> = (0..60).map(|n| grow([MIB / 4, MIB / 2, MIB, 15 * MIB][n % 4])).collect();
        for body in all {
            timeout(Duration::from_secs(60), body).await.expect("some wait for each other").unwrap();
        }
        assert_eq!(used(&room), 0);
        assert!(room.gauge().read().waited > 0 && !room.is_wanted(), "{:?}", room.gauge().read());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_seen_and_gets_what_is_given_back() {
        let room = Room::new(15 * MIB);
        let later = |bytes: usize| {
            let room = room.clone();
            tokio::spawn(async move { filled(&room, bytes).await })
        };
        let block = filled(&room, 10 * MIB).await;
        let mut shared = Vec::new();
        for _ in 0..4 {
            shared.push(filled(&room, MIB).await);
        }
        let mut small = later(MIB);
        assert!(timeout(Duration::from_secs(1), &mut small).await.is_err() && room.is_wanted());
        shared.pop();
        let small = small.await.unwrap();
        assert!(!room.is_wanted());
        let mut large = later(10 * MIB);
        assert!(timeout(Duration::from_secs(1), &mut large).await.is_err() && room.is_wanted());
        drop(block);
        assert_eq!(large.await.unwrap().finish().len(), 10 * MIB);
        drop((shared, small));
        assert_eq!((used(&room), room.is_wanted()), (0, false));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_longest_gets_what_is_given_back() {
        let room = Room::new(15 * MIB);
        let _block = filled(&room, 10 * MIB).await;
        let mut shared = Vec::new();
        for _ in 0..SHARED / FREE {
            shared.push(filled(&room, FREE + 1).await);
        }
        let (order, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
        for n in 0..20 {
            let (room, order) = (room.clone(), order.clone());
            tokio::spawn(async move { order.send((n, filled(&room, FREE + 1).await)) });
            tokio::task::yield_now().await;
        }
        let mut came = Vec::new();
        for body in shared.drain(..20) {
            drop(body);
            came.push(arrivals.recv().await.unwrap());
        }
        assert!(came.iter().map(|(n, _)| n).is_sorted());
    }

    #[tokio::test(start_paused = true)]
    async fn what_lies_in_the_block_is_unpacked_without_waiting_for_it() {
        let room = Room::new(15 * MIB);
        let (whole, block) = filled(&room, 10 * MIB).await.into_source();
        let mut out = block.unwrap();
        out.push(b"short").await.unwrap();
        assert_eq!((whole.len(), &*out.finish()), (10 * MIB, &b"short"[..]));
        let (_, none) = filled(&room, MIB).await.into_source();
        assert!(none.is_none());
        timeout(Duration::from_secs(1), room.whole(15 * MIB)).await.unwrap();
    }
}
