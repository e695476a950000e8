//! What the requests of a source carry and go through: headers, credentials, a proxy. Any of it may be secret, and
//! none of it is quoted.

use super::{
    Surroundings,
    problems::Problems,
    reader::{At, Table, Value, string},
    secrets::secret,
    values,
};
use crate::model::Secret;
use toml::de::DeValue;
use url::Url;

/// User and password.
pub(super) type Credentials = (String, Secret);

/// A header of a request.
pub(super) type Header = (String, Secret);

/// Header fields that a request gets by what it is: one of the operator's would contradict it.
const OURS: [&str; 17] = [
    "a-im",
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "keep-alive",
    "proxy-authorization",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The headers, credentials and proxy of one source.
pub(super) struct Access {
    pub headers: Vec<Header>,
    pub auth: Option<Credentials>,
    pub proxy: Option<Secret<Url>>,
}

impl Access {
    /// Reads `headers`, `auth` and `proxy`.
    pub(super) fn read(table: &mut Table<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Access {
        let headers = table.read("headers", problems, |value, problems| headers(value, around, problems));
        let auth = table.read_at("auth", problems, |value, problems| auth(value, around, problems));
        let proxy = table.read("proxy", problems, |value, problems| proxy(value, around, problems));
        let headers = headers.unwrap_or_default();
        let authorises = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if let Some(auth) = auth.as_ref().filter(|_| authorises) {
            problems
                .error(&auth.place, "credentials both in `auth` and in the header Authorization")
                .expected("one of the two");
        }
        Access { headers, auth: auth.map(|At { value, .. }| value), proxy }
    }

    /// Takes the credentials that stood in the URL.
    pub(super) fn with(self, in_url: Option<At<Credentials>>, problems: &mut Problems) -> Access {
        if let Some(in_url) = in_url.as_ref().filter(|_| self.auth.is_some()) {
            problems.error(&in_url.place, "credentials both in `auth` and in the URL").expected("them in `auth` only");
        }
        Access { auth: self.auth.or(in_url.map(|At { value, .. }| value)), ..self }
    }

    /// Whether an address that needs these is to be kept from sight.
    pub(super) fn is_secret(&self) -> bool {
        self.auth.is_some() || !self.headers.is_empty()
    }
}

/// `auth = { user = "…", password = … }`, either of them literal or referred to.
fn auth(value: &Value<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<Credentials> {
    // Also where it has the wrong kind: `auth = "name:password"` is not shown.
    problems.keep_private(&value.place);
    let mut table = Table::inside(value, "`auth`".to_owned(), problems)?;
    let expected = "auth = { user = \"name\", password = { env = \"NAME\" } }";
    let user = table.required("user", expected, problems, |value, problems| secret(value, around, problems));
    let password = table.required("password", expected, problems, |value, problems| secret(value, around, problems));
    table.finish(problems);
    let user = user?;
    if user.value.contains(':') {
        problems
            .error(&user.place, "a user name cannot hold a colon (RFC 7617)")
            .expected("what comes before the colon in `user`, the rest in `password`");
    }
    Some((user.value, Secret::new(password?.value)))
}

/// `headers = { X-Key = { env = "NAME" } }`.
fn headers(value: &Value<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<Vec<Header>> {
    let mut table = Table::inside(value, "`headers`".to_owned(), problems)?;
    let mut headers: Vec<Header> = Vec::new();
    for (name, value) in table.pairs() {
        if let Some((wrong, expected)) = wrong_name(&name.value, &headers) {
            problems.error(&name.place, format!("`{}` {wrong}", name.value)).expected(expected);
        }
        let Some(text) = secret(&value, around, problems) else { continue };
        if !text.bytes().all(|byte| byte == b'\t' || (0x20..0x7f).contains(&byte)) {
            problems
                .error(&value.place, format!("the value of `{}` cannot stand in a header", name.value))
                .expected("plain ASCII in one line");
        }
        headers.push((name.value, Secret::new(text)));
    }
    Some(headers)
}

fn wrong_name(name: &str, before: &[Header]) -> Option<(&'static str, &'static str)> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Some(("is not the name of a header", "a name such as X-Api-Key"));
    }
    if OURS.iter().any(|ours| ours.eq_ignore_ascii_case(name)) {
        return Some(("is a header that each request gets by itself", "no such line"));
    }
    let twice = before.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    twice.then_some(("stands twice", "one line for each header"))
}

/// `proxy = "socks5h://localhost:1080"`, or referred to where it holds a password.
fn proxy(value: &Value<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<Secret<Url>> {
    let text = match value.found {
        DeValue::Table(_) => secret(value, around, problems),
        _ => string(value, problems),
    };
    let mut url = values::proxy_url(&text?, &value.place, problems)?;
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        problems
            .error(&value.place, "a proxy has a host and a port, and nothing behind them")
            .expected(values::A_PROXY);
    }
    // Others take it for port 80.
    if url.port().is_none() && url.scheme().starts_with("socks") {
        let _ = url.set_port(Some(1080));
    }
    Some(Secret::new(url))
}
