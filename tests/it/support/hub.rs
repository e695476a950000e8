//! A WebSub hub on loopback that does nothing by itself: it takes requests and remembers them; the test verifies and pushes for it.

use super::client;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Notify;

/// A request to the hub.
pub type Request = BTreeMap<String, String>;

#[derive(Default)]
struct Desk {
    requests: Mutex<Vec<Request>>,
    answers: Mutex<Vec<(u16, Option<String>)>>,
    came: Notify,
}

/// The hub.
pub struct Hub {
    address: SocketAddr,
    desk: Arc<Desk>,
}

impl Hub {
    pub async fn start() -> Hub {
        let desk = Arc::new(Desk::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/hub", post(take)).with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Hub { address, desk }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hub", self.address)
    }

    /// The next request is answered so, instead of by 202.
    pub fn answer(&self, status: u16, location: Option<&str>) {
        self.desk.answers.lock().unwrap().push((status, location.map(str::to_owned)));
    }

    /// The `n`-th request, counted from 0, once it has come.
    pub async fn request(&self, n: usize) -> Request {
        let wait = async {
            loop {
                let came = self.desk.came.notified();
                if let Some(request) = self.desk.requests.lock().unwrap().get(n) {
                    return request.clone();
                }
                came.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the hub was not asked")
    }

    pub fn requests(&self) -> usize {
        self.desk.requests.lock().unwrap().len()
    }
}

async fn take(State(desk): State<Arc<Desk>>, form: String) -> Response {
    let (status, location) = desk.answers.lock().unwrap().pop().unwrap_or((202, None));
    let form = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    desk.requests.lock().unwrap().push(form);
    desk.came.notify_waiters();
    let status = StatusCode::from_u16(status).unwrap();
    match location {
        Some(location) => (status, [(header::LOCATION, location)]).into_response(),
        None => (status, "taken\n").into_response(),
    }
}

/// What a callback answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

/// GETs a callback with these parameters, as a hub does.
pub async fn call(callback: &str, parameters: &[(&str, &str)]) -> Answered {
    let mut url = url::Url::parse(callback).unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    answered(client().get(url).send().await.unwrap()).await
}

/// Asks whether a request was meant.
pub async fn verify(request: &Request, challenge: &str, lease: u64) -> Answered {
    let lease = lease.to_string();
    let parameters = [
        ("hub.mode", request["hub.mode"].as_str()),
        ("hub.topic", request["hub.topic"].as_str()),
        ("hub.challenge", challenge),
        ("hub.lease_seconds", lease.as_str()),
    ];
    call(&request["hub.callback"], &parameters).await
}

/// POSTs a document to a callback.
pub async fn push(callback: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answered {
    let mut request = client().post(callback).body(body.into());
    for (name, value) in headers {
        request = request.header(HeaderName::try_from(*name).unwrap(), *value);
    }
    answered(request.send().await.unwrap()).await
}

/// `X-Hub-Signature`, not made by the program's own code.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha512={hex}")
}

async fn answered(response: reqwest::Response) -> Answered {
    Answered {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.text().await.unwrap(),
    }
}
