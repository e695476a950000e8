//! How the clients are built: TLS roots, judged name resolution, and everything that must never happen by itself turned off.

use super::lines::IDLE;
use crate::{
    config::FetchConfig,
    fetch::{guard::Guard, resolver::Resolver},
};
use anyhow::{Context as _, anyhow};
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue},
    redirect,
};
use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};
use url::Url;

/// Feeds first; a server that negotiates must not send its HTML page.
const ACCEPT_FEEDS: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, \
     application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1";

/// TLS sessions remembered: a server that is asked again resumes its own.
const SESSIONS: usize = 1_024;

/// What the clients have in common.
pub(super) struct Maker {
    tls: rustls::ClientConfig,
    resolver: Arc<Resolver>,
    user_agent: String,
    connect_timeout: Duration,
}

impl Maker {
    pub(super) fn new(config: &FetchConfig, connect_timeout: Duration) -> anyhow::Result<Maker> {
        Ok(Maker {
            tls: tls()?,
            resolver: Arc::new(Resolver::new(&config.dns)),
            user_agent: config.user_agent.clone(),
            connect_timeout,
        })
    }

    /// A client whose names are judged by `guard`, or not at all. `codings`: it offers and undoes compression; `idle`:
    /// connections of each host that are kept.
    pub(super) fn client(
        &self,
        guard: Option<Arc<Guard>>,
        proxy: Option<&Url>,
        codings: bool,
        idle: usize,
    ) -> anyhow::Result<reqwest::Client> {
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(ACCEPT_FEEDS))]);
        if !codings {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        let through = proxy.and_then(Url::host_str).map(str::to_owned);
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .dns_resolver(Arc::new(Judged { resolver: self.resolver.clone(), guard, through }))
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .gzip(codings)
            .brotli(codings)
            .zstd(codings)
            .user_agent(&self.user_agent)
            .default_headers(headers)
            .connect_timeout(self.connect_timeout)
            .pool_max_idle_per_host(idle)
            .pool_idle_timeout(IDLE);
        let client = match proxy {
            // What reqwest says of an address that it cannot use may hold its password.
            Some(proxy) => {
                client.proxy(reqwest::Proxy::all(proxy.as_str()).map_err(|_| anyhow!("not an address of a proxy"))?)
            }
            None => client,
        };
        client.build().with_context(|| format!("set up the HTTP client (user_agent {:?})", self.user_agent))
    }
}

/// Trusts the system's roots. With none, https fails with a reason and plain http works.
fn tls() -> anyhow::Result<rustls::ClientConfig> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        tracing::warn!("no root certificates on this machine: https sources will fail; install ca-certificates");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("set up TLS")?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // reqwest adds this only to configurations of its own making.
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Shared by all clients that are made of it.
    tls.resumption = rustls::client::Resumption::in_memory_sessions(SESSIONS);
    Ok(tls)
}

/// Name resolution as reqwest wants it. It gives out only addresses that may be dialled, and reqwest dials what it is
/// given: a name cannot change its mind between the judgement and the connection.
struct Judged {
    resolver: Arc<Resolver>,
    guard: Option<Arc<Guard>>,
    /// The operator's own proxy may be anywhere.
    through: Option<String>,
}

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let is_proxy = self.through.as_deref() == Some(name.as_str());
        let (resolver, guard) = (self.resolver.clone(), self.guard.clone().filter(|_| !is_proxy));
        Box::pin(async move {
            let found = resolver.lookup(name.as_str()).await.map_err(NameError::Unknown)?;
            let known = !found.is_empty();
            let may = |address: &std::net::IpAddr| guard.as_ref().is_none_or(|guard| guard.may_dial(*address));
            let addresses: Vec<SocketAddr> = found.into_iter().filter(may).map(|address| (address, 0).into()).collect();
            match (addresses.is_empty(), known) {
                (false, _) => Ok(Box::new(addresses.into_iter()) as Addrs),
                (true, true) => Err(NameError::Inside.into()),
                (true, false) => Err(NameError::Unknown("the name has no address".to_owned()).into()),
            }
        })
    }
}

/// Why a name gave no address to dial.
#[derive(Debug)]
pub(super) enum NameError {
    /// All its addresses are inside.
    Inside,
    /// It did not resolve, and why.
    Unknown(String),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NameError::Inside => f.write_str("inside addresses only"),
            NameError::Unknown(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for NameError {}
