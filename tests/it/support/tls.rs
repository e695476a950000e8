//! A publisher that speaks TLS on loopback, with a certificate that whoever trusts its root believes; and a proxy that only tunnels.

use axum::http::{HeaderMap, Request, Response, Version};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use rustls::pki_types::PrivateKeyDer;
use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    pub version: Version,
    pub path: String,
    pub headers: HeaderMap,
}

/// The publisher.
pub struct Secure {
    pub address: SocketAddr,
    /// The root to be trusted, as a PEM file holds it.
    pub root: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Secure {
    /// Serves the same document at every path of `host`; speaks these protocols (ALPN), the first that the client offers too.
    pub async fn start(host: &str, protocols: &[&str], document: &'static str) -> Secure {
        let made = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        tls.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let (acceptor, asked) = (TlsAcceptor::from(Arc::new(tls)), Arc::<Mutex<Vec<Asked>>>::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let secure =
            Secure { address: listener.local_addr().unwrap(), root: made.cert.pem(), asked: Arc::clone(&asked) };
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (acceptor, asked) = (acceptor.clone(), Arc::clone(&asked));
                tokio::spawn(async move {
                    let Ok(connection) = acceptor.accept(connection).await else { return };
                    let service = service_fn(move |request| answer(request, Arc::clone(&asked), document));
                    let builder = Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(connection), service).await;
                });
            }
        });
        secure
    }

    /// Every request, oldest first.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    request: Request<Incoming>,
    asked: Arc<Mutex<Vec<Asked>>>,
    document: &'static str,
) -> Result<Response<String>, Infallible> {
    let (version, path, headers) = (request.version(), request.uri().path().to_owned(), request.headers().clone());
    asked.lock().unwrap().push(Asked { version, path, headers });
    let answer = Response::builder().header("content-type", "text/xml").body(document.to_owned());
    Ok(answer.unwrap())
}

/// A proxy that tunnels (RFC 9110 §9.3.6), always to the same server; gives its address and the heads of what it was asked.
pub async fn tunnel(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, heads) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<String>>>::default());
    let seen = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = near.read_u8().await else { return };
                    head.push(byte);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let tunnels = head.starts_with("CONNECT ");
                seen.lock().unwrap().push(head);
                if !tunnels {
                    let _ = near.write_all(b"HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n").await;
                    return;
                }
                let mut far = TcpStream::connect(to).await.unwrap();
                near.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
                let _ = copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    (address, heads)
}
