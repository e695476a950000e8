//! The canonical form of a link: what stays equal when a publisher moves to https or a reader adds tracking.

use url::Url;

/// Without scheme, user, default port, fragment and tracking parameters; host in lower case, parameters in their order.
/// A text that is no absolute URL with a host comes back trimmed, as it is.
pub fn canonical_link(link: &str) -> String {
    let link = link.trim();
    let Ok(url) = Url::parse(link) else {
        return link.to_owned();
    };
    let Some(host) = url.host_str() else {
        return link.to_owned();
    };
    // `Url` has dropped the default port of its own scheme; the other scheme's must go too, as the scheme is no part.
    let port = url.port().filter(|port| !matches!(port, 80 | 443)).map(|port| format!(":{port}")).unwrap_or_default();
    let query = kept_query(url.query().unwrap_or_default());
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{host}{port}{path}{mark}{query}", path = url.path())
}

/// A canonical link to the front page of a host.
pub fn is_root(canonical: &str) -> bool {
    canonical.split_once('/').is_none_or(|(_, path)| path.is_empty())
}

/// A guid without its scheme, when it has one of the two that a publisher switches between.
pub fn without_scheme(guid: &str) -> Option<&str> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| guid.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    guid.get(scheme.len()..)
}

fn kept_query(query: &str) -> String {
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair.split('=').next().unwrap_or(pair)));
    kept.collect::<Vec<_>>().join("&")
}

/// Parameters that say where a reader came from, never which article it is.
pub fn is_tracking(name: &str) -> bool {
    const PREFIXES: [&str; 4] = ["utm_", "share_", "at_campaign", "at_medium"];
    const NAMES: [&str; 20] = [
        "spm",
        "from",
        "fbclid",
        "gclid",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",
        "yclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "scm",
        "ref_src",
        "isappinstalled",
        "sharefrom",
        "xtor",
        "cmpid",
        "ocid",
        "_hsenc",
    ];
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("amp;").unwrap_or(&name);
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
