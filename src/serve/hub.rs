//! `/hub`: where others ask for our feeds to be pushed to them (WebSub §5.1). Answers are plain text in our own words; nothing of a
//! request is repeated.

use super::{Visit, document::plain};
use crate::websub::{HubRefusal, own_hub};
use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};
use std::time::Duration;

/// Longest request, bytes: two addresses and a secret, percent-encoded.
const LONGEST_FORM: usize = 16 << 10;
/// Longest wait for the whole of it.
const FORM_TIME: Duration = Duration::from_secs(10);

pub async fn answer(visit: &Visit, body: Body) -> Response {
    if own_hub(&visit.config).is_none() {
        return plain(StatusCode::NOT_FOUND, "no hub runs here\n");
    }
    if visit.method != Method::POST {
        let words = "this is a WebSub hub for the feeds of this site: POST hub.mode, hub.topic and hub.callback\n";
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, words);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let content_type =
        visit.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a request is application/x-www-form-urlencoded\n");
    }
    let form = match tokio::time::timeout(FORM_TIME, to_bytes(body, LONGEST_FORM)).await {
        Ok(Ok(form)) => form,
        Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "too long, or broken off\n"),
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "too slow\n"),
    };
    match visit.app.hub.ask(&visit.config, &form).await {
        Ok(()) => plain(StatusCode::ACCEPTED, "taken\n"),
        Err(refusal) => refused(refusal),
    }
}

fn refused(refusal: HubRefusal) -> Response {
    match refusal {
        HubRefusal::Malformed(words) => said(StatusCode::BAD_REQUEST, words, None),
        HubRefusal::NoTopic => plain(StatusCode::NOT_FOUND, "hub.topic is no feed of this site\n"),
        HubRefusal::NotFollowed => plain(StatusCode::NOT_FOUND, "there is no such subscription\n"),
        HubRefusal::Callback(words) => said(StatusCode::FORBIDDEN, words, None),
        HubRefusal::TooMany(words, wait) => said(StatusCode::TOO_MANY_REQUESTS, words, Some(wait)),
        HubRefusal::Full => said(StatusCode::SERVICE_UNAVAILABLE, "the hub has as much to do as it can", Some(600)),
        HubRefusal::Broken => said(StatusCode::SERVICE_UNAVAILABLE, "later", Some(60)),
    }
}

fn said(status: StatusCode, words: &'static str, wait: Option<u32>) -> Response {
    let mut response = plain(status, words);
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
