//! Addresses of machines: what `[fetch] allow` and `dns`, `[server] listen` and `trusted_proxies` take.

use super::{
    Allow,
    problems::Problems,
    reader::{Value, string},
};
use std::net::{IpAddr, SocketAddr};
use url::Host;

/// `host:port` or CIDR.
pub(super) fn allow(value: &Value<'_>, problems: &mut Problems) -> Option<Allow> {
    let text = string(value, problems)?;
    let parsed = parse_allow(&text);
    if parsed.is_none() {
        let suggestion = text.parse::<IpAddr>().ok().map(|address| format!("{address}/{}", width(address)));
        let problem = problems.error(&value.place, format!("`{text}` is neither host:port nor a network"));
        problem.expected("\"localhost:8000\", \"[::1]:8000\" or a network such as \"10.0.0.0/8\"").suggest(suggestion);
    }
    parsed
}

/// An address or CIDR.
pub(super) fn proxy(value: &Value<'_>, problems: &mut Problems) -> Option<(IpAddr, u8)> {
    let text = string(value, problems)?;
    let alone = || text.parse::<IpAddr>().ok().map(|address| (address, width(address)));
    let good = network(&text).or_else(alone);
    if good.is_none() {
        let problem = problems.error(&value.place, format!("`{text}` is neither an address nor a network"));
        problem.expected("\"127.0.0.1\" or a network such as \"10.0.0.0/8\"");
    }
    good
}

/// A name server: an address, with or without a port.
pub(super) fn name_server(value: &Value<'_>, problems: &mut Problems) -> Option<SocketAddr> {
    let text = string(value, problems)?;
    let good = text.parse().or_else(|_| text.parse::<IpAddr>().map(|address| SocketAddr::new(address, 53))).ok();
    if good.is_none() {
        let problem = problems.error(&value.place, format!("`{text}` is not the address of a name server"));
        problem.expected("an address such as \"192.0.2.53\", \"127.0.0.1:5353\" or \"[::1]:5353\"");
    }
    good
}

/// The address to listen on, or what was probably meant.
pub(super) fn listen(text: &str) -> Result<SocketAddr, Option<String>> {
    let text = text.trim();
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    text.parse().or_else(|_| numeric.as_deref().unwrap_or_default().parse()).map_err(|_| {
        let port = text.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
        let bare = text.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, 8080).to_string());
        bare.or_else(|| port.map(|port| format!("127.0.0.1:{port}")))
    })
}

fn parse_allow(text: &str) -> Option<Allow> {
    if let Some((address, prefix)) = network(text) {
        return Some(Allow::Net(address, prefix));
    }
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse::<u16>().ok().filter(|port| *port > 0)?;
    // As URLs spell it: lower case, punycode, addresses in their one form, so that it can be compared with a URL's host.
    let host = Host::parse(host).ok()?.to_string();
    Some(Allow::HostPort(host, port))
}

fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let prefix = prefix.parse::<u8>().ok().filter(|prefix| *prefix <= width(address))?;
    Some((address, prefix))
}

/// Whether a network holds an address; families never mix (the caller unwraps mapped addresses).
pub fn contains(net: IpAddr, prefix: u8, address: IpAddr) -> bool {
    match (net, address) {
        (IpAddr::V4(net), IpAddr::V4(address)) => {
            let shift = 32 - u32::from(prefix.min(32));
            (net.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
        }
        (IpAddr::V6(net), IpAddr::V6(address)) => {
            let shift = 128 - u32::from(prefix.min(128));
            (net.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
        }
        _ => false,
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}
