//! Metas and editions as bytes: MessagePack with names, so that a field can be added without a migration, in a zstd frame
//! whose dictionary's number stands in front. A dictionary turns the names and the publishers' habits into a few bits.

use super::{
    StoreError, codec,
    codec::{damaged, decode, encode},
    keys,
    meta::Meta,
    sled::Tree,
};
use crate::model::Edition;
use std::{cell::RefCell, collections::BTreeMap, sync::Arc};
use zstd::bulk::{Compressor, Decompressor};

/// Dictionary number of a value that was packed without one.
const NONE: u8 = 0;
/// Level 3: measured on Chinese news HTML it gives most of the gain for a third of the time of level 6.
const LEVEL: i32 = 3;
/// No value is larger once unpacked; a damaged length must not make us reserve the machine's memory.
const MAX_PLAIN: usize = 64 << 20;

/// What a dictionary is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Editions.
    Body,
    /// Metas.
    Meta,
}

/// The dictionaries there are. Never changed: a new one makes a new set.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Dictionaries(BTreeMap<u8, Dictionary>);

#[derive(Debug, PartialEq, Eq)]
struct Dictionary {
    kind: Kind,
    /// The newest has the highest.
    order: u32,
    bytes: Vec<u8>,
}

impl Dictionaries {
    /// Those of a store.
    pub fn load(tree: &Tree) -> Result<Arc<Dictionaries>, StoreError> {
        let mut all = BTreeMap::new();
        for item in tree.under(keys::dictionaries()) {
            let (key, value) = item?;
            let id = key.strip_prefix(keys::dictionaries()).and_then(|id| id.first());
            let parts = id.zip(value.split_first_chunk::<5>());
            let (id, ([kind, order @ ..], bytes)) = parts.ok_or_else(|| damaged("a dictionary has no form"))?;
            let kind = if *kind == 0 { Kind::Body } else { Kind::Meta };
            all.insert(*id, Dictionary { kind, order: u32::from_be_bytes(*order), bytes: bytes.to_vec() });
        }
        Ok(Arc::new(Dictionaries(all)))
    }

    /// Keys and values of further ones, each the newest of its kind; fewer when all numbers are in use.
    pub fn further(&self, trained: Vec<(Kind, Vec<u8>)>) -> Vec<(Vec<u8>, Vec<u8>)> {
        let free = (1..=u8::MAX).filter(|id| !self.0.contains_key(id));
        let order = self.0.values().map(|dictionary| dictionary.order + 1).max().unwrap_or(1);
        let made = free.zip(trained).map(|(id, (kind, bytes))| {
            let front = [&[u8::from(kind == Kind::Meta)][..], &order.to_be_bytes()].concat();
            (keys::dictionary(id), [front, bytes].concat())
        });
        made.collect()
    }

    /// The newest of a kind: values are packed with it.
    pub fn newest(&self, kind: Kind) -> Option<u8> {
        let of_kind = self.0.iter().filter(|(_, dictionary)| dictionary.kind == kind);
        of_kind.max_by_key(|(_, dictionary)| dictionary.order).map(|(id, _)| *id)
    }

    /// Numbers of all that are not the newest of their kind.
    pub fn superseded(&self) -> Vec<u8> {
        let newest = [self.newest(Kind::Body), self.newest(Kind::Meta)];
        self.0.keys().copied().filter(|id| !newest.contains(&Some(*id))).collect()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn bytes(&self, id: u8) -> Option<&[u8]> {
        self.0.get(&id).map(|dictionary| dictionary.bytes.as_slice())
    }
}

/// Reads packed values. For one thread at a time; dear to make, cheap to use.
pub struct Unpacker {
    dictionaries: Arc<Dictionaries>,
    ready: RefCell<BTreeMap<u8, Decompressor<'static>>>,
}

impl Unpacker {
    /// With the dictionaries of now.
    pub fn new(dictionaries: Arc<Dictionaries>) -> Unpacker {
        Unpacker { dictionaries, ready: RefCell::default() }
    }

