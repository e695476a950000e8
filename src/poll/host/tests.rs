//! Who waits for whom, with a clock that tests move.

use super::*;
use crate::poll::pace::PAUSE;
use tokio::{sync::mpsc, time::Instant};

/// A clock that goes with tokio's, which tests stop.
fn clock() -> Clock {
    let made = Instant::now();
    Clock::from_fn(move || Time::default() + made.elapsed())
}

fn fetch() -> FetchConfig {
    FetchConfig { user_agent: "x".into(), max_bytes: 1, timeout: PAUSE, allow: vec![], dns: vec![] }
}

/// Hosts, and the sources that they let start.
fn hosts(concurrency: usize) -> (Arc<Hosts>, mpsc::UnboundedReceiver<(SourceId, Slot)>) {
    let hosts = Hosts::new(concurrency, clock());
    let (send, started) = mpsc::unbounded_channel();
    let inside = Arc::clone(&hosts);
    tokio::spawn(async move {
        while let Some(started) = inside.next().await {
            let _ = send.send(started);
        }
    });
    (hosts, started)
}

fn url(host: &str) -> Url {
    format!("https://{host}/feed").parse().unwrap()
}

fn put(hosts: &Hosts, name: &str, host: &str, seconds: u64) {
    let (key, every) = hosts.paces().of_url(&fetch(), &url(host)).unwrap();
    let spot = Spot { key, every, skips: Default::default() };
    hosts.put(&crate::model::Slug::parse(name).unwrap(), spot, Duration::from_secs(seconds));
}

#[tokio::test(start_paused = true)]
async fn a_second_request_to_a_host_waits_for_the_first_and_the_pause() {
    let (hosts, _started) = hosts(8);
    let start = Instant::now();
    let first = hosts.visit(&fetch(), Some(&url("a.example.org"))).await;
    assert_eq!(start.elapsed(), Duration::ZERO, "the first is not held back");
    tokio::time::advance(Duration::from_secs(9)).await;
    drop(first);
    drop(hosts.visit(&fetch(), Some(&url("b.example.org"))).await);
    assert!(start.elapsed() >= Duration::from_secs(9) + PAUSE);
}

#[tokio::test(start_paused = true)]
async fn sources_start_when_they_are_due_and_a_held_host_is_left_alone() {
    let (hosts, mut started) = hosts(8);
    let start = Instant::now();
    put(&hosts, "a", "a.example", 600);
    put(&hosts, "b", "b.example", 300);
    hosts.hold("b.example", Time::default() + Duration::from_secs(7_200));
    let (source, slot) = started.recv().await.unwrap();
    assert_eq!((source.as_str(), start.elapsed().as_secs()), ("a", 600));
    drop(slot);
    let (source, _slot) = started.recv().await.unwrap();
    assert_eq!((source.as_str(), start.elapsed().as_secs()), ("b", 7_200));
}

#[tokio::test(start_paused = true)]
async fn nobody_starts_without_a_permit_and_a_turn_ends_before_the_work() {
    let (hosts, mut started) = hosts(1);
    put(&hosts, "a", "a.example", 0);
    put(&hosts, "b", "b.example", 0);
    let (_, slot) = started.recv().await.unwrap();
    tokio::time::advance(Duration::from_secs(60)).await;
    assert!(started.try_recv().is_err());
    drop(slot);
    let (source, slot) = started.recv().await.unwrap();
    let mut visit = Visit { hosts: Arc::clone(&hosts), here: Some(slot), url: None, store: None, doorman: None };
    visit.has_asked();
    let other = if source.as_str() == "a" { "a.example" } else { "b.example" };
    assert!(visit.go(&fetch(), Some(&url(other))).await, "its own host is free again");
    hosts.close();
    assert!(!visit.go(&fetch(), Some(&url(other))).await && visit.is_over());
    assert!(started.recv().await.is_none());
}

/// A poll at a host that keeps it waiting for an answer's first byte for so many seconds, and works for as many more.
async fn slow(hosts: &Arc<Hosts>, slot: Slot, answers_after: u64, works: u64) -> Duration {
    let start = Instant::now();
    let mut visit = Visit { hosts: Arc::clone(hosts), here: Some(slot), url: None, store: None, doorman: None };
    visit.patiently(tokio::time::sleep(Duration::from_secs(answers_after))).await;
    visit.resume().await;
    let waited = start.elapsed();
    tokio::time::sleep(Duration::from_secs(works)).await;
    waited
}

#[tokio::test(start_paused = true)]
async fn a_server_that_keeps_a_poll_waiting_keeps_no_others_but_works_on_only_with_a_permit() {
    let (hosts, mut started) = hosts(1);
    put(&hosts, "a", "a.example", 0);
    let (_, slot) = started.recv().await.unwrap();
    let start = Instant::now();
    let inside = Arc::clone(&hosts);
    let hanging = tokio::spawn(async move { slow(&inside, slot, 30, 0).await });
    tokio::task::yield_now().await;
    put(&hosts, "b", "b.example", 0);
    let (source, slot) = started.recv().await.unwrap();
    assert_eq!((source.as_str(), start.elapsed()), ("b", PATIENCE));
    // That one is answered at once, and works for longer than the first is kept waiting.
    slow(&hosts, slot, 0, 40).await;
    assert_eq!(hanging.await.unwrap(), PATIENCE + Duration::from_secs(40));
}

