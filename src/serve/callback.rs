//! `/websub/<token>`: where hubs verify and push. Nothing is echoed but a challenge we asked for, as plain text; of what is pushed
//! no byte is read before a place for it is free.

use super::{Visit, document::plain};
use crate::websub::{Call, Heard, Refusal, signature};
use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::time::Duration;

/// Longest wait for the whole of what is pushed.
const BODY_TIME: Duration = Duration::from_secs(30);

pub async fn answer(visit: &Visit, token: &str, body: Body) -> Response {
    match visit.method {
        Method::GET => called(visit, token).await,
        Method::POST => pushed(visit, token, body).await,
        _ => {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "a hub's requests are GET and POST\n");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
            response
        }
    }
}

async fn called(visit: &Visit, token: &str) -> Response {
    let call = Call::read(visit.uri.query().unwrap_or_default());
    match visit.app.websub.called(token, &call).await {
        Ok(Heard::Confirmed(challenge)) => {
            let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
            (headers, challenge).into_response()
        }
        Ok(Heard::Noted) => plain(StatusCode::OK, "noted\n"),
        Ok(Heard::Unknown) => unknown(),
        // Said without the path: whoever knows a callback could push to it.
        Err(error) => {
            tracing::error!("WebSub: a hub's question cannot be answered: {error:#}");
            plain(StatusCode::SERVICE_UNAVAILABLE, "later\n")
        }
    }
}

/// 202 says that it came, not that it was right: who guesses signatures learns nothing.
async fn pushed(visit: &Visit, token: &str, body: Body) -> Response {
    let said = |name: &str| visit.headers.get(name).and_then(|value| value.to_str().ok());
    let place = match visit.app.websub.admit(token, said(signature::HEADER), said("content-type")) {
        Ok(place) => place,
        Err(refusal) => return refused(refusal),
    };
    match tokio::time::timeout(BODY_TIME, to_bytes(body, visit.config.fetch.max_bytes)).await {
        Ok(Ok(bytes)) => {
            visit.app.websub.push(place, bytes);
            plain(StatusCode::ACCEPTED, "")
        }
        Ok(Err(_)) => {
            visit.app.websub.lost(&place);
            plain(StatusCode::PAYLOAD_TOO_LARGE, "too long, or broken off\n")
        }
        Err(_) => {
            visit.app.websub.lost(&place);
            plain(StatusCode::REQUEST_TIMEOUT, "too slow\n")
        }
    }
}

fn refused(refusal: Refusal) -> Response {
    match refusal {
        Refusal::Unknown => unknown(),
        Refusal::Gone => plain(StatusCode::GONE, "unsubscribed\n"),
        Refusal::Unsigned => plain(StatusCode::FORBIDDEN, "not signed\n"),
        Refusal::Busy => {
            let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "later\n");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
            response
        }
    }
}

fn unknown() -> Response {
    plain(StatusCode::NOT_FOUND, "nobody here asked for that\n")
}
