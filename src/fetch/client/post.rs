//! Forms sent to other servers (WebSub hubs): through the same guard, within the same deadline, and never redirected.

use super::{
    Web, body,
    lines::Coding,
    trouble::{barred, too_slow, unsent},
};
use crate::{
    fetch::answer,
    model::{Answer, Failure, Time},
};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION};
use url::{Url, form_urlencoded::Serializer};

/// Bytes of an answer to a form that are read.
const PEEK: usize = 4 << 10;

/// What a server answered to a form.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Status, Retry-After and the like. Any status is here, also that of a redirect, which is not followed.
    pub answer: Answer,
    /// The beginning of its text, at most 4 KiB.
    pub text: String,
    /// Where a 307 or 308 says that the form is to be sent instead.
    pub elsewhere: Option<Url>,
}

impl Web {
    pub(in crate::fetch) async fn post_form(
        &self,
        url: &Url,
        fields: &[(&str, &str)],
        now: Time,
    ) -> Result<Posted, Failure> {
        let sent = tokio::time::timeout(self.timeout, self.send_form(url, fields, now)).await;
        sent.unwrap_or_else(|_| Err(too_slow(url, false, self.timeout)))
    }

    async fn send_form(&self, url: &Url, fields: &[(&str, &str)], now: Time) -> Result<Posted, Failure> {
        let line = self.lines.line(url, None).map_err(|why| barred(&why, url, false, false))?;
        let form = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self
            .lines
            .client(&line, url, Coding::Offered)
            .post(url.clone())
            .header(ACCEPT, HeaderValue::from_static("text/plain, */*;q=0.1"))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
            .body(form);
        let response = request.send().await.map_err(|error| unsent(url, false, false, error))?;
        let answer = answer::read(response.status().as_u16(), response.headers(), url, now);
        let location = response.headers().get(LOCATION).filter(|_| matches!(answer.status, 307 | 308));
        let elsewhere = location.and_then(|to| url.join(to.to_str().ok()?.trim()).ok());
        let text = String::from_utf8_lossy(&body::peek(response, PEEK).await).into_owned();
        Ok(Posted { answer, text, elsewhere })
    }
}
