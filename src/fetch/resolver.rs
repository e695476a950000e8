//! Names to addresses: the system's own name servers and hosts file, or those that `[fetch] dns` names, never anybody else's.
//! The only place that knows hickory.

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The system's settings are read again after this long: a daemon lives longer than a network stays the same.
const REREAD: Duration = Duration::from_secs(600);

/// Looks names up. Answers are kept for as long as their owners say, at most [`REREAD`].
pub struct Resolver {
    /// Asked instead of the system's.
    servers: Vec<SocketAddr>,
    current: Mutex<Option<(Instant, Lookup)>>,
}

#[derive(Clone)]
enum Lookup {
    Hickory(Arc<TokioResolver>),
    /// The system's name servers cannot be read: the C library may still know what to do.
    System,
}

impl Resolver {
    /// `servers`: asked instead of the system's, if there are any.
    pub fn new(servers: &[SocketAddr]) -> Resolver {
        Resolver { servers: servers.to_vec(), current: Mutex::default() }
    }

    /// All addresses of a name, IPv4 first. Errors are words for an operator.
    pub async fn lookup(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        match self.current() {
            Lookup::Hickory(resolver) => match resolver.lookup_ip(name).await {
                Ok(found) => Ok(found.iter().collect()),
                Err(error) => Err(words(&error)),
            },
            Lookup::System => match tokio::net::lookup_host((name, 0)).await {
                Ok(found) => Ok(found.map(|address| address.ip()).collect()),
                Err(error) => Err(error.to_string()),
            },
        }
    }

    /// Made at the first look-up, not before: it needs the runtime the look-up runs on.
    fn current(&self) -> Lookup {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some((since, lookup)) if since.elapsed() < REREAD => lookup.clone(),
            _ => {
                let lookup = lookup(&self.servers);
                *current = Some((Instant::now(), lookup.clone()));
                lookup
            }
        }
    }
}

fn lookup(servers: &[SocketAddr]) -> Lookup {
    let builder = match servers {
        [] => TokioResolver::builder_tokio(),
        given => {
            let config = ResolverConfig::from_name_servers(given.iter().map(name_server).collect());
            Ok(TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()))
        }
    };
    let built = builder.and_then(|mut builder| {
        builder.options_mut().ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        builder.build()
    });
    match built {
        Ok(resolver) => Lookup::Hickory(Arc::new(resolver)),
        Err(error) => {
            tracing::debug!(%error, "no name servers in the system's settings, asking the C library");
            Lookup::System
        }
    }
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    let at = |mut connection: ConnectionConfig| {
        connection.port = address.port();
        connection
    };
    NameServerConfig::new(address.ip(), true, vec![at(ConnectionConfig::udp()), at(ConnectionConfig::tcp())])
}

fn words(error: &NetError) -> String {
    if error.is_nx_domain() {
        return "no such name".to_owned();
    }
    if error.is_no_records_found() {
        return "the name has no address".to_owned();
    }
    match error {
        NetError::Timeout => "the name server does not answer".to_owned(),
        NetError::NoConnections => "no name server can be reached".to_owned(),
        other => other.to_string(),
    }
}
