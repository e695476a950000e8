//! `syndic run`: the daemon. Opens, polls, serves, answers commands; drains on SIGTERM or SIGINT.

use super::{Exit, Global, Output, Session, output::Unable, session};
use crate::{
    config::{Config, Loaded, Overrides},
    control, export,
    model::SourceKind,
    reload::{self, Reloader},
    serve::{self, App},
    supervisor, upkeep, view,
    vitals::{kept, surviving},
    websub::{Desk, Hub},
};
use anyhow::Context;
use futures::FutureExt;
use std::{fmt::Write, net::SocketAddr, sync::Arc, time::Instant};
use tokio::{
    net::{TcpListener, UnixListener},
    signal::unix::{Signal, SignalKind, signal},
    sync::Mutex,
};
use tokio_util::sync::CancellationToken;

/// Runs until told to stop. Exit 2 when it cannot start, with one line that says why.
pub(super) async fn run(global: &Global) -> anyhow::Result<Exit> {
    let output = Output::terminal();
    let mut hangups = reload::hangups()?;
    let (Loaded { config, written, .. }, files) = session::load_all(global, &output).await?;
    let listener = bind(&config).await?;
    let address = listener.local_addr()?;
    let config = Arc::new(reachable(config, address));
    let opening = Instant::now();
    let session = session::open(Arc::clone(&config))?;
    upkeep::begin(&session.tools.store, &config, session.tools.clock.now()).await?;
    let commands = control::listen(&config.store.path)?;
    output.line(greeting(&session, &config, address, opening.elapsed().as_millis()).await?).await?;

    // Where we listen and where the store is does not change while we run.
    let settled = Overrides { data: Some(config.store.path.clone()), listen: Some(address.to_string()) };
    let Session { successor, tools, reloads, .. } = session.clone();
    let reloader = Arc::new(Reloader::new((written, files), settled, successor, tools, reloads));
    let session = Session { reloader: Some(Arc::clone(&reloader)), ..session };

    session.tools.vitals.panics.watch(session.tools.clock.clone());
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone())?);
    let served = work(&session, (listener, commands), (&reloader, &mut hangups), &stop).await;
    let _ = std::fs::remove_file(control::socket_path(&config.store.path));
    session.publisher.keep(&session.tools.store).await;
    session.tools.store.close(session.tools.clock.now()).await?;
    served?;
    tracing::info!("stopped");
    Ok(Exit::Well)
}

/// Everything that goes on until somebody says stop. A fault of ours in one of these is counted and logged, and it is begun anew; the two that
/// hold what we listen on end the process, in order, for whoever supervises it to begin anew.
async fn work(
    session: &Session,
    (listener, commands): (TcpListener, UnixListener),
    (reloader, hangups): (&Reloader, &mut Signal),
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let Session { tools, config, poller, publisher, .. } = session;
    let websub = Desk::new(tools.clone(), poller.clone(), config.clone());
    let hub = Hub::new(tools.clone(), poller.clone(), config.clone());
    let feeds_toml = (config.clone(), session.reloads.clone());
    let app = App::new(feeds_toml, tools.clone(), publisher.clone(), websub.clone(), hub.clone());
    let hangups = Mutex::new(hangups);
    supervisor::ready();
    let (served, (), (), (), (), (), (), (), (), (), ()) = tokio::join!(
        to_the_end(serve::serve(listener, app.clone(), stop.clone()), stop),
        to_the_end(control::serve(commands, session.clone(), stop.clone()), stop).map(drop),
        kept("poller", stop, || poller.run(config.clone(), stop.clone())),
        kept("upkeep", stop, || upkeep::run(tools.clone(), config.clone(), stop.clone())),
        kept("websub", stop, || websub.clone().run(stop.clone())),
        kept("hub", stop, || hub.clone().run(stop.clone())),
        kept("reload", stop, || async {
            let mut hangups = hangups.lock().await;
            reloader.run(&mut hangups, stop.clone()).await;
        }),
        kept("publisher", stop, || publisher.run(&tools.store, stop.clone())),
        kept("export", stop, || export::keep(app.clone(), tools.store.clone(), config.clone(), stop.clone())),
        kept("watch", stop, || app.clone().watch(stop.clone())),
        kept("watchdog", stop, || supervisor::watchdog(async || app.is_alive().await, stop.clone())),
    );
    served.and_then(|served| served)
}

/// Without it nothing else is worth going on with.
async fn to_the_end<T>(work: impl Future<Output = T>, stop: &CancellationToken) -> anyhow::Result<T> {
    let done = surviving(work).await;
    stop.cancel();
    done.context("stopped after a fault in syndic: the log says where")
}

async fn bind(config: &Config) -> anyhow::Result<TcpListener> {
    let address = config.server.listen;
    let listener = TcpListener::bind(address).await;
    Ok(listener.map_err(|error| {
        Unable(format!("cannot listen on {address}: {error}; set [server] listen or --listen to a free address"))
    })?)
}

/// `listen = "…:0"` takes any free port: links that were made from that address get the port it became.
fn reachable(mut config: Config, address: SocketAddr) -> Config {
    if config.site.url.port() == Some(0) {
        let _ = config.site.url.set_port(Some(address.port()));
    }
    config.server.listen = address;
    config
}

/// Cancels `stop` at the first SIGTERM or SIGINT.
fn stop_on_signal(stop: CancellationToken) -> anyhow::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what is under way");
        supervisor::stopping();
        stop.cancel();
    })
}

/// What an operator wants to see at the start.
async fn greeting(session: &Session, config: &Config, address: SocketAddr, opened_ms: u128) -> anyhow::Result<String> {
    let store = &session.tools.store;
    let counts = store.counts().await?;
    let categories = view::published_categories(config, &store.categories().await?);
    let names: Vec<&str> = categories.iter().map(|category| category.slug.as_str()).collect();
    let (feeds, local): (Vec<_>, Vec<_>) = config
        .sources
        .iter()
        .filter(|source| source.enabled)
        .partition(|source| matches!(source.kind, SourceKind::Feed(_)));
    let base = config.site.url.as_str().trim_end_matches('/');
    let mut text = String::new();
    writeln!(text, "syndic {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(text, "  config      {}", config.path.display())?;
    writeln!(text, "  listening   http://{address}/")?;
    writeln!(text, "  sources     {} feeds, {} folders or files", feeds.len(), local.len())?;
    writeln!(text, "  categories  {}", if names.is_empty() { "none yet".to_owned() } else { names.join(", ") })?;
    writeln!(
        text,
        "  store       {}: {} entries, opened in {opened_ms} ms",
        config.store.path.display(),
        counts.entries
    )?;
    if let Some(why) = &store.opened().rebuilt {
        writeln!(text, "  rebuilt     {why}")?;
    }
    write!(text, "Open {base}/ in a browser; subscribe to {base}/all.atom")?;
    Ok(text)
}
