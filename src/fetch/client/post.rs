//! Forms and documents sent to other servers (WebSub), and the question before: through the same guard, within the same deadline,
//! and never redirected.

use super::{
    Web, body,
    lines::Coding,
    trouble::{barred, too_slow, unsent},
};
use crate::{
    fetch::{answer, words},
    model::{Answer, Failure, FailureKind, Time},
};
use bytes::Bytes;
use reqwest::{
    RequestBuilder,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION},
};
use url::{Url, form_urlencoded::Serializer};

/// Bytes of an answer that are read.
const PEEK: usize = 4 << 10;
/// What is understood of an answer.
const ACCEPT_TEXT: HeaderValue = HeaderValue::from_static("text/plain, */*;q=0.1");

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Status, Retry-After and the like. Any status is here, also that of a redirect, which is not followed.
    pub answer: Answer,
    /// The beginning of its text, at most 4 KiB.
    pub text: String,
    /// Where a 307 or 308 says that a form is to be sent instead.
    pub elsewhere: Option<Url>,
}

/// A document to be sent.
#[derive(Clone, Debug)]
pub struct Parcel<'a> {
    /// Its bytes.
    pub body: Bytes,
    /// Its media type.
    pub content_type: &'static str,
    /// Further header fields.
    pub headers: &'a [(&'static str, String)],
}

impl Web {
    pub(in crate::fetch) async fn post_form(
        &self,
        url: &Url,
        fields: &[(&str, &str)],
        now: Time,
    ) -> Result<Posted, Failure> {
        let form = Serializer::new(String::new()).extend_pairs(fields).finish();
        let dress = |request: RequestBuilder| {
            request.header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")).body(form)
        };
        self.send_once(reqwest::Method::POST, url, false, dress, now).await
    }

    pub(in crate::fetch) async fn call(&self, url: &Url, now: Time) -> Result<Posted, Failure> {
        self.send_once(reqwest::Method::GET, url, true, |request| request, now).await
    }

    pub(in crate::fetch) async fn deliver(&self, url: &Url, parcel: Parcel<'_>, now: Time) -> Result<Posted, Failure> {
        let mut fields = Vec::new();
        for (name, value) in parcel.headers {
            let unfit = |_| words::failure(FailureKind::Body, format!("`{name}` cannot be sent"));
            fields.push((*name, HeaderValue::try_from(value).map_err(unfit)?));
        }
        let dress = |request: RequestBuilder| {
            let request = request.header(CONTENT_TYPE, HeaderValue::from_static(parcel.content_type));
            fields.into_iter().fold(request, |request, (name, value)| request.header(name, value)).body(parcel.body)
        };
        self.send_once(reqwest::Method::POST, url, true, dress, now).await
    }

    /// `hidden`: messages name only the host.
    async fn send_once(
        &self,
        method: reqwest::Method,
        url: &Url,
        hidden: bool,
        dress: impl FnOnce(RequestBuilder) -> RequestBuilder,
        now: Time,
    ) -> Result<Posted, Failure> {
        let sending = async {
            let line = self.lines.line(url, None).map_err(|why| barred(&why, url, hidden, false))?;
            let request = self.lines.client(&line, url, Coding::Offered).request(method, url.clone());
            let request = dress(request.header(ACCEPT, ACCEPT_TEXT));
            let sent = request.send().await;
            self.meter.answered(sent.as_ref().ok().map(|response| response.status().as_u16()));
            let response = sent.map_err(|error| unsent(url, hidden, false, error))?;
            let answer = answer::read(response.status().as_u16(), response.headers(), url, now);
            let location = response.headers().get(LOCATION).filter(|_| matches!(answer.status, 307 | 308));
            let elsewhere = location.and_then(|to| url.join(to.to_str().ok()?.trim()).ok());
            let text = String::from_utf8_lossy(&body::peek(response, PEEK).await).into_owned();
            Ok(Posted { answer, text, elsewhere })
        };
        let sent = tokio::time::timeout(self.timeout, sending).await;
        sent.unwrap_or_else(|_| Err(too_slow(url, hidden, self.timeout)))
    }
}