    /// True when it knows these dictionaries and no others.
    pub fn knows(&self, dictionaries: &Arc<Dictionaries>) -> bool {
        Arc::ptr_eq(&self.dictionaries, dictionaries)
    }

    /// The meta that stands under a key, which names it.
    pub fn meta(&self, key: &[u8], bytes: &[u8]) -> Result<Meta, StoreError> {
        let code = codec::code(key.strip_prefix(keys::metas()).unwrap_or_default())?;
        decode::<Meta>(&self.plain(bytes)?).map(|meta| Meta { code, ..meta })
    }

    /// An edition.
    pub fn edition(&self, bytes: &[u8]) -> Result<Edition, StoreError> {
        decode(&self.plain(bytes)?)
    }

    /// The MessagePack itself.
    pub fn plain(&self, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (head, packed) = bytes.split_first_chunk::<4>().ok_or_else(|| damaged("a packed value is cut short"))?;
        let length = u32::from_be_bytes([0, head[1], head[2], head[3]]);
        let (length, packed) = match length {
            LONG => {
                let (long, packed) = packed.split_first_chunk().ok_or_else(|| damaged("a length is cut short"))?;
                (u32::from_be_bytes(*long), packed)
            }
            short => (short, packed),
        };
        let length = usize::try_from(length).ok().filter(|length| *length <= MAX_PLAIN);
        let length = length.ok_or_else(|| damaged("a packed value has an impossible length"))?;
        let mut ready = self.ready.borrow_mut();
        let decompressor = match ready.entry(head[0]) {
            std::collections::btree_map::Entry::Occupied(ready) => ready.into_mut(),
            std::collections::btree_map::Entry::Vacant(free) => free.insert(self.decompressor(head[0])?),
        };
        let plain = decompressor.decompress(packed, length);
        let plain = plain.map_err(|error| damaged(&format!("a packed value: {error}")))?;
        if plain.len() == length { Ok(plain) } else { Err(damaged("a packed value is shorter than it says")) }
    }

    fn decompressor(&self, id: u8) -> Result<Decompressor<'static>, StoreError> {
        let bytes = match id {
            NONE => &[],
            id => self.dictionaries.bytes(id).ok_or_else(|| damaged(&format!("dictionary {id} is missing")))?,
        };
        Decompressor::with_dictionary(bytes).map_err(|error| StoreError::Write(format!("no decompressor: {error}")))
    }
}

/// A length that does not fit three bytes stands behind this one.
const LONG: u32 = 0xff_ffff;

/// Number of the dictionary a value was packed with.
pub fn dictionary_of(bytes: &[u8]) -> u8 {
    bytes.first().copied().unwrap_or(NONE)
}

