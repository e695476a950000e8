//! What the writer does of its own accord while nobody waits: dictionaries are trained once there is enough to learn from,
//! values are packed anew with them step by step, and what was erased is driven out of every file.

use super::{Group, Reply, Writer, train, train::Trained};
use crate::model::Changes;
use crate::store::{
    StoreError, keys,
    orders::Order,
    pack::{Dictionaries, Packer, Unpacker},
    place::EVERYTHING,
};
use std::{
    sync::{Arc, PoisonError},
    thread::JoinHandle,
};
use tokio::sync::oneshot;

/// A thread that makes dictionaries.
type Making = JoinHandle<Result<Trained, StoreError>>;

/// How far the dictionaries are.
pub enum Training {
    /// To be made once there is enough to learn from.
    Awaited,
    /// Being made.
    Running(Making),
    /// Made; `true` while values are packed with older ones.
    Done(bool),
}

impl Training {
    /// As the store was left.
    pub fn of(dictionaries: &Dictionaries, recoding: bool) -> Training {
        if dictionaries.is_empty() { Training::Awaited } else { Training::Done(recoding) }
    }
}

/// How far it is with driving out what was erased.
#[derive(Default)]
pub struct Forgetting {
    /// It is to be done, once more if it is being done.
    wanted: bool,
    /// Whoever waits for the next time, and for this one.
    next: Vec<Reply<()>>,
    now: Vec<Reply<()>>,
    /// The old files are going.
    purging: Option<oneshot::Receiver<Result<(), StoreError>>>,
}

impl Forgetting {
    /// As the store was left.
    pub fn of(pending: bool) -> Forgetting {
        Forgetting { wanted: pending, ..Forgetting::default() }
    }

    /// Somebody wants it done, and waits.
    pub fn wish(&mut self, reply: Reply<()>) {
        self.wanted = true;
        self.next.push(reply);
    }
}

impl Writer {
    /// True when there is something to do as soon as nobody waits.
    pub(super) fn has_upkeep(&self) -> bool {
        let trains = match &self.training {
            Training::Awaited => self.depot.filed(EVERYTHING) >= train::ENOUGH,
            Training::Running(thread) => thread.is_finished(),
            Training::Done(recoding) => *recoding,
        };
        trains || (self.forgetting.wanted && self.forgetting.purging.is_none() && !self.is_training())
    }

    /// True while dictionaries are being made beside the writer.
    pub(super) fn is_training(&self) -> bool {
        matches!(self.training, Training::Running(_))
    }

    /// One step of it. What fails is logged and tried again at the next start: nothing depends on it but room.
    pub(super) fn upkeep(&mut self) {
        let step = match std::mem::replace(&mut self.training, Training::Done(false)) {
            Training::Awaited if self.depot.filed(EVERYTHING) >= train::ENOUGH => self.begin_training(),
            Training::Running(thread) if thread.is_finished() => self.end_training(thread),
            Training::Done(true) => self.recode(),
            // Then it is this that is due.
            as_before => {
                self.training = as_before;
                self.begin_forgetting();
                Ok(())
            }
        };
        if let Err(error) = step {
            tracing::error!(%error, "the store's dictionaries stay as they are until the next start");
        }
    }

    fn begin_training(&mut self) -> Result<(), StoreError> {
        let (tree, entries) = (self.depot.tree()?, self.depot.filed(EVERYTHING));
        let unpacker = Unpacker::new(self.packer.dictionaries().clone());
        let thread = std::thread::Builder::new().name("store-training".into());
        let thread = thread.spawn(move || train::train(&tree, &unpacker, entries, false));
        let thread = thread.map_err(|error| StoreError::Write(format!("no thread for training: {error}")))?;
        self.training = Training::Running(thread);
        Ok(())
    }

    fn end_training(&mut self, thread: Making) -> Result<(), StoreError> {
        let trained = thread.join().map_err(|_| StoreError::Write("training panicked: see the log".into()))??;
        let worth_it = !trained.is_empty();
        self.carry_out(Order::Train(trained))?;
        self.training = Training::Done(worth_it);
        Ok(())
    }

    fn recode(&mut self) -> Result<(), StoreError> {
        let seen = self.carry_out(Order::Recode)?.moved;
        let over = self.depot.tree()?.get(keys::recode())?.is_none();
        tracing::debug!(seen, over, "values packed with the newest dictionaries");
        self.training = Training::Done(!over);
        Ok(())
    }

    /// Nothing of what was erased stays: not in a dictionary, not in values packed with it, not in any file.
    fn begin_forgetting(&mut self) {
        self.forgetting.wanted = false;
        self.forgetting.now.append(&mut self.forgetting.next);
        match self.train_anew() {
            Ok(()) => {
                let (reply, purged) = oneshot::channel();
                self.depot.begin_purge(reply);
                self.forgetting.purging = Some(purged);
            }
            Err(error) => self.end_forgetting(Err(error)),
        }
    }

    /// Looks whether the old files are gone.
    pub(super) fn tend_forgetting(&mut self) {
        let Some(purging) = &mut self.forgetting.purging else { return };
        let purged = match purging.try_recv() {
            Err(oneshot::error::TryRecvError::Empty) => return,
            Err(oneshot::error::TryRecvError::Closed) => Err(StoreError::Write("the store is closing".into())),
            Ok(purged) => purged,
        };
        self.forgetting.purging = None;
        let again = self.forgetting.wanted;
        let done = purged.and_then(|()| if again { Ok(()) } else { self.carry_out(Order::Forgotten).map(drop) });
        self.end_forgetting(done);
    }

    fn end_forgetting(&mut self, done: Result<(), StoreError>) {
        if let Err(error) = &done {
            tracing::error!(%error, "what was erased may still lie in a file: tried again at the next start");
        }
        let done = done.map_err(|error| error.to_string());
        for reply in self.forgetting.now.drain(..) {
            let _ = reply.send(done.clone().map_err(StoreError::Write));
        }
    }

    fn train_anew(&mut self) -> Result<(), StoreError> {
        if self.packer.dictionaries().is_empty() {
            return Ok(());
        }
        let tree = self.depot.tree()?;
        let trained = train::train(&tree, self.packer.unpacker(), self.depot.filed(EVERYTHING), true)?;
        drop(tree);
        self.carry_out(Order::Train(trained))?;
        while self.depot.tree()?.get(keys::recode())?.is_some() {
            self.carry_out(Order::Recode)?;
        }
        Ok(())
    }

    /// Decides an order and writes it, alone.
    pub(super) fn carry_out(&mut self, mut order: Order) -> Result<Changes, StoreError> {
        let adopt = if let Order::Settle(settlement) = &mut order { settlement.adopt.take() } else { None };
        let (mut group, changes) = (Group { adopt, ..Group::default() }, self.decide_order(order)?);
        let (outcome, writes) = changes;
        group.add(writes);
        group.heads = outcome.heads;
        group.durable = outcome.durable;
        self.write(group)?;
        self.learn_dictionaries()?;
        Ok(outcome.changes)
    }

    /// Takes up the dictionaries of the tree, if they are others than before.
    fn learn_dictionaries(&mut self) -> Result<(), StoreError> {
        let now = Dictionaries::load(&self.depot.tree()?)?;
        if *now != **self.packer.dictionaries() {
            self.packer = Packer::new(Arc::clone(&now))?;
            *self.depot.shared().dictionaries.write().unwrap_or_else(PoisonError::into_inner) = now;
        }
        Ok(())
    }
}
