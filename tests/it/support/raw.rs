//! A server that speaks no better than it must: bytes as they are written here, at the pace they are written here.

use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What is done to whoever asks.
#[derive(Clone, Debug)]
pub enum Act {
    /// These bytes.
    Send(Vec<u8>),
    /// These bytes again and again, for as long as somebody takes them.
    Repeat(Vec<u8>),
    /// The same with a pause before each.
    Drip(Vec<u8>, Duration),
    /// Nothing for so long.
    Pause(Duration),
    /// Nothing more, and the line stays open.
    Hold,
}

/// Starts a server on a free port that does the same to everybody, and gives its `host:port`.
pub async fn server(acts: Vec<Act>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let acts = Arc::new(acts);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let acts = Arc::clone(&acts);
            tokio::spawn(async move { serve(connection, &acts).await });
        }
    });
    authority
}

async fn serve(mut connection: TcpStream, acts: &[Act]) {
    let mut request = [0; 4_096];
    if !matches!(connection.read(&mut request).await, Ok(1..)) {
        return;
    }
    for act in acts {
        match act {
            Act::Send(bytes) => {
                if connection.write_all(bytes).await.is_err() {
                    return;
                }
            }
            Act::Repeat(bytes) => while connection.write_all(bytes).await.is_ok() {},
            Act::Drip(bytes, pause) => {
                while connection.write_all(bytes).await.is_ok() {
                    tokio::time::sleep(*pause).await;
                }
            }
            Act::Pause(pause) => tokio::time::sleep(*pause).await,
            Act::Hold => std::future::pending::<()>().await,
        }
    }
    let _ = connection.shutdown().await;
}