/// Writes packed values with the newest dictionaries, and reads all.
pub struct Packer {
    unpacker: Unpacker,
    body: (u8, Compressor<'static>),
    meta: (u8, Compressor<'static>),
}

impl Packer {
    /// With the dictionaries of now.
    pub fn new(dictionaries: Arc<Dictionaries>) -> Result<Packer, StoreError> {
        let body = compressor(&dictionaries, Kind::Body)?;
        let meta = compressor(&dictionaries, Kind::Meta)?;
        Ok(Packer { unpacker: Unpacker::new(dictionaries), body, meta })
    }

    /// Its reading half.
    pub fn unpacker(&self) -> &Unpacker {
        &self.unpacker
    }

    /// Its dictionaries.
    pub fn dictionaries(&self) -> &Arc<Dictionaries> {
        &self.unpacker.dictionaries
    }

    /// A meta as bytes.
    pub fn pack_meta(&mut self, meta: &Meta) -> Result<Vec<u8>, StoreError> {
        self.pack(Kind::Meta, &encode(meta)?)
    }

    /// An edition as bytes.
    pub fn pack_edition(&mut self, edition: &Edition) -> Result<Vec<u8>, StoreError> {
        self.pack(Kind::Body, &encode(edition)?)
    }

    /// Dictionary number, length, zstd frame.
    pub fn pack(&mut self, kind: Kind, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (id, compressor) = match kind {
            Kind::Body => &mut self.body,
            Kind::Meta => &mut self.meta,
        };
        let length = u32::try_from(plain.len()).ok().filter(|_| plain.len() <= MAX_PLAIN);
        let length = length.ok_or_else(|| StoreError::Write("a value is larger than 64 MiB".into()))?;
        let packed = compressor.compress(plain);
        let packed = packed.map_err(|error| StoreError::Write(format!("a value cannot be compressed: {error}")))?;
        let [_, short @ ..] = length.min(LONG).to_be_bytes();
        let long = if length >= LONG { length.to_be_bytes().to_vec() } else { Vec::new() };
        Ok([&[*id][..], &short, &long, &packed].concat())
    }
}

fn compressor(dictionaries: &Dictionaries, kind: Kind) -> Result<(u8, Compressor<'static>), StoreError> {
    let id = dictionaries.newest(kind).unwrap_or(NONE);
    let made = Compressor::with_dictionary(LEVEL, dictionaries.bytes(id).unwrap_or_default()).and_then(|mut made| {
        // A dozen bytes a value that say what is known already: the journal and the tally have their own checks.
        made.include_checksum(false)?;
        made.include_contentsize(false)?;
        made.include_dictid(false)?;
        Ok(made)
    });
    made.map(|made| (id, made)).map_err(|error| StoreError::Write(format!("no compressor: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_unpacked_whatever_its_length() {
        let mut packer = Packer::new(Arc::default()).unwrap();
        for length in [0, 1, 1000, 0xff_fffe, 0xff_ffff, 0x100_0000] {
            let plain = vec![7; length];
            let packed = packer.pack(Kind::Body, &plain).unwrap();
            assert_eq!(packer.unpacker().plain(&packed).unwrap(), plain);
            for cut in 0..if length == 0 { 4 } else { packed.len().min(20) } {
                assert!(packer.unpacker().plain(&packed[..cut]).is_err(), "cut at {cut}");
            }
        }
    }

    #[test]
    fn an_old_value_is_read_after_a_new_dictionary_and_a_missing_one_is_named() {
        let samples: Vec<_> = (0..500).map(|n| format!("（文章来源：厦门日报）第{n}号线 {}", n * 7919)).collect();
        let trained = zstd::dict::from_samples(&samples, 4096).unwrap();
        let old = Packer::new(Arc::default()).unwrap().pack(Kind::Meta, samples[3].as_bytes()).unwrap();
        let dictionary = |order| Dictionary { kind: Kind::Meta, order, bytes: trained.clone() };
        let both = Dictionaries([(1, dictionary(1)), (2, dictionary(2))].into());
        assert_eq!((both.newest(Kind::Meta), both.newest(Kind::Body)), (Some(2), None));
        assert_eq!(both.further(vec![(Kind::Body, vec![9])]), [(keys::dictionary(3), vec![0, 0, 0, 0, 3, 9])]);
        assert_eq!(both.superseded(), [1]);
        let mut packer = Packer::new(Arc::new(both)).unwrap();
        let new = packer.pack(Kind::Meta, samples[3].as_bytes()).unwrap();
        assert_eq!((dictionary_of(&old), dictionary_of(&new)), (0, 2));
        assert!(new.len() < old.len());
        for packed in [&old, &new] {
            assert_eq!(packer.unpacker().plain(packed).unwrap(), samples[3].as_bytes());
        }
        let error = Unpacker::new(Arc::default()).plain(&new).unwrap_err().to_string();
        assert!(error.contains("dictionary 2 is missing"), "{error}");
    }
}
