//! Where a source is: its URL or path, the credentials in it, and who owns the codes it brings.

use super::{
    Surroundings,
    access::Credentials,
    problems::{Place, Problems},
    reader::{Table, Value, string},
    values::http_url,
};
use crate::model::{Secret, SourceId, SourceKind};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// Reads `url` or `path`. Credentials of the URL are taken out of it, so that it can be shown and logged.
pub(super) fn address(
    table: &mut Table<'_>,
    around: &Surroundings<'_>,
    problems: &mut Problems,
) -> Option<(SourceKind, Option<Credentials>, Place)> {
    let (url, path) = (table.value("url"), table.value("path"));
    match (url, path) {
        (Some(url), None) => {
            let (found, credentials) = without_credentials(http_url(&url, problems)?);
            Some((SourceKind::Feed(found), credentials, url.place))
        }
        (None, Some(path)) => local(&path, around, problems).map(|kind| (kind, None, path.place)),
        (Some(_), Some(path)) => {
            problems.error(&path.place, "a source has a `url` or a `path`, not both").expected("one of the two");
            None
        }
        (None, None) => {
            let problem = problems.error(&table.place, "a source without `url` or `path`");
            problem.expected("url = \"https://example.org/feed.xml\", or path = \"folder\" for a folder of posts");
            None
        }
    }
}

/// Who owns what the source brings first (domain: ownership), unless feeds.toml says otherwise.
pub(super) fn namespace(kind: &SourceKind, id: &SourceId) -> String {
    let SourceKind::Feed(url) = kind else { return id.to_string() };
    let with_port = |host: &str| format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
    match url.host() {
        Some(Host::Domain(host)) => {
            let host = host.trim_end_matches('.');
            match psl::domain_str(host) {
                Some(registrable) => registrable.to_owned(),
                None if host.contains('.') => host.to_owned(),
                None => with_port(host),
            }
        }
        _ => with_port(url.host_str().unwrap_or_default()),
    }
}

fn without_credentials(mut url: Url) -> (Url, Option<Credentials>) {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
    // Neither can fail: the URL has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    let given = !user.is_empty() || !password.is_empty();
    (url, given.then(|| (user, Secret::new(password))))
}

fn local(value: &Value<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<SourceKind> {
    let path = around.resolve(&string(value, problems)?);
    match path.metadata() {
        Ok(found) if found.is_dir() => Some(SourceKind::Folder(path)),
        Ok(_) => Some(SourceKind::File(path)),
        Err(error) => {
            // It may come yet, and nothing else suffers: the poll will say so again, with the source.
            let problem = problems.warning(&value.place, format!("cannot find `{}`: {error}", path.display()));
            problem.expected("a folder of posts or a feed file, from the folder of feeds.toml");
            Some(SourceKind::Folder(path))
        }
    }
}
