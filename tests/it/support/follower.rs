//! Somebody on loopback who follows feeds through a hub: it answers verifications as told and remembers what it is pushed.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Response, StatusCode, Uri},
};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Notify;

/// How a path answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Verifications by their challenge, pushes by 204.
    Kind,
    /// Verifications by 404, pushes by 204.
    Denying,
    /// Verifications by something else with 200.
    Lying,
    /// Verifications by their challenge, pushes by this status.
    Status(u16),
    /// Nothing, ever.
    Hanging,
    /// Everything by 307 to another path of its own, which is kind.
    Redirecting,
}

/// One thing that came.
#[derive(Clone, Debug)]
pub struct Came {
    pub path: String,
    /// Of a verification: its parameters. Of a push: nothing.
    pub query: BTreeMap<String, String>,
    pub headers: HeaderMap,
    pub body: String,
}

#[derive(Default)]
struct Desk {
    manners: Mutex<BTreeMap<String, Manner>>,
    asked: Mutex<Vec<Came>>,
    pushed: Mutex<Vec<Came>>,
    came: Notify,
}

/// The follower.
pub struct Follower {
    pub address: SocketAddr,
    desk: Arc<Desk>,
}

impl Follower {
    pub async fn start() -> Follower {
        let desk = Arc::new(Desk::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Follower { address, desk }
    }

    /// A callback of its own for each name.
    pub fn callback(&self, name: &str) -> String {
        format!("http://{}/{name}?of={name}", self.address)
    }

    /// From now on.
    pub fn behaves(&self, name: &str, manner: Manner) {
        self.desk.manners.lock().unwrap().insert(format!("/{name}"), manner);
    }

    /// The `n`-th verification of a callback, counted from 0, once it has come.
    pub async fn asked(&self, name: &str, n: usize) -> Came {
        self.nth(&self.desk.asked, name, n).await
    }

    /// The `n`-th push to a callback, counted from 0, once it has come.
    pub async fn pushed(&self, name: &str, n: usize) -> Came {
        self.nth(&self.desk.pushed, name, n).await
    }

    /// How often a callback was pushed to so far.
    pub fn pushes(&self, name: &str) -> usize {
        of(&self.desk.pushed, name).len()
    }

    /// How often a callback was asked so far.
    pub fn questions(&self, name: &str) -> usize {
        of(&self.desk.asked, name).len()
    }

    async fn nth(&self, kept: &Mutex<Vec<Came>>, name: &str, n: usize) -> Came {
        let wait = async {
            loop {
                let came = self.desk.came.notified();
                if let Some(found) = of(kept, name).get(n) {
                    return found.clone();
                }
                came.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap_or_else(|_| panic!("{name}: nothing came"))
    }
}

fn of(kept: &Mutex<Vec<Came>>, name: &str) -> Vec<Came> {
    kept.lock().unwrap().iter().filter(|came| came.path == format!("/{name}")).cloned().collect()
}

async fn answer(
    State(desk): State<Arc<Desk>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let path = uri.path().to_owned();
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let manner = desk.manners.lock().unwrap().get(&path).copied().unwrap_or(Manner::Kind);
    let body = String::from_utf8(body.to_vec()).unwrap();
    let challenge = query.get("hub.challenge").cloned().unwrap_or_default();
    let kept = if method == Method::GET { &desk.asked } else { &desk.pushed };
    kept.lock().unwrap().push(Came { path: path.clone(), query, headers, body });
    desk.came.notify_waiters();
    let said = |status: u16, text: String| {
        Response::builder().status(StatusCode::from_u16(status).unwrap()).body(Body::from(text)).unwrap()
    };
    match (manner, method == Method::GET) {
        (Manner::Hanging, _) => std::future::pending().await,
        (Manner::Redirecting, _) => {
            Response::builder().status(307).header("location", format!("{path}-kind")).body(Body::empty()).unwrap()
        }
        (Manner::Denying, true) => said(404, "no".into()),
        (Manner::Lying, true) => said(200, "yes, of course".into()),
        (_, true) => said(200, challenge),
        (Manner::Status(status), false) => said(status, "no".into()),
        (_, false) => said(204, String::new()),
    }
}
