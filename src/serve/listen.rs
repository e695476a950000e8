//! Connections: at most so many, none that says nothing or reads nothing for long, and an orderly end. HTTP/1.1 only: what proxies
//! speak to the servers behind them (docs/adr/0015).

use super::{
    App, client,
    limit::{Connections, Place},
    line::{self, Line},
};
use axum::{body::Body, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use std::{convert::Infallible, net::IpAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;

/// A client has this long to say what it wants, and to say something more.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// Bytes of a request's head, and header lines in it; more is 431.
const HEADER_BYTES: usize = 32 * 1024;
const HEADER_LINES: usize = 100;

/// Answers under way have this long to end when we stop.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// Pause after an accept that failed for want of file descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// To a client that has begun a request and does not end it.
const TOO_SLOW: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// To a client that has as many connections as it may.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Answers requests until `shutdown`, then lets those under way end, within 10 seconds.
pub async fn serve(listener: TcpListener, app: Arc<App>, shutdown: CancellationToken) -> anyhow::Result<()> {
    let config = app.config.borrow().clone();
    let bounds = Bounds { connections: config.server.connections, of_a_client: config.server.client_connections };
    let trusted = config.server.trusted_proxies.clone();
    let respond = move |peer, request| super::answer(app.clone(), peer, request);
    answer(listener, respond, bounds, trusted, shutdown).await
}

/// Connections at once; more wait in the kernel's queue.
struct Bounds {
    connections: usize,
    of_a_client: usize,
}

async fn answer<R, A>(
    listener: TcpListener,
    respond: R,
    bounds: Bounds,
    trusted: Vec<(IpAddr, u8)>,
    shutdown: CancellationToken,
) -> anyhow::Result<()>
where
    R: Fn(IpAddr, Request) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    let house = House { respond, server: server(), cut: CancellationToken::new() };
    let (graceful, clients) = (GracefulShutdown::new(), Connections::default());
    let places = Arc::new(Semaphore::new(bounds.connections));
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
            Ok((stream, peer)) => {
                let counted = client::of_peer(peer.ip(), &trusted);
                let admitted = counted.map(|client| clients.admit(client, bounds.of_a_client).ok_or(client));
                match admitted.transpose() {
                    Ok(client_place) => {
                        let talk = house.clone().talk(stream, peer.ip(), client_place, graceful.watcher());
                        tokio::spawn(async move {
                            let _place = place;
                            talk.await;
                        });
                    }
                    Err(_) => line::say(stream, TOO_MANY),
                }
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
fn server() -> http1::Builder {
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADER_LINES);
    server
}

#[derive(Clone)]
struct House<R> {
    respond: R,
    server: http1::Builder,
    cut: CancellationToken,
}

impl<R, A> House<R>
where
    R: Fn(IpAddr, Request) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    async fn talk(self, stream: TcpStream, peer: IpAddr, _client: Option<Place>, watcher: Watcher) {
        let _ = stream.set_nodelay(true);
        let respond = self.respond;
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let response = respond(peer, request.map(Body::new));
            async move { Ok::<_, Infallible>(response.await) }
        });
        let (line, rest) = Line::over(stream);
        let connection = self.server.serve_connection(TokioIo::new(line), service);
        tokio::select! {
            ended = watcher.watch(connection) => match ended {
                Err(error) if error.is_timeout() => rest.say(TOO_SLOW),
                Err(error) => tracing::debug!("a connection ended badly: {error}"),
                Ok(()) => {}
            },
            () = self.cut.cancelled() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const BOUNDS: Bounds = Bounds { connections: 8, of_a_client: 8 };

    async fn respond(_peer: IpAddr, _request: Request) -> Response {
        Response::new(Body::from("seven b"))
    }

    async fn ask(request: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let shutdown = CancellationToken::new();
        let served = tokio::spawn(answer(listener, respond, BOUNDS, Vec::new(), shutdown.clone()));
        client.write_all(request.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        // What the server has not read when it closes ends the connection with an error, after what it has said.
        while let Ok(1..) = client.read_buf(&mut said).await {}
        shutdown.cancel();
        served.await.unwrap().unwrap();
        String::from_utf8(said).unwrap()
    }

    #[tokio::test]
    async fn head_is_get_without_the_body_and_an_end_is_an_end() {
        let get = ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.to_lowercase();
        let head = ask("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.to_lowercase();
        assert!(get.contains("content-length: 7\r\n") && get.ends_with("\r\n\r\nseven b"), "{get}");
        assert!(head.contains("content-length: 7\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    }

    #[tokio::test]
    async fn a_head_without_measure_is_refused() {
        let many = "a: b\r\n".repeat(HEADER_LINES + 1);
        let long = format!("a: {}\r\n", "b".repeat(3 * HEADER_BYTES));
        for (head, status) in [(many, "431"), (long, "431"), ("a b\r\n".to_owned(), "400")] {
            let said = ask(&format!("GET / HTTP/1.1\r\nHost: a\r\n{head}\r\n")).await;
            assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {said}");
        }
        let said = ask(&format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "b".repeat(3 * HEADER_BYTES))).await;
        assert!(said.starts_with("HTTP/1.1 431 ") || said.starts_with("HTTP/1.1 414 "), "{said}");
    }

    #[tokio::test]
    async fn a_client_has_no_more_connections_than_it_may() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let bounds = Bounds { connections: 8, of_a_client: 0 };
        let served = tokio::spawn(answer(listener, respond, bounds, Vec::new(), shutdown.clone()));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut said = String::new();
        client.read_to_string(&mut said).await.unwrap();
        assert!(said.ends_with("seven b"), "this machine is not counted: {said}");
        shutdown.cancel();
        served.await.unwrap().unwrap();
    }
}
