//! A name server on loopback that knows what it is told. What `[fetch] dns` names is asked like any other.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
};
use tokio::net::UdpSocket;

/// The only record types it answers (RFC 1035 §3.2.2, RFC 3596).
const A: u16 = 1;
const AAAA: u16 = 28;

/// The name server.
pub struct NameServer {
    pub address: SocketAddr,
}

impl NameServer {
    /// Starts on a free port. Any other name does not exist.
    pub async fn start(names: HashMap<String, IpAddr>) -> NameServer {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut query = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut query).await {
                let _ = socket.send_to(&answer(&query[..length], &names), from).await;
            }
        });
        NameServer { address }
    }
}

/// The answer to a query with one question (RFC 1035 §4).
fn answer(query: &[u8], names: &HashMap<String, IpAddr>) -> Vec<u8> {
    let (mut at, mut labels) = (12, Vec::new());
    while query[at] != 0 {
        let length = usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..=at + length]).to_ascii_lowercase());
        at += 1 + length;
    }
    let question = &query[12..at + 5];
    let wanted = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    let known = names.get(&labels.join("."));
    let data = match known {
        Some(IpAddr::V4(address)) if wanted == A => Some(address.octets().to_vec()),
        Some(IpAddr::V6(address)) if wanted == AAAA => Some(address.octets().to_vec()),
        _ => None,
    };
    let no_such_name = u8::from(known.is_none()) * 3;
    let mut answer =
        [&query[..2], &[0x81, 0x80 | no_such_name, 0, 1, 0, u8::from(data.is_some()), 0, 0, 0, 0], question].concat();
    if let Some(data) = data {
        answer.extend([0xc0, 12]);
        answer.extend(wanted.to_be_bytes());
        answer.extend([0, 1, 0, 0, 0, 60, 0, data.len() as u8]);
        answer.extend(data);
    }
    answer
}
