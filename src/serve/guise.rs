//! What a browser may do with a document of ours: content security policies. Nothing that others wrote runs.

use axum::http::HeaderValue;

macro_rules! page_policy {
    () => {
        "default-src 'none'; img-src http: https: data:; media-src http: https:; style-src 'self'; \
         base-uri 'none'; form-action 'none'"
    };
}

macro_rules! listing_policy {
    () => {
        "default-src 'none'; script-src 'self'; img-src http: https: data:; style-src 'self'; \
         base-uri 'none'; form-action 'none'"
    };
}

/// Of pages that show what others wrote: our style sheet, pictures and recordings from anywhere, nothing that runs.
pub const PAGE_POLICY: HeaderValue = HeaderValue::from_static(concat!(page_policy!(), "; frame-ancestors 'none'"));
/// Of pages in which others' words are characters only: our one script besides.
const LISTING_POLICY: HeaderValue = HeaderValue::from_static(concat!(listing_policy!(), "; frame-ancestors 'none'"));
/// Of everything else.
pub const FEED_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// What a document is to a browser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Guise {
    /// A page of ours that shows what others wrote.
    Page,
    /// A page of ours in which others' words are characters only.
    Listing,
    /// A feed, or anything else a browser should not run.
    Feed,
}

impl Guise {
    /// The policy that a page says itself: a server that only hands out files may say none (frame-ancestors counts in headers only).
    pub fn policy(self) -> &'static str {
        match self {
            Guise::Page | Guise::Feed => page_policy!(),
            Guise::Listing => listing_policy!(),
        }
    }

    /// Whether our script is on the page.
    pub fn has_script(self) -> bool {
        self == Guise::Listing
    }

    /// The policy that it is sent with.
    pub fn header(self) -> HeaderValue {
        match self {
            Guise::Page => PAGE_POLICY,
            Guise::Listing => LISTING_POLICY,
            Guise::Feed => FEED_POLICY,
        }
    }
}
