//! Who may see a private category: whoever brings its token, as `?token=` or as the password of basic
//! authentication. Pure; decided before anything else is said about the category, a 304 included.

use crate::model;
use axum::http::{HeaderMap, header};
use base64::{Engine, prelude::BASE64_STANDARD};

/// What a request brings.
#[derive(Clone, Default)]
pub struct Credentials {
    token: Option<String>,
    password: Option<String>,
}

impl Credentials {
    /// From the query and the headers.
    pub fn of(query: Option<&str>, headers: &HeaderMap) -> Credentials {
        let pairs = query.map(|query| url::form_urlencoded::parse(query.as_bytes()));
        let token = pairs.into_iter().flatten().find(|(name, _)| name == "token").map(|(_, value)| value.into_owned());
        Credentials { token, password: password(headers) }
    }

    /// Whether nothing was brought.
    pub fn are_none(&self) -> bool {
        self.token.is_none() && self.password.is_none()
    }

    /// Whether they open what that token closes.
    pub fn open(&self, token: &str) -> bool {
        [&self.token, &self.password].into_iter().flatten().any(|brought| model::opens(brought, token))
    }

    /// What must follow a link of ours so that it opens too: `?token=…`, or nothing when a password was brought.
    pub fn query(&self) -> String {
        self.token.as_deref().map(model::token_query).unwrap_or_default()
    }
}

/// The password of `Authorization: Basic` (RFC 7617), whatever the user name.
fn password(headers: &HeaderMap) -> Option<String> {
    let (scheme, value) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(value.trim()).ok())??;
    let text = String::from_utf8(decoded).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn with(query: Option<&str>, authorization: Option<&'static str>) -> Credentials {
        let mut headers = HeaderMap::new();
        if let Some(value) = authorization {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
        }
        Credentials::of(query, &headers)
    }

    #[test]
    fn the_token_opens_in_either_place() {
        assert!(with(Some("token=s%26cret"), None).open("s&cret"));
        assert!(with(Some("a=b&token=s"), None).open("s"));
        // reader:s&cret
        assert!(with(None, Some("Basic cmVhZGVyOnMmY3JldA==")).open("s&cret"));
        assert!(with(Some("token=wrong"), Some("basic cmVhZGVyOnMmY3JldA==")).open("s&cret"));
    }

    #[test]
    fn nothing_else_does() {
        for (query, authorization) in [
            (None, None),
            (Some("token=s"), None),
            (Some("token=s%26cret2"), None),
            (Some("token="), None),
            (Some("xtoken=s%26cret"), None),
            (None, Some("Bearer s&cret")),
            (None, Some("Basic !!!")),
            (None, Some("Basic cw==")),
        ] {
            assert!(!with(query, authorization).open("s&cret"), "{query:?} {authorization:?}");
        }
        assert!(!with(Some("token="), None).open(""), "an empty token closes, it does not open");
    }

    #[test]
    fn links_carry_the_token_encoded() {
        assert_eq!(with(Some("token=a%26%22b"), None).query(), "?token=a%26%22b");
        assert_eq!(with(None, None).query(), "");
    }
}
