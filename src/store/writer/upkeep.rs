//! What the writer does of its own accord while nobody waits: dictionaries are trained once there is enough to learn from,
//! values are packed anew with them step by step, and what was erased is driven out of every file.

use super::{Group, Writer, train};
use crate::model::Changes;
use crate::store::{
    StoreError, keys,
    orders::Order,
    pack::{Dictionaries, Kind, Packer, Unpacker},
    place::EVERYTHING,
};
use std::{
    sync::{Arc, PoisonError},
    thread::JoinHandle,
};

/// How far the dictionaries are.
pub enum Training {
    /// To be made once there is enough to learn from.
    Awaited,
    /// Being made.
    Running(JoinHandle<Result<Vec<(Kind, Vec<u8>)>, StoreError>>),
    /// Made; `true` while values are packed with older ones.
    Done(bool),
}

impl Training {
    /// As the store was left.
    pub fn of(dictionaries: &Dictionaries, recoding: bool) -> Training {
        if dictionaries.is_empty() { Training::Awaited } else { Training::Done(recoding) }
    }
}

impl Writer {
    /// True when there is something to do as soon as nobody waits.
    pub(super) fn has_upkeep(&self) -> bool {
        match &self.training {
            Training::Awaited => self.depot.filed(EVERYTHING) >= train::ENOUGH,
            Training::Running(thread) => thread.is_finished(),
            Training::Done(recoding) => *recoding || self.forgetting,
        }
    }

    /// One step of it. What fails is logged and tried again at the next start: nothing depends on it but room.
    pub(super) fn upkeep(&mut self) {
        let step = match std::mem::replace(&mut self.training, Training::Done(false)) {
            Training::Awaited => self.begin_training(),
            Training::Running(thread) => self.end_training(thread),
            Training::Done(_) if self.forgetting => self.forget(),
            Training::Done(_) => self.recode(),
        };
        if let Err(error) = step {
            tracing::error!(%error, "the store's upkeep stops until the next start");
            self.forgetting = false;
        }
    }

    fn begin_training(&mut self) -> Result<(), StoreError> {
        let (tree, entries) = (self.depot.tree()?, self.depot.filed(EVERYTHING));
        let unpacker = Unpacker::new(self.packer.dictionaries().clone());
        let thread = std::thread::Builder::new().name("store-training".into());
        let thread = thread.spawn(move || train::train(&tree, &unpacker, entries));
        let thread = thread.map_err(|error| StoreError::Write(format!("no thread for training: {error}")))?;
        self.training = Training::Running(thread);
        Ok(())
    }

    fn end_training(&mut self, thread: JoinHandle<Result<Vec<(Kind, Vec<u8>)>, StoreError>>) -> Result<(), StoreError> {
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
    pub(super) fn forget(&mut self) -> Result<(), StoreError> {
        if !self.packer.dictionaries().is_empty() {
            let tree = self.depot.tree()?;
            let trained = train::train(&tree, self.packer.unpacker(), self.depot.filed(EVERYTHING))?;
            drop(tree);
            self.carry_out(Order::Train(trained))?;
            while self.depot.tree()?.get(keys::recode())?.is_some() {
                self.carry_out(Order::Recode)?;
            }
        }
        self.depot.purge()?;
        self.carry_out(Order::Forgotten)?;
        self.forgetting = false;
        Ok(())
    }

    /// Decides an order and writes it, alone.
    pub(super) fn carry_out(&mut self, order: Order) -> Result<Changes, StoreError> {
        let (mut group, changes) = (Group::default(), self.decide_order(order)?);
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
