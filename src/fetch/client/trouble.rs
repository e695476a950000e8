//! Why a request gave no answer: reqwest's errors, told apart and put into words.

use super::{Ask, build, lines::Barred};
use crate::{
    fetch::{hops::Lost, words},
    model::{Failure, FailureKind},
};
use std::{error::Error, time::Duration};
use url::Url;

/// A redirect that is not followed.
pub(super) fn misled(ask: &Ask<'_>, status: u16, lost: Lost) -> Failure {
    let url = words::shown(ask.url, ask.hidden);
    let message = match lost {
        Lost::TooMany => format!("{url}: more than five redirects; give the feed's final address"),
        Lost::Loop => format!("{url}: redirects in a circle; open it in a browser and give the address that works"),
        Lost::Nowhere => format!("{url}: answers {status} without a readable Location; check the address"),
    };
    let mut failure = words::failure(FailureKind::Redirect, message);
    failure.answer.status = status;
    failure
}

/// A redirect that the caller judges first.
pub(super) fn elsewhere(ask: &Ask<'_>, to: &Url, status: u16) -> Failure {
    let message = format!("{} leads to {}", words::shown(ask.url, ask.hidden), words::shown(to, ask.hidden));
    let mut failure = words::failure(FailureKind::Redirect, message);
    (failure.answer.status, failure.answer.moved_to) = (status, Some(to.to_string()));
    failure
}

/// A refusal further on is that of an address that somebody named, not of the one asked for.
pub(super) fn further_on(mut failure: Failure, led: u16) -> Failure {
    if failure.kind == FailureKind::Blocked {
        failure.answer.status = led;
    }
    failure
}

/// Nobody is asked.
pub(super) fn barred(why: &Barred, url: &Url, hidden: bool, redirected: bool) -> Failure {
    match why {
        Barred::Refused(refusal) => words::refused(refusal, url, hidden, redirected),
        Barred::Proxy(error) => {
            let message = format!("the proxy of this source cannot be used: {error:#}; correct it in feeds.toml");
            words::failure(FailureKind::Connect, message)
        }
    }
}

/// The deadline passed.
pub(super) fn too_slow(url: &Url, hidden: bool, timeout: Duration) -> Failure {
    let (url, seconds) = (words::shown(url, hidden), timeout.as_secs_f32());
    let advice = "raise [fetch] timeout if the site is merely slow";
    words::failure(FailureKind::Timeout, format!("{url}: no whole answer within {seconds} s; {advice}"))
}

/// Why there is no answer at all.
pub(super) fn unsent(url: &Url, hidden: bool, proxied: bool, error: reqwest::Error) -> Failure {
    // The whole address may hold a secret.
    let error = &error.without_url();
    if let Some(refused) = find::<build::NameError>(error) {
        return match refused {
            build::NameError::Inside => words::name_refused(url),
            build::NameError::Unknown(reason) => {
                let host = url.host_str().unwrap_or_default();
                let or_proxy = if proxied { ", or the proxy of this source" } else { "" };
                let message =
                    format!("cannot look up {host}{or_proxy}: {reason}; check the address and this machine's DNS");
                words::failure(FailureKind::Dns, message)
            }
        };
    }
    let shown = words::shown(url, hidden);
    if let Some(tls) = find_tls(error) {
        let message =
            format!("{shown}: no trustworthy connection: {tls}; is https right there, and its certificate valid?");
        return words::failure(FailureKind::Tls, message);
    }
    let answered = find::<hyper::Error>(error);
    if answered.is_some_and(hyper::Error::is_parse_too_large) {
        let message = format!("{shown}: the header fields of its answer are too many or too long; tell the publisher");
        return words::failure(FailureKind::TooLarge, message);
    }
    let message = match (error.is_connect(), error.is_timeout()) {
        (true, _) if proxied => {
            format!("{shown}: no connection through the proxy of this source: {}; is the proxy up?", innermost(error))
        }
        (true, true) => format!("{shown}: no connection in time; is the site up?"),
        (true, false) => format!("cannot connect to {shown}: {}; is the site up?", innermost(error)),
        _ if answered.is_some_and(hyper::Error::is_parse) => {
            format!("{shown}: answers with something that is not HTTP ({}); check address and port", innermost(error))
        }
        _ => format!("{shown}: no answer: {}; trying again later", innermost(error)),
    };
    words::failure(FailureKind::Connect, message)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

pub(super) fn find<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    chain(error).find_map(|error| error.downcast_ref::<E>())
}

/// rustls hides inside I/O errors, sometimes one in another, which do not name what they hold as their source.
fn find_tls(error: &reqwest::Error) -> Option<String> {
    chain(error).find_map(|error| match error.downcast_ref::<rustls::Error>() {
        Some(tls) => Some(tls.to_string()),
        None => tls_within(error.downcast_ref::<std::io::Error>()?),
    })
}

fn tls_within(io: &std::io::Error) -> Option<String> {
    let held = io.get_ref()?;
    match held.downcast_ref::<rustls::Error>() {
        Some(tls) => Some(tls.to_string()),
        None => tls_within(held.downcast_ref::<std::io::Error>()?),
    }
}

/// The innermost reason; the outer ones repeat the URL or say nothing.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}
