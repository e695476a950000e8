//! Dictionaries are trained once there is enough, used, replaced; what was packed before stays readable and is packed anew.

use super::*;

fn article(number: i64) -> Candidate {
    let mut one = candidate(&format!("N{number:05}"), number);
    let words: String =
        (0..40).map(|n| char::from_u32(0x4e00 + ((number * 7919 + n * 104_729) % 3000) as u32).unwrap()).collect();
    one.edition.content = Some(Text::html(format!(
        "<p>厦门日报讯（记者 王一）{words}</p><p>市交通局昨日表示，一号线将于年内开通运营。{number}</p><p>（文章来源：厦门日报）</p>"
    )));
    one
}

fn used(store: &Store) -> BTreeMap<(u8, u8), usize> {
    let mut used = BTreeMap::new();
    let each = |reading: &Reading<'_>| {
        reading.tree.each(|key, value| {
            if key.starts_with(b"m|") || key.starts_with(b"b|") {
                *used.entry((key[0], pack::dictionary_of(value))).or_default() += 1;
            }
            Ok(())
        })
    };
    store.0.shared.look(each).unwrap();
    used
}

/// Waits until the writer has nothing to do of its own accord: each of its answers comes after a step.
async fn settled(store: &Store) {
    while store.0.shared.look(|reading| Ok(reading.tree.get(keys::recode())?.is_some() || used_none(reading)?)).unwrap()
    {
        store.touch(&slug("tick"), SourceState::default()).await.unwrap();
        tokio::task::yield_now().await;
    }
}

fn used_none(reading: &Reading<'_>) -> Result<bool, StoreError> {
    Ok(reading.tree.under(keys::dictionaries()).next().is_none())
}

#[tokio::test]
async fn a_dictionary_comes_with_the_first_thousands_and_everything_is_packed_with_it() {
    let Home { store, folder } = home();
    for step in 0..31 {
        store.apply(fetch("one", 1, (step * 100..step * 100 + 100).map(article).collect())).await.unwrap();
    }
    settled(&store).await;
    assert_eq!(used(&store), [((b'b', 1), 3100), ((b'm', 2), 3100)].into());
    let before = store.scan(None, 9999).await.unwrap();
    assert_eq!(before.len(), 3100);
    let packed = store.0.shared.look(|reading| reading.tree.get(&keys::body(&code("N00077")))).unwrap().unwrap();
    let plain = rmp_serde::to_vec_named(&before[77].edition).unwrap();
    assert!(packed.len() * 3 < plain.len(), "{} of {}", packed.len(), plain.len());
    drop(store);
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    assert_eq!(store.scan(None, 9999).await.unwrap(), before);
    // Something is erased: the dictionaries are made anew, the old ones go.
    store.retract(&code("N00077"), "x", true, at(9)).await.unwrap();
    store.forget().await.unwrap();
    assert_eq!(used(&store), [((b'b', 3), 3099), ((b'm', 4), 3100)].into());
    assert_eq!(store.scan(None, 9999).await.unwrap().len(), 3099);
    let kept =
        store.0.shared.look(|reading| reading.tree.under(keys::dictionaries()).collect::<Result<Vec<_>, _>>()).unwrap();
    assert_eq!(kept.len(), 2);
    assert!(store.0.shared.look(|reading| reading.tree.get(keys::forget())).unwrap().is_none());
}