#[tokio::test(start_paused = true)]
async fn whoever_lent_its_permit_has_it_back_at_once_where_nobody_else_wants_it() {
    let (hosts, mut started) = hosts(1);
    put(&hosts, "a", "a.example", 0);
    put(&hosts, "b", "b.example", 600);
    let (_, slot) = started.recv().await.unwrap();
    assert_eq!(slow(&hosts, slot, 9, 0).await, Duration::from_secs(9));
}

#[tokio::test(start_paused = true)]
async fn no_more_than_so_many_permits_are_lent() {
    let (hosts, mut started) = hosts(1);
    for number in 0..=MOST_LENT + 2 {
        put(&hosts, &format!("s{number}"), &format!("h{number}.example"), 0);
    }
    let start = Instant::now();
    for _ in 0..=MOST_LENT {
        let (_, slot) = started.recv().await.unwrap();
        let inside = Arc::clone(&hosts);
        tokio::spawn(async move { slow(&inside, slot, 86_400, 0).await });
    }
    let lending = u32::try_from(MOST_LENT).unwrap() * PATIENCE;
    assert!(start.elapsed() >= lending && start.elapsed() < 2 * lending);
    assert!(tokio::time::timeout(Duration::from_secs(40_000), started.recv()).await.is_err(), "the last keeps its own");
}

#[tokio::test(start_paused = true)]
async fn a_visitor_that_went_away_keeps_nobody_waiting() {
    let (hosts, _started) = hosts(1);
    let start = Instant::now();
    let first = hosts.visit(&fetch(), Some(&url("a.example"))).await;
    let gone = tokio::time::timeout(PAUSE, hosts.visit(&fetch(), Some(&url("a.example")))).await;
    assert!(gone.is_err());
    drop(first);
    assert!(hosts.visit(&fetch(), Some(&url("a.example"))).await.is_some());
    assert!(start.elapsed() < 3 * PAUSE, "nor does a pause begin: it asked nobody");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_an_earlier_run_asked_rests_from_then_on_not_from_the_start() {
    let (hosts, _started) = hosts(1);
    tokio::time::advance(Duration::from_secs(100)).await;
    let (key, _) = hosts.paces().of_url(&fetch(), &url("a.example")).unwrap();
    let start = Instant::now();
    hosts.rest(&key, Duration::from_secs(10), Time::default() + Duration::from_secs(97));
    drop(hosts.visit(&fetch(), Some(&url("a.example"))).await);
    assert_eq!(start.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_hold_counts_for_the_host_that_is_really_asked() {
    let (hosts, mut started) = hosts(1);
    put(&hosts, "a", "new.example", 0);
    let (_, slot) = started.recv().await.unwrap();
    hosts.hold("old.example", Time::default() + Duration::from_secs(60));
    assert_eq!(slot.held(), None);
    hosts.hold("new.example", Time::default() + Duration::from_secs(60));
    assert_eq!(slot.held(), Some(Duration::from_secs(60)));
}

#[tokio::test(start_paused = true)]
async fn who_left_every_host_waits_for_a_permit_before_he_works_on() {
    let (hosts, _started) = hosts(1);
    let visit = || Visit { hosts: Arc::clone(&hosts), here: None, url: None, store: None, doorman: None };
    let (mut first, mut second) = (visit(), visit());
    let fetch = fetch();
    assert!(first.go(&fetch, Some(&url("a.example"))).await);
    let polls = || hosts.bounds()[0];
    assert_eq!((polls().used, polls().limit), (1, Some(1)));
    let work = tokio::time::timeout(Duration::from_secs(60), second.work_on(&fetch)).await;
    assert!(work.is_err(), "the only permit is taken");
    first.leave();
    second.work_on(&fetch).await;
    assert!(second.here.is_some());
    second.work_on(&fetch).await;
    second.leave();
    assert!(first.go(&fetch, Some(&url("b.example"))).await, "it was one permit, and it is free");
    hosts.close();
    second.work_on(&fetch).await;
    assert!(second.here.is_none(), "who is shutting down does not wait");
}

#[tokio::test(start_paused = true)]
async fn errands_are_bounded_and_counted() {
    let (hosts, _started) = hosts(1);
    let visit = Visit { hosts: Arc::clone(&hosts), here: None, url: None, store: None, doorman: None };
    let errands: Vec<_> = (0..MOST_ERRANDS).map_while(|_| visit.errand()).collect();
    assert!(errands.len() == MOST_ERRANDS && visit.errand().is_none());
    let bound = hosts.bounds()[3];
    assert_eq!((bound.used, bound.limit, bound.refused), (64, Some(64), 1));
    drop(errands);
    assert!(visit.errand().is_some());
}
