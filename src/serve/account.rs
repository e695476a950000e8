//! What each request leaves behind: an id in the answer and in the lines of the log, numbers, and a line of its own where the operator
//! wants one. Never a query: tokens stand there.

use super::{Visit, client, problem};
use crate::metrics::{Answered, Kind};
use axum::{
    body::HttpBody,
    http::{HeaderName, HeaderValue, Method, request::Parts},
    response::Response,
};
use std::{
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A longer one is not taken over.
const LONGEST_ID: usize = 64;

/// Gives ids: a number that goes up, behind one that differs from start to start.
#[derive(Debug)]
pub struct Ids {
    start: u32,
    next: AtomicU64,
}

/// A request, from its begin.
pub struct Account {
    id: HeaderValue,
    began: Instant,
    peer: IpAddr,
}

impl Ids {
    /// Of a process that began then.
    pub fn since(started: crate::model::Time) -> Ids {
        let bytes = started.timestamp_micros().to_le_bytes();
        Ids { start: twox_hash::XxHash3_64::oneshot(&bytes) as u32, next: AtomicU64::new(1) }
    }

    fn next(&self) -> HeaderValue {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = HeaderValue::try_from(format!("{:08x}-{number:x}", self.start));
        id.unwrap_or(HeaderValue::from_static("none"))
    }
}

impl Account {
    /// It begins.
    pub fn open(ids: &Ids, peer: IpAddr, trusted: &client::Trusted, request: &Parts) -> Account {
        let brought = request.headers.get(REQUEST_ID).filter(|id| client::is_trusted(peer, trusted) && is_sane(id));
        Account { id: brought.cloned().unwrap_or_else(|| ids.next()), began: Instant::now(), peer }
    }

    /// What all its lines in the log begin with.
    pub fn span(&self, kind: Kind) -> tracing::Span {
        tracing::error_span!("request", id = self.id.to_str().unwrap_or_default(), route = kind.name())
    }

    /// It has an answer.
    pub fn close(self, visit: &Visit, mut response: Response) -> Response {
        let bytes = if visit.method == Method::HEAD { 0 } else { response.body().size_hint().exact().unwrap_or(0) };
        let answered = Answered { status: response.status().as_u16(), bytes, took: self.began.elapsed() };
        visit.app.tools.vitals.metrics.http().answered(visit.kind(), answered);
        if visit.config.server.access_log {
            self.log(visit, answered);
        }
        response.headers_mut().insert(REQUEST_ID, self.id);
        response
    }

    fn log(&self, visit: &Visit, Answered { status, bytes, took }: Answered) {
        let _span = self.span(visit.kind()).entered();
        let client = client::of(self.peer, &visit.headers, &visit.config.server.trusted_proxies);
        let client = client.map_or(self.peer, |client| client.address());
        let (method, path, us) = (visit.method.as_str(), problem::shown(visit.uri.path()), took.as_micros());
        tracing::info!(method, path, status, bytes, us, %client, "answered");
    }
}

fn is_sane(id: &HeaderValue) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=LONGEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn opened(peer: &str, id: &'static str) -> String {
        let ids = Ids::since("2026-11-23T12:00:00Z".parse().unwrap());
        let (parts, ()) = Request::builder().header(REQUEST_ID, id).body(()).unwrap().into_parts();
        let trusted = [("10.0.0.0".parse().unwrap(), 8)];
        let account = Account::open(&ids, peer.parse().unwrap(), &trusted, &parts);
        account.id.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_trusted_proxys_id_is_kept_if_it_is_one_and_nobody_elses() {
        assert_eq!(opened("10.1.2.3", "4bf92f35-77b3.A_1"), "4bf92f35-77b3.A_1");
        for (peer, id) in [("192.0.2.1", "mine"), ("10.1.2.3", "a b"), ("10.1.2.3", "x\\ny"), ("10.1.2.3", "")] {
            let made = opened(peer, id);
            assert!(made.ends_with("-1") && made.len() == 10, "{id:?} became {made}");
        }
        assert!(opened("10.1.2.3", &"a".repeat(65).leak()[..]).ends_with("-1"));
    }
}
