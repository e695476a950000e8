//! syndic's own server over a small world, in this process: its clock is the world's, and a request goes out as it is written.

use super::World;
use std::{collections::BTreeMap, sync::Arc};
use syndic::{
    config::Config,
    poll::Poller,
    publish::Publisher,
    serve::{self, App},
    websub::{Desk, Hub},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body with its coding taken off.
    pub fn plain(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        match self.header("content-encoding") {
            "gzip" => std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*self.body), &mut plain).unwrap(),
            "br" => std::io::Read::read_to_end(&mut brotli::Decompressor::new(&*self.body, 4096), &mut plain).unwrap(),
            "zstd" => std::io::Read::read_to_end(&mut zstd::Decoder::new(&*self.body).unwrap(), &mut plain).unwrap(),
            _ => std::io::Read::read_to_end(&mut &*self.body, &mut plain).unwrap(),
        };
        plain
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.plain()).unwrap()
    }
}

/// The server.
pub struct Served {
    pub world: World,
    pub address: String,
    pub publisher: Publisher,
    pub app: Arc<App>,
    config: watch::Sender<Arc<Config>>,
    stop: CancellationToken,
}

impl Served {
    pub async fn over(world: World) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (tools, stop, publisher) = (world.tools(), CancellationToken::new(), Publisher::holding(8 << 20));
        let (sender, config) = watch::channel(world.config());
        let poller = Poller::new(tools.clone(), 8);
        let desk = Desk::new(tools.clone(), poller.clone(), config.clone());
        let hub = Hub::new(tools.clone(), poller, config.clone());
        let app = App::new((config, syndic::reload::Reloads::default()), tools, publisher.clone(), desk, hub);
        tokio::spawn(serve::serve(listener, app.clone(), stop.clone()));
        Served { world, address, publisher, app, config: sender, stop }
    }

    /// The operator edits feeds.toml.
    pub fn reconfigured(mut self, edit: impl FnOnce(World) -> World) -> Served {
        self.world = edit(self.world);
        self.config.send_replace(self.world.config());
        self
    }

    /// Ends, and begins anew over the same store.
    pub async fn restarted(self) -> Served {
        self.publisher.keep(&self.world.store).await;
        self.stop.cancel();
        Served::over(self.world.restarted().await).await
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers).await
    }

    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!("{method} {path} HTTP/1.1\r\nhost: elsewhere.test\r\nconnection: close\r\n{lines}\r\n");
        let mut connection = TcpStream::connect(&self.address).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        connection.read_to_end(&mut said).await.unwrap();
        let end = said.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(said[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Answer { status, headers: lines.map(|line| pair(line).unwrap()).collect(), body: said[end + 4..].to_vec() }
    }
}
