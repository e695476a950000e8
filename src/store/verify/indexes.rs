//! Whether the indexes say what the entries say: every entry is where it belongs, and nothing else is there.

use super::Faults;
use crate::store::{
    StoreError, codec, keys,
    meta::Meta,
    pack::Unpacker,
    place::{EVERYTHING, feeds_of, hidden_under, slot},
    sled::Tree,
};
use std::collections::BTreeMap;

/// What the entries lead to expect.
#[derive(Default)]
struct Expected {
    filed: BTreeMap<String, u64>,
    orders: u64,
    joins: u64,
    bodies: u64,
    tombstones: u64,
    hidden: u64,
    wakes: u64,
}

/// Looks up what each entry leads to, then counts: as many as were found, and no more, may be there.
pub fn check(tree: &Tree, unpacker: &Unpacker, faults: &mut Faults) -> Result<(), StoreError> {
    let mut expected = Expected::default();
    for item in tree.under(keys::metas()) {
        let (key, meta) = item?;
        entry(tree, &unpacker.meta(&key, &meta)?, &mut expected, faults)?;
    }
    for (kind, prefix, wanted) in [
        ("places", &b"c|"[..], expected.orders),
        ("bodies", b"b|", expected.bodies),
        ("withdrawals", keys::tombstones(), expected.tombstones),
        ("hidden entries", b"x|", expected.hidden),
        ("wakes", keys::wakes(), expected.wakes),
    ] {
        compare(kind, tree.under(prefix).count() as u64, wanted, faults);
    }
    let mut joins = 0;
    for item in tree.under(b"j|") {
        joins += codec::decode_block(&item?.1)?.iter().filter(|joined| !joined.left).count() as u64;
    }
    compare("joins", joins, expected.joins, faults);
    counters(tree, &expected, faults)?;
    for prefix in [&b"a|"[..], b"i|"] {
        for item in tree.under(prefix) {
            let code = codec::code(&item?.1)?;
            if tree.get(&keys::meta(&code))?.is_none() {
                faults.add(format!("a name leads to {code}, which is not there"));
            }
        }
    }
    Ok(())
}

fn entry(tree: &Tree, meta: &Meta, expected: &mut Expected, faults: &mut Faults) -> Result<(), StoreError> {
    let code = &meta.code;
    let mut wants = |key: Vec<u8>, what: &str| -> Result<u64, StoreError> {
        let there = tree.get(&key)?.is_some();
        if !there {
            faults.add(format!("{code}: {what} is missing"));
        }
        Ok(u64::from(there))
    };
    if !meta.is_stub() {
        expected.bodies += wants(keys::body(code), "its text")?;
    }
    if meta.withdrawn.is_some() {
        expected.tombstones += wants(keys::tombstone(code), "its withdrawal")?;
    }
    if let Some(time) = meta.wake {
        expected.wakes += wants(keys::wake(time, code), "its wake")?;
    }
    for source in hidden_under(meta) {
        expected.hidden += wants(keys::hidden(&source, code), "its place among what is hidden")?;
    }
    for feed in feeds_of(meta) {
        if feed != EVERYTHING {
            expected.orders += wants(keys::order(&feed, meta.place()), &format!("its place under {feed}"))?;
        }
        *expected.filed.entry(feed).or_default() += 1;
    }
    for join in &meta.joins {
        let block = tree.get(&keys::joined(&join.feed, join.number))?.unwrap_or_default();
        let joined = codec::decode_block(&block)?;
        let there =
            joined.iter().any(|joined| joined.slot == slot(join.number) && joined.code == *code && !joined.left);
        expected.joins += u64::from(there);
        if !there {
            faults.add(format!("{code}: its join {} of {} is missing", join.number, join.feed));
        }
    }
    Ok(())
}

fn counters(tree: &Tree, expected: &Expected, faults: &mut Faults) -> Result<(), StoreError> {
    let mut seen = 0;
    for item in tree.under(keys::heads()) {
        let (key, value) = item?;
        let feed = keys::tail(keys::heads(), &key).unwrap_or_default();
        let wanted = expected.filed.get(feed).copied();
        seen += usize::from(wanted.is_some());
        compare(&format!("entries under {feed}"), codec::Head::decode(&value)?.filed, wanted.unwrap_or(0), faults);
    }
    if seen < expected.filed.len() {
        faults.add(format!("{} feeds have no counters", expected.filed.len() - seen));
    }
    Ok(())
}

fn compare(kind: &str, found: u64, wanted: u64, faults: &mut Faults) {
    if found != wanted {
        faults.add(format!("{kind}: {found} are kept, the entries lead to {wanted}"));
    }
}
