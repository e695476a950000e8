//! One piece of work a key: whoever asks while it is under way waits for the same result. The work goes on when the
//! one who asked first goes away, and its key is free again when it has ended, in whatever way.

use anyhow::anyhow;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};
use tracing::Instrument;

type Outcome<V> = Result<V, Arc<anyhow::Error>>;
type UnderWay<K, V> = Arc<Mutex<HashMap<K, Shared<BoxFuture<'static, Outcome<V>>>>>>;

/// The work under way, by key. As many keys as there are requests at most: a key leaves with its work.
pub(crate) struct Flights<K, V> {
    under_way: UnderWay<K, V>,
}

impl<K, V> Flights<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new() -> Flights<K, V> {
        Flights { under_way: Arc::default() }
    }

    /// Waits for the work of that key; starts it when none is under way. All who wait are told of the same failure.
    pub(crate) async fn join(
        &self,
        key: K,
        work: impl Future<Output = anyhow::Result<V>> + Send + 'static,
    ) -> anyhow::Result<V> {
        let flight = {
            let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
            match under_way.get(&key) {
                Some(flight) => flight.clone(),
                None => {
                    let flight = take_off(Landing { key: key.clone(), under_way: self.under_way.clone() }, work);
                    under_way.insert(key, flight.clone());
                    flight
                }
            }
        };
        flight.await.map_err(|error| anyhow!("{error:#}"))
    }
}

fn take_off<K, V>(
    landing: Landing<K, V>,
    work: impl Future<Output = anyhow::Result<V>> + Send + 'static,
) -> Shared<BoxFuture<'static, Outcome<V>>>
where
    K: Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    let flown = async move {
        let _landing = landing;
        work.await
    };
    // What it logs names the request that began it.
    let task = tokio::spawn(flown.in_current_span());
    let outcome = async move {
        match task.await {
            Ok(result) => result.map_err(Arc::new),
            Err(error) => Err(Arc::new(anyhow!(error))),
        }
    };
    outcome.boxed().shared()
}

/// Frees the key when the work ends, also when it panics.
struct Landing<K: Eq + Hash, V: Clone> {
    key: K,
    under_way: UnderWay<K, V>,
}

impl<K: Eq + Hash, V: Clone> Drop for Landing<K, V> {
    fn drop(&mut self) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Semaphore;

    fn work(runs: &Arc<AtomicUsize>, gate: &Arc<Semaphore>, result: u32) -> BoxFuture<'static, anyhow::Result<u32>> {
        let (runs, gate) = (runs.clone(), gate.clone());
        async move {
            runs.fetch_add(1, Ordering::SeqCst);
            let _open = gate.acquire().await?;
            Ok(result)
        }
        .boxed()
    }

    #[tokio::test]
    async fn those_who_ask_for_one_key_share_one_run() {
        let (flights, runs, gate) = (Flights::new(), Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let all = futures::future::join_all((0..20).map(|_| flights.join("a", work(&runs, &gate, 7))));
        let (results, ()) = tokio::join!(all, async { gate.add_permits(1) });
        assert!(results.into_iter().all(|result| result.unwrap() == 7));
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn another_key_does_not_join() {
        let (flights, runs, gate) = (Flights::new(), Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(2)));
        let (old, new) = tokio::join!(flights.join(1, work(&runs, &gate, 1)), flights.join(2, work(&runs, &gate, 2)));
        assert_eq!((old.unwrap(), new.unwrap()), (1, 2));
        assert_eq!(runs.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn the_work_outlives_the_one_who_asked_and_the_key_is_freed() {
        let (flights, runs, gate) = (Flights::new(), Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        {
            let mut first = Box::pin(flights.join("a", work(&runs, &gate, 7)));
            assert!((&mut first).now_or_never().is_none());
        }
        tokio::task::yield_now().await;
        let second = flights.join("a", work(&runs, &gate, 8));
        let (result, ()) = tokio::join!(second, async { gate.add_permits(1) });
        assert_eq!(result.unwrap(), 7, "the second joined what the first had started");
        assert!(flights.under_way.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_failure_or_panic_is_told_and_the_next_one_tries_again() {
        let flights: Flights<&str, u32> = Flights::new();
        let error = flights.join("a", async { Err(anyhow!("no paper")) }).await.unwrap_err();
        assert_eq!(error.to_string(), "no paper");
        flights.join("a", async { panic!("jam") }).await.unwrap_err();
        assert_eq!(flights.join("a", async { Ok(3) }).await.unwrap(), 3);
    }
}
