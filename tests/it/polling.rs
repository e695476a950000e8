//! The poller that stays: what it asks after a start, after a restart, and how it ends.

use crate::support::{Reply, World};
use std::{sync::Arc, time::Duration};
use syndic::{
    config::Config,
    model::{Clock, FailureKind, SourceState, Time},
    poll::Poller,
    refresh::{Outcome, Tools},
};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

const DOCUMENT: &str = "<rss version=\"2.0\"><channel><title>t</title><link>https://x.example/</link><description>d</description>\
    <item><title>One</title><link>https://x.example/1</link><guid>1</guid></item></channel></rss>";

/// A daemon's poller, at a time of day that passes.
struct Run {
    config: watch::Sender<Arc<Config>>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Run {
    fn start(world: &World, at: Time) -> Run {
        let made = std::time::Instant::now();
        let tools = Tools { clock: Clock::from_fn(move || at + made.elapsed()), ..world.tools() };
        let (config, watched) = watch::channel(world.config());
        let (stop, poller) = (CancellationToken::new(), Poller::new(tools, 8));
        let stopped = stop.clone();
        Run { config, stop, task: tokio::spawn(async move { poller.run(watched, stopped).await }) }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

fn noon() -> Time {
    "2026-11-24T12:10:00Z".parse().unwrap()
}

/// Waits until a source's state is as wanted.
async fn until(world: &World, id: &str, wanted: impl Fn(&SourceState) -> bool) -> SourceState {
    loop {
        let state = world.state(id).await;
        if wanted(&state) {
            return state;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn polled(world: &World, id: &str) -> SourceState {
    until(world, id, |state| state.last_attempt.is_some()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_hang_hold_nobody_else_up() {
    let (hanging, others) = (["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], ["x", "y", "z"]);
    let other = "[[source]]\nid = \"other\"\nurl = \"http://other.example/\"\n";
    let mut world = World::new().await.without("timeout = \"2s\"\n").edited(other, "");
    for id in hanging {
        world = world.source_with(id, "category = \"news\"");
        world.upstream.serve(&format!("/{id}"), Reply::hanging());
    }
    let run = Run::start(&world, noon());
    // All eight permits are in use.
    while hanging.iter().filter(|id| !world.upstream.requests(&format!("/{id}")).is_empty()).count() < 8 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for id in others {
        world = world.source_with(id, "category = \"news\"");
        world.upstream.serve(&format!("/{id}"), Reply::xml(DOCUMENT));
    }
    run.config.send_replace(world.config());
    for id in others {
        assert_eq!(polled(&world, id).await.error, None);
    }
    for id in hanging {
        assert_eq!(world.state(id).await.last_attempt, None, "it still hangs");
    }
    run.stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_early_because_of_a_restart_and_new_sources_are_asked_at_once() {
    let world = World::new().await.source_with("rail", "category = \"news\"");
    world.upstream.serve("/rail", Reply::xml(DOCUMENT));
    world.upstream.serve("/road", Reply::xml(DOCUMENT));
    let run = Run::start(&world, noon());
    let state = polled(&world, "rail").await;
    assert!(state.next_poll.unwrap() > noon() + Duration::from_secs(600), "{state:?}");
    run.end().await;

    let world = world.restarted().await.source_with("road", "category = \"news\"");
    let run = Run::start(&world, noon() + Duration::from_secs(300));
    polled(&world, "road").await;
    run.end().await;
    let run = Run::start(&world, state.next_poll.unwrap() - Duration::from_millis(200));
    until(&world, "rail", |state| state.last_attempt.is_some_and(|at| at > noon() + Duration::from_secs(600))).await;
    run.end().await;
    let asked = ["/rail", "/road"].map(|path| world.upstream.requests(path).len());
    assert_eq!(asked[0], 2, "once at the first start, and once when it was due");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_feeds_toml_adds_is_asked_and_one_it_takes_out_is_not() {
    let world = World::new().await.source_with("rail", "category = \"news\"\nevery = \"1s\"");
    world.upstream.serve("/rail", Reply::xml(DOCUMENT));
    world.upstream.serve("/road", Reply::xml(DOCUMENT));
    let run = Run::start(&world, noon());
    polled(&world, "rail").await;
    let world = world.without("language = \"en\"\n").source_with("road", "category = \"news\"\nevery = \"1s\"");
    run.config.send(world.config()).unwrap();
    polled(&world, "road").await;
    let before = world.upstream.requests("/rail").len();
    until(&world, "road", |_| world.upstream.requests("/road").len() >= 3).await;
    run.end().await;
    assert!(world.upstream.requests("/rail").len() <= before + 1, "one may have been under way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_hangs_holds_up_neither_the_others_nor_the_end() {
    let world = World::new().await.source_with("rail", "category = \"news\"");
    world.upstream.serve("/rail", Reply::hanging());
    let world = world.source_with("road", "category = \"news\"");
    world.upstream.serve("/road", Reply::xml(DOCUMENT));
    let run = Run::start(&world, noon());
    polled(&world, "road").await;
    run.end().await;
    let state = world.state("rail").await;
    assert!(state.error.is_none_or(|error| error.kind == FailureKind::Timeout), "cut off, or given up by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explicit_poll_keeps_holds_unless_forced() {
    let world = World::new().await.source_with("rail", "category = \"news\"");
    world.upstream.serve("/rail", Reply::status(503).with("retry-after", "7200"));
    let (config, poller) = (world.config(), Poller::new(world.tools(), 8));
    let mut outcomes = Vec::new();
    for force in [false, false, true] {
        let mut reports = poller.pass(&config, config.sources.clone(), force);
        outcomes.push(reports.recv().await.unwrap().outcome);
    }
    assert!(matches!(&outcomes[0], Ok(Outcome::Failed(failure)) if failure.kind == FailureKind::Held), "{outcomes:?}");
    assert!(outcomes[1].as_ref().is_err_and(|reason| reason.contains("--force")), "{outcomes:?}");
    assert!(outcomes[2].is_ok());
    assert_eq!(world.upstream.requests("/rail").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_believed_is_asked_at_its_new_address() {
    let world = World::new().await.source_with("rail", "category = \"news\"");
    world.upstream.serve("/rail", Reply::status(301).with("location", "/moved"));
    world.upstream.serve("/moved", Reply::xml(DOCUMENT).with("etag", "\"1\""));
    for _ in 0..9 {
        world.refresh().await;
        world.pass_time(chrono::TimeDelta::days(1));
    }
    let asked = ["/rail", "/moved"].map(|path| world.upstream.requests(path).len());
    assert_eq!(asked, [8, 9], "after seven days no more at the old one");
    assert!(world.upstream.requests("/moved")[1..].iter().all(|request| request.contains_key("if-none-match")));
    world.upstream.serve("/moved", Reply::status(404));
    world.refresh().await;
    world.upstream.serve("/rail", Reply::xml(DOCUMENT));
    let outcome = world.refresh().await.remove(0).1;
    assert!(matches!(outcome, Outcome::NotModified), "the document is the one we know: {outcome:?}");
    assert_eq!(world.state("rail").await.adopted, None);
}
