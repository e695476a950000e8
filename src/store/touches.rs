//! States saved by polls that brought nothing, on their way to the writer. Nobody waits for them to be written: readers see them
//! at once, the writer takes them up with whatever it writes next, or a moment later. Bounded; who finds no room waits.

use super::overlay::Writes;
use crate::model::SourceId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Sources whose states may be on their way.
const ROOM: usize = 4_096;
/// So many are not left to wait.
const MANY: usize = ROOM / 2;
/// How long one may wait. Little beside the second that a power cut may cost.
pub const WAIT: Duration = Duration::from_millis(250);

/// What waits.
#[derive(Default)]
pub struct Touches(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    states: HashMap<SourceId, Touch>,
    /// When the oldest came; `None` while there is none.
    since: Option<Instant>,
    touches: u64,
    /// The last write failed: whoever comes is to hear of it.
    failing: bool,
    /// The writer has ended.
    ended: bool,
}

/// One state, and which of all touches it was.
struct Touch {
    number: u64,
    state: Arc<Vec<u8>>,
}

/// Touches that a group writes, or leaves behind: the source, and which touch of it.
pub type Taken = Vec<(SourceId, u64)>;

/// Where a state went.
#[derive(Debug, PartialEq, Eq)]
pub enum Left {
    /// It waits; the writer knows of others.
    Waiting,
    /// It waits, and the writer is to be told.
    First,
    /// It does not: the writer must be waited for.
    NoRoom,
}

impl Touches {
    /// Leaves the encoded state of a source, instead of an earlier one.
    pub fn leave(&self, source: &SourceId, state: &[u8]) -> Left {
        let waiting = &mut *self.lock();
        if waiting.failing || waiting.ended || (waiting.states.len() >= ROOM && !waiting.states.contains_key(source)) {
            return Left::NoRoom;
        }
        waiting.touches += 1;
        let touch = Touch { number: waiting.touches, state: Arc::new(state.to_vec()) };
        let is_new = waiting.states.insert(source.clone(), touch).is_none();
        let is_first = waiting.since.is_none();
        waiting.since.get_or_insert_with(Instant::now);
        if is_first || (is_new && waiting.states.len() == MANY) { Left::First } else { Left::Waiting }
    }

    /// The encoded state of a source, if it waits. To be asked under the shared lock of the tree, and before the tree.
    pub fn of(&self, source: &SourceId) -> Option<Arc<Vec<u8>>> {
        self.lock().states.get(source).map(|touch| Arc::clone(&touch.state))
    }

    /// All that wait, in no order. Under the same lock.
    pub fn all(&self) -> Vec<(SourceId, Arc<Vec<u8>>)> {
        self.lock().states.iter().map(|(source, touch)| (source.clone(), Arc::clone(&touch.state))).collect()
    }

    /// After how long the writer is to take them up; `None` when none waits.
    pub fn due(&self) -> Option<Duration> {
        let waiting = self.lock();
        let since = waiting.since?;
        Some(if waiting.states.len() >= MANY { Duration::ZERO } else { WAIT.saturating_sub(since.elapsed()) })
    }

    /// What the writer is to write; it stays visible here until it is `written`.
    pub fn take(&self, key: impl Fn(&SourceId) -> Vec<u8>) -> (Writes, Taken) {
        let waiting = self.lock();
        let states = waiting.states.iter();
        states
            .map(|(source, touch)| ((key(source), Some((*touch.state).clone())), (source.clone(), touch.number)))
            .unzip()
    }

    /// Which touch of a source waits.
    pub fn number(&self, source: &SourceId) -> Option<u64> {
        self.lock().states.get(source).map(|touch| touch.number)
    }

    /// These are in the tree, or something newer is. To be called under its exclusive lock. Those that came later stay.
    pub fn written(&self, taken: &Taken) {
        if taken.is_empty() {
            return;
        }
        let waiting = &mut *self.lock();
        for (source, number) in taken {
            if waiting.states.get(source).is_some_and(|touch| touch.number == *number) {
                waiting.states.remove(source);
            }
        }
        waiting.since = (!waiting.states.is_empty()).then(Instant::now);
    }

    /// Whether the last write failed: then those who come hear of it, and what is here is tried again a little later.
    pub fn fail(&self, failing: bool) {
        let waiting = &mut *self.lock();
        waiting.failing = failing;
        if failing && waiting.since.is_some() {
            waiting.since = Some(Instant::now());
        }
    }

    /// Nothing is taken any more: the writer writes what is here, if it still can, and is gone.
    pub fn end(&self) {
        self.lock().ended = true;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(number: usize) -> SourceId {
        SourceId::parse(&format!("s{number}")).unwrap()
    }

    fn key(source: &SourceId) -> Vec<u8> {
        source.as_str().as_bytes().to_vec()
    }

    #[test]
    fn the_writer_is_told_of_the_first_and_of_many_and_who_finds_no_room_waits() {
        let touches = Touches::default();
        assert_eq!(touches.due(), None);
        for number in 0..ROOM {
            let told = if number == 0 || number == MANY - 1 { Left::First } else { Left::Waiting };
            assert_eq!(touches.leave(&source(number), b"a"), told, "{number}");
        }
        assert_eq!(touches.due(), Some(Duration::ZERO));
        assert_eq!(touches.leave(&source(ROOM), b"a"), Left::NoRoom);
        assert_eq!(touches.leave(&source(0), b"b"), Left::Waiting, "one takes the place of its own earlier one");
        assert_eq!(touches.of(&source(0)).as_deref(), Some(&b"b".to_vec()));
        let (writes, taken) = touches.take(key);
        assert_eq!((writes.len(), &writes[&key(&source(0))]), (ROOM, &Some(b"b".to_vec())));
        touches.written(&taken);
        assert_eq!((touches.due(), touches.leave(&source(ROOM), b"a")), (None, Left::First));
    }

    #[test]
    fn what_came_while_the_writer_wrote_stays_and_what_could_not_be_written_too() {
        let touches = Touches::default();
        touches.leave(&source(1), b"old");
        touches.leave(&source(2), b"old");
        let (_, taken) = touches.take(key);
        assert!(touches.of(&source(1)).is_some(), "seen until it is written");
        touches.leave(&source(1), b"new");
        touches.written(&taken);
        assert_eq!(touches.all(), [(source(1), Arc::new(b"new".to_vec()))]);
        touches.fail(true);
        assert_eq!(touches.leave(&source(1), b"later"), Left::NoRoom);
        assert_eq!(touches.take(key).0[&key(&source(1))], Some(b"new".to_vec()));
        touches.fail(false);
        assert_eq!(touches.leave(&source(1), b"later"), Left::Waiting);
        touches.end();
        assert_eq!(touches.leave(&source(1), b"latest"), Left::NoRoom);
    }
}
