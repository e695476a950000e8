//! What an operator reads about a fetch: one line, no secret, what to do.

use super::guard::Refusal;
use crate::model::{Failure, FailureKind};
use url::Url;

/// Longest message, characters: whatever a server or a library says, a line stays a line.
const MAX_MESSAGE: usize = 400;

/// A URL as it may be shown: without userinfo, query and fragment; of a hidden source, only the host.
pub fn shown(url: &Url, hidden: bool) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = if hidden { "/…" } else { url.path() };
    let query = if url.query().is_some() && !hidden { "?…" } else { "" };
    format!("{}://{host}{port}{path}{query}", url.scheme())
}

/// A failure whose message is one line of bounded length.
pub fn failure(kind: FailureKind, message: impl AsRef<str>) -> Failure {
    let line = message.as_ref().chars().map(|c| if c.is_control() { ' ' } else { c });
    Failure::new(kind, line.take(MAX_MESSAGE).collect::<String>())
}

/// A URL that is not asked for.
pub fn refused(refusal: &Refusal, url: &Url, hidden: bool, redirected: bool) -> Failure {
    let how = if redirected { "redirected to " } else { "" };
    match refusal {
        Refusal::Scheme(scheme) => {
            failure(FailureKind::Blocked, format!("{how}a {scheme}: address; only http and https are fetched"))
        }
        Refusal::Inside(host) => {
            let url = shown(url, hidden);
            failure(
                FailureKind::Blocked,
                format!("{how}{url}: an inside address; add {host:?} to [fetch] allow if it is yours"),
            )
        }
    }
}

/// A name all of whose addresses are inside.
pub fn name_refused(url: &Url) -> Failure {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    failure(
        FailureKind::Blocked,
        format!(
            "{host} leads to an inside address only; add it to [fetch] allow as host:port (\"{host}:{port}\") if it is yours"
        ),
    )
}

/// What to do where a redirect led away from the origin that credentials are for.
pub const CREDENTIALS_STAY: &str = "refuses us after a redirect, where headers and auth of this source are not sent: \
     give the address it leads to as the source's url, if it is trusted with them";

/// What to do about a status that is no success.
pub fn status_advice(status: u16) -> &'static str {
    match status {
        226 => "answered 226 with something else than a delta of the feed; a proxy on the way may be at fault",
        304 => "answered 304 although nothing was asked conditionally; a proxy on the way may be at fault",
        401 => "wants credentials: set auth of this source, or correct it",
        403 => "refuses us: the site may want another User-Agent or headers, or no aggregators",
        404 => "there is nothing at this address: has the feed moved?",
        407 => "was not asked: the proxy wants credentials; put them into the address in proxy of this source",
        410 => "says the feed is gone for good: remove the source, or give its new address",
        429 => "asks us to slow down: waiting as long as it says",
        503 => "is out of service for now",
        400..=499 => "refuses the request: check the address",
        500..=599 => "has trouble of its own: trying again later",
        _ => "is not an answer a feed comes in: check the address",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_url_holds_no_secret() {
        let url = Url::parse("https://me:pass@news.example:8443/feed/abc?key=123#f").unwrap();
        assert_eq!(shown(&url, false), "https://news.example:8443/feed/abc?…");
        assert_eq!(shown(&url, true), "https://news.example:8443/…");
    }

    #[test]
    fn a_message_stays_one_line() {
        let made = failure(FailureKind::Connect, format!("a\nb\r\u{1b}[31m{}", "长".repeat(1_000)));
        assert!(!made.message.chars().any(char::is_control));
        assert_eq!(made.message.chars().count(), MAX_MESSAGE);
    }
}
