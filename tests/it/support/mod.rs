//! What the tests stand on.

pub mod browser;
mod canary;
mod daemon;
mod dns;
pub mod follower;
pub mod hub;
pub mod press;
pub mod raw;
mod served;
pub mod tls;
mod upstream;
mod web_server;
pub mod world;

pub use browser::Browser;
pub use canary::Canary;
pub use daemon::{Daemon, Traced, client, syndic, write_config};
pub use dns::NameServer;
pub use served::{Answer, Served};
pub use upstream::{Reply, Upstream};
pub use web_server::WebServer;
pub use world::World;

use std::path::PathBuf;

/// A file of tests/fixtures.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = root().join("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
