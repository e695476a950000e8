//! Connections: at most so many, none that says nothing or reads nothing for long, and an orderly end. HTTP/1.1 only: what proxies
//! speak to the servers behind them (docs/adr/0015).

use super::{
    App, client,
    limit::{Client, Connections, Doors, Place},
    line::{self, Line},
    threads::Threads,
};
use axum::{body::Body, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use std::{convert::Infallible, net::IpAddr, num::NonZeroUsize, sync::Arc, thread, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// A client has this long to say what it wants, and to say something more.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// Bytes of a request's head; more is 431. More than 100 lines are as well: hyper's own bound, for which it has room without asking.
const HEADER_BYTES: usize = 32 * 1024;

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
    let bounds = Bounds { doors: app.doors.clone(), of_a_client: config.server.client_connections };
    let trusted = config.server.trusted_proxies.clone();
    let respond = move |peer, request| super::answer(app.clone(), peer, request);
    let threads = Threads::start(thread::available_parallelism().map_or(1, NonZeroUsize::get))?;
    let ended = answer(listener, respond, bounds, |peer| client::of_peer(peer, &trusted), &threads, shutdown).await;
    // What did not end in time is cut off here.
    tokio::task::spawn_blocking(move || drop(threads)).await?;
    ended
}

/// Connections at once; more wait in the kernel's queue.
struct Bounds {
    doors: Arc<Doors>,
    of_a_client: usize,
}

/// `counted` says for whom a peer's connection counts; `None`: for nobody.
async fn answer<R, A>(
    listener: TcpListener,
    respond: R,
    bounds: Bounds,
    counted: impl Fn(IpAddr) -> Option<Client>,
    threads: &Threads,
    shutdown: CancellationToken,
) -> anyhow::Result<()>
where
    R: Fn(IpAddr, Request) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    let house = House { respond, server: server() };
    let (graceful, clients) = (GracefulShutdown::new(), Connections::default());
    loop {
        let place = tokio::select! {
            Some(place) = bounds.doors.connections.acquire() => place,
            () = shutdown.cancelled() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let admitted = counted(peer.ip()).map(|client| clients.admit(client, bounds.of_a_client).ok_or(client));
                match admitted.transpose() {
                    Ok(client_place) => {
                        let talk = house.clone().talk(stream, peer.ip(), client_place, graceful.watcher());
                        threads.spawn(async move {
                            let _place = place;
                            talk.await;
                        });
                    }
                    Err(_) => {
                        bounds.doors.of_a_client.refused();
                        line::say(stream, TOO_MANY);
                    }
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
    Ok(())
}

/// `axum::serve` installs no timer, so its header timeout never fires: the timers are set here.
fn server() -> http1::Builder {
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_buf_size(HEADER_BYTES);
    server
}

#[derive(Clone)]
struct House<R> {
    respond: R,
    server: http1::Builder,
}

impl<R, A> House<R>
where
    R: Fn(IpAddr, Request) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    /// On a runtime that is not the one it was accepted on.
    async fn talk(self, stream: TcpStream, peer: IpAddr, _client: Option<Place>, watcher: Watcher) {
        let Ok(stream) = stream.into_std().and_then(TcpStream::from_std) else { return };
        let _ = stream.set_nodelay(true);
        let respond = self.respond;
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let response = respond(peer, request.map(Body::new));
            async move { Ok::<_, Infallible>(response.await) }
        });
        let (line, rest) = Line::over(stream);
        let connection = self.server.serve_connection(TokioIo::new(line), service);
        match watcher.watch(connection).await {
            Err(error) if error.is_timeout() => rest.say(TOO_SLOW),
            Err(error) => tracing::debug!("a connection ended badly: {error}"),
            Ok(()) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn bounds(connections: usize, of_a_client: usize) -> Bounds {
        Bounds { doors: Arc::new(Doors::new(connections)), of_a_client }
    }

    async fn respond(_peer: IpAddr, _request: Request) -> Response {
        Response::new(Body::from("seven b"))
    }

    /// A server within these bounds: its address, and what ends it.
    async fn within(bounds: Bounds, counted: fn(IpAddr) -> Option<Client>) -> (SocketAddr, CancellationToken) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
        let stop = shutdown.clone();
        tokio::spawn(async move {
            let here = Threads::start(0).unwrap();
            answer(listener, respond, bounds, counted, &here, stop).await
        });
        (address, shutdown)
    }

    /// All that is said, to the end of the connection. What the server has not read when it closes ends the connection with an error,
    /// after what it has said.
    async fn heard(mut client: TcpStream) -> String {
        let mut said = Vec::new();
        while let Ok(1..) = client.read_buf(&mut said).await {}
        String::from_utf8(said).unwrap()
    }

    async fn begun(address: SocketAddr, request: &str) -> TcpStream {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        client
    }

    async fn ask(request: &str) -> String {
        let (address, _shutdown) = within(bounds(8, 8), |_| None).await;
        heard(begun(address, request).await).await
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
        let many = "a: b\r\n".repeat(100);
        let long = format!("a: {}\r\n", "b".repeat(3 * HEADER_BYTES));
        for (head, status) in [(many, "431"), (long, "431"), ("a b\r\n".to_owned(), "400")] {
            let said = ask(&format!("GET / HTTP/1.1\r\nHost: a\r\n{head}\r\n")).await;
            assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {said}");
        }
        let said = ask(&format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "b".repeat(3 * HEADER_BYTES))).await;
        assert!(said.starts_with("HTTP/1.1 431 ") || said.starts_with("HTTP/1.1 414 "), "{said}");
    }

    const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    #[tokio::test]
    async fn a_client_has_no_more_connections_than_it_may() {
        let (address, _shutdown) = within(bounds(8, 2), |peer| Some(Client::of(peer))).await;
        let mut held = Vec::new();
        for _ in 0..2 {
            let mut client = begun(address, &GET.replace("close", "keep-alive")).await;
            client.read_exact(&mut [0; 16]).await.unwrap();
            held.push(client);
        }
        let refused = heard(begun(address, GET).await).await;
        assert!(refused.starts_with("HTTP/1.1 429 ") && refused.contains("retry-after: 1\r\n"), "{refused}");
        drop(held);
        // It notices that they went when it next looks at them.
        while !heard(begun(address, GET).await).await.ends_with("seven b") {}

        let (address, _shutdown) = within(bounds(8, 0), |_| None).await;
        assert!(heard(begun(address, GET).await).await.ends_with("seven b"), "who counts for nobody is not counted");
    }

    #[tokio::test]
    async fn with_all_places_taken_others_wait_for_one() {
        let (address, _shutdown) = within(bounds(1, 1), |_| None).await;
        let mut first = begun(address, &GET.replace("close", "keep-alive")).await;
        first.read_exact(&mut [0; 16]).await.unwrap();
        let waiting = tokio::spawn(heard(begun(address, GET).await));
        first.write_all(GET.as_bytes()).await.unwrap();
        assert!(heard(first).await.ends_with("seven b"), "who has a place is answered");
        assert!(waiting.await.unwrap().ends_with("seven b"), "and then the other");
    }

    #[tokio::test]
    async fn whoever_begins_and_does_not_end_is_told_so_and_whoever_says_nothing_is_let_go() {
        let (address, _shutdown) = within(bounds(8, 8), |_| None).await;
        for (said, heard_of_it) in [("GET / HTTP/1.1\r\nHo", "HTTP/1.1 408 "), ("", "")] {
            let client = begun(address, said).await;
            tokio::time::pause();
            let heard = heard(client).await;
            tokio::time::resume();
            assert!(heard.starts_with(heard_of_it) && heard.is_empty() == said.is_empty(), "{said:?}: {heard:?}");
        }
    }
}
