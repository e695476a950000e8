//! `syndic run`: the daemon. Opens, polls, serves, answers commands; drains on SIGTERM or SIGINT.

use super::{Exit, Global, Output, Session, output::Unable, session};
use crate::{
    config::{Config, Loaded, Overrides},
    control, export,
    model::SourceKind,
    reload::{self, Reloader},
    serve::{self, App},
    upkeep, view,
    websub::{Desk, Hub},
};
use std::{fmt::Write, net::SocketAddr, sync::Arc, time::Instant};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

/// Runs until told to stop. Exit 2 when it cannot start, with one line that says why.
pub(super) async fn run(global: &Global) -> anyhow::Result<Exit> {
    let output = Output::terminal();
    let hangups = reload::hangups()?;
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

    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone())?);
    let websub = Desk::new(session.tools.clone(), session.poller.clone(), session.config.clone());
    let hub = Hub::new(session.tools.clone(), session.poller.clone(), session.config.clone());
    let (tools, publisher) = (session.tools.clone(), session.publisher.clone());
    let app = App::new(
        (session.config.clone(), session.reloads.clone()),
        tools,
        publisher.clone(),
        websub.clone(),
        hub.clone(),
    );
    let (served, (), (), (), (), (), (), (), ()) = tokio::join!(
        serve::serve(listener, app.clone(), stop.clone()),
        export::keep(app, session.tools.store.clone(), session.config.clone(), stop.clone()),
        session.poller.run(session.config.clone(), stop.clone()),
        upkeep::run(session.tools.clone(), session.config.clone(), stop.clone()),
        websub.run(stop.clone()),
        hub.run(stop.clone()),
        reloader.run(hangups, stop.clone()),
        publisher.run(&session.tools.store, stop.clone()),
        control::serve(commands, session.clone(), stop.clone()),
    );
    let _ = std::fs::remove_file(control::socket_path(&config.store.path));
    publisher.keep(&session.tools.store).await;
    session.tools.store.close(session.tools.clock.now()).await?;
    served?;
    tracing::info!("stopped");
    Ok(Exit::Well)
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
