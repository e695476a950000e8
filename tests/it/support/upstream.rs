//! A scripted publisher on loopback: it answers as told, honours validators, and remembers every request.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Response, StatusCode, header},
};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

/// An answer for one path. The same one is given until another is set.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    hangs: bool,
}

impl Reply {
    /// 200 with this body, as XML.
    pub fn xml(body: impl Into<Vec<u8>>) -> Reply {
        Reply { status: StatusCode::OK, headers: Vec::new(), body: body.into(), hangs: false }
            .with("content-type", "text/xml")
    }

    /// A status without a body.
    pub fn status(status: u16) -> Reply {
        Reply { status: StatusCode::from_u16(status).unwrap(), headers: Vec::new(), body: Vec::new(), hangs: false }
    }

    /// A header; an `etag` or `last-modified` makes the upstream answer 304 to whoever sends it back.
    pub fn with(mut self, name: &str, value: &str) -> Reply {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with another status.
    pub fn answered(self, status: u16) -> Reply {
        Reply { status: StatusCode::from_u16(status).unwrap(), ..self }
    }

    /// Never answers.
    pub fn hanging() -> Reply {
        Reply { hangs: true, ..Reply::status(200) }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Script {
    replies: HashMap<String, Reply>,
    requests: Vec<(String, HeaderMap)>,
    asked: Vec<String>,
}

/// The publisher.
pub struct Upstream {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

impl Upstream {
    /// Starts on a free port.
    pub async fn start() -> Upstream {
        let script = Arc::new(Mutex::new(Script::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Upstream { address, script }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Host and port, as `[fetch] allow` names it.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Sets the answer for a path.
    pub fn serve(&self, path: &str, reply: Reply) {
        self.script.lock().unwrap().replies.insert(path.to_owned(), reply);
    }

    /// Every request as `GET /path?query`, `POST /path body`, oldest first; from now on none of them.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.script.lock().unwrap().asked)
    }

    /// The headers of every request for a path, oldest first.
    pub fn requests(&self, path: &str) -> Vec<HeaderMap> {
        let script = self.script.lock().unwrap();
        script.requests.iter().filter(|(asked, _)| asked == path).map(|(_, headers)| headers.clone()).collect()
    }
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let whole = request.uri().path_and_query().map_or_else(|| path.clone(), |whole| whole.to_string());
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let asked = format!("{} {whole} {}", parts.method, String::from_utf8_lossy(&body));
    let reply = {
        let mut script = script.lock().unwrap();
        script.requests.push((path.clone(), parts.headers.clone()));
        script.asked.push(asked.trim_end().to_owned());
        // What is said of the whole address goes before what is said of its path.
        let replies = &script.replies;
        let sent = format!("{whole} {}", String::from_utf8_lossy(&body));
        let known = [sent.as_str(), whole.as_str(), path.as_str()].into_iter().find_map(|path| replies.get(path));
        known.cloned().unwrap_or_else(|| Reply::status(404))
    };
    if reply.hangs {
        std::future::pending::<()>().await;
    }
    let sent_back = |sent: header::HeaderName, ours: &str| {
        let sent = parts.headers.get(sent).and_then(|value| value.to_str().ok());
        sent.is_some() && sent == reply.header(ours)
    };
    let same = sent_back(header::IF_NONE_MATCH, "etag") || sent_back(header::IF_MODIFIED_SINCE, "last-modified");
    let status = if same { StatusCode::NOT_MODIFIED } else { reply.status };
    let response = reply
        .headers
        .iter()
        .fold(Response::builder().status(status), |response, (name, value)| response.header(name, value));
    response.body(if same { Body::empty() } else { Body::from(reply.body.clone()) }).unwrap()
}
