//! A listener inside that nobody may reach: it counts who does, and answers, so that those who are let through come to an end.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const FEED: &str = "<rss version=\"2.0\"><channel><title>inside</title></channel></rss>";

/// The listener: on all IPv4 addresses of this machine, and on `::1` where there is IPv6, at one port.
pub struct Canary {
    pub port: u16,
    /// Whether it listens on `::1` too.
    pub has_v6: bool,
    seen: Arc<AtomicUsize>,
}

impl Canary {
    pub async fn start() -> Canary {
        let seen = Arc::new(AtomicUsize::new(0));
        let v4 = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = v4.local_addr().unwrap().port();
        listen(v4, Arc::clone(&seen));
        let v6 = TcpListener::bind(("::1", port)).await;
        let has_v6 = v6.is_ok();
        v6.into_iter().for_each(|v6| listen(v6, Arc::clone(&seen)));
        Canary { port, has_v6, seen }
    }

    /// Connections since the last time it was asked.
    pub fn seen(&self) -> usize {
        self.seen.swap(0, Ordering::SeqCst)
    }
}

fn listen(listener: TcpListener, seen: Arc<AtomicUsize>) {
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            seen.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut request = [0; 4_096];
                let _ = connection.read(&mut request).await;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close";
                let _ = connection
                    .write_all(format!("{head}\r\ncontent-length: {}\r\n\r\n{FEED}", FEED.len()).as_bytes())
                    .await;
            });
        }
    });
}
