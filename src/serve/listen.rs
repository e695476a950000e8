//! Connections: at most so many, none that says nothing for long, and an orderly end.

use super::{App, router};
use axum::{body::Body, extract::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower_service::Service;

/// Connections at once; more wait in the kernel's queue.
const CONNECTIONS: usize = 1024;

/// A client has this long to say what it wants.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// Answers under way have this long to end when we stop.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// Pause after an accept that failed for want of file descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// Answers requests until `shutdown`, then lets those under way end, within 10 seconds.
pub async fn serve(listener: TcpListener, app: Arc<App>, shutdown: CancellationToken) -> anyhow::Result<()> {
    answer(listener, router(app), shutdown).await
}

async fn answer(listener: TcpListener, router: axum::Router, shutdown: CancellationToken) -> anyhow::Result<()> {
    let house = House { router, server: Arc::new(server()), cut: CancellationToken::new() };
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place?,
            () = shutdown.cancelled() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let talk = house.clone().talk(stream, graceful.watcher());
                tokio::spawn(async move {
                    let _place = place;
                    talk.await;
                });
            }
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time and are cut");
    }
    house.cut.cancel();
    Ok(())
}

/// `axum::serve` installs no timer, so its header timeout never fires: the timers are set here.
fn server() -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_buf_size(64 * 1024);
    server
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(HEADER_TIME)
        .max_concurrent_streams(64)
        .max_header_list_size(16 * 1024);
    server
}

#[derive(Clone)]
struct House {
    router: axum::Router,
    server: Arc<auto::Builder<TokioExecutor>>,
    cut: CancellationToken,
}

impl House {
    async fn talk(self, stream: TcpStream, watcher: hyper_util::server::graceful::Watcher) {
        let _ = stream.set_nodelay(true);
        let asked = Arc::new(AtomicBool::new(false));
        let service = {
            let (asked, router) = (asked.clone(), self.router.clone());
            service_fn(move |request: Request<Incoming>| {
                asked.store(true, Ordering::Relaxed);
                let mut router = router.clone();
                async move { router.call(request.map(Body::new)).await }
            })
        };
        let connection = self.server.serve_connection(TokioIo::new(stream), service).into_owned();
        // The builder waits without a bound for the bytes that tell HTTP/1 from HTTP/2.
        let silent = async {
            tokio::time::sleep(HEADER_TIME).await;
            if asked.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            ended = watcher.watch(connection) => {
                if let Err(error) = ended {
                    tracing::debug!("a connection ended badly: {error}");
                }
            }
            () = silent => {}
            () = self.cut.cancelled() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn ask(request: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let router = axum::Router::new().fallback(|| async { "seven b" });
        let shutdown = CancellationToken::new();
        let served = tokio::spawn(answer(listener, router, shutdown.clone()));
        client.write_all(request.as_bytes()).await.unwrap();
        let mut said = String::new();
        client.read_to_string(&mut said).await.unwrap();
        shutdown.cancel();
        served.await.unwrap().unwrap();
        said
    }

    #[tokio::test]
    async fn head_is_get_without_the_body_and_an_end_is_an_end() {
        let get = ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.to_lowercase();
        let head = ask("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.to_lowercase();
        assert!(get.contains("content-length: 7\r\n") && get.ends_with("\r\n\r\nseven b"), "{get}");
        assert!(head.contains("content-length: 7\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    }
}
