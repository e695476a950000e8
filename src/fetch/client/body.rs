//! Bodies: read chunk by chunk, counted after decoding, let go at the first byte too many.

use super::{
    super::{
        inflate::{Stuck, inflated, is_compressed},
        room::{Room, SMALL},
    },
    trouble,
};
use bytes::{Bytes, BytesMut};
use reqwest::{
    Response,
    header::{CONTENT_ENCODING, HeaderMap},
};
use std::time::Duration;

/// How long a large body may take for all beyond its small beginning.
pub(super) const LARGE_TIME: Duration = Duration::from_secs(10);

/// Why a body could not be read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// More than allowed.
    TooLarge,
    /// A large one that arrives too slowly.
    Slow,
    /// Its content coding is broken.
    Coding(String),
    /// The connection broke before its end.
    Broken(String),
}

/// A whole body, with the header fields that describe it; also compression that they do not speak of is undone.
pub(super) async fn read(response: Response, max_bytes: usize, room: &Room) -> Result<(HeaderMap, Bytes), Trouble> {
    let (headers, body) = raw(response, max_bytes, room).await?;
    let coding = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let body = unpacked(body, coding, max_bytes, room).await?;
    Ok((headers, body))
}

/// A body without the compression that is still on it: undone off the threads that serve, one large body at a time.
pub(super) async fn unpacked(
    body: Bytes,
    coding: Option<&str>,
    max_bytes: usize,
    room: &Room,
) -> Result<Bytes, Trouble> {
    if !is_compressed(&body, coding) {
        return Ok(body);
    }
    let (coding, mut block) = (coding.map(str::to_owned), room.enter(max_bytes).await);
    let work = tokio::task::spawn_blocking(move || inflated(body, coding.as_deref(), max_bytes, block.bytes())).await;
    match work {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(Stuck::TooLarge)) => Err(Trouble::TooLarge),
        Ok(Err(Stuck::Broken(reason))) => Err(Trouble::Coding(reason)),
        Err(error) => Err(Trouble::Coding(error.to_string())),
    }
}

async fn raw(mut response: Response, max_bytes: usize, room: &Room) -> Result<(HeaderMap, Bytes), Trouble> {
    let said = response.content_length().unwrap_or(0);
    if said > max_bytes as u64 {
        return Err(Trouble::TooLarge);
    }
    let headers = std::mem::take(response.headers_mut());
    let mut body = BytesMut::with_capacity(usize::try_from(said).unwrap_or(0).min(SMALL));
    let small = max_bytes.min(SMALL);
    let more = loop {
        match next(&mut response).await? {
            None => return Ok((headers, body.freeze())),
            Some(chunk) if body.len() + chunk.len() > small => break chunk,
            Some(chunk) => body.extend_from_slice(&chunk),
        }
    };
    let mut block = room.enter(max_bytes).await;
    let rest = async {
        block.push(&body).map_err(|_| Trouble::TooLarge)?;
        drop(body);
        let mut more = Some(more);
        while let Some(chunk) = more {
            block.push(&chunk).map_err(|_| Trouble::TooLarge)?;
            more = next(&mut response).await?;
        }
        Ok::<_, Trouble>(block.take())
    };
    // Others wait for the room.
    let body = tokio::time::timeout(LARGE_TIME, rest).await.map_err(|_| Trouble::Slow)??;
    Ok((headers, body))
}

/// A body that was asked for without codings and is not decoded. A server that claims one all the same is
/// believed only if the bytes look coded: then the body is truly broken.
pub(super) async fn read_identity(
    response: Response,
    max_bytes: usize,
    room: &Room,
) -> Result<(HeaderMap, Bytes), Trouble> {
    let (headers, body) = raw(response, max_bytes, room).await?;
    let coded = headers.contains_key(CONTENT_ENCODING)
        && (body.starts_with(&[0x1f, 0x8b]) || body.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    if coded {
        Err(Trouble::Coding("compressed although not asked for, and damaged".to_owned()))
    } else {
        Ok((headers, body))
    }
}

/// The beginning of a body, as far as it can be had.
pub(super) async fn peek(mut response: Response, bytes: usize) -> Vec<u8> {
    let mut page = Vec::new();
    while page.len() < bytes {
        let Ok(Some(chunk)) = next(&mut response).await else {
            break;
        };
        page.extend_from_slice(chunk.get(..bytes - page.len()).unwrap_or(&chunk));
    }
    page
}

async fn next(response: &mut Response) -> Result<Option<Bytes>, Trouble> {
    response.chunk().await.map_err(|error| {
        let error = error.without_url();
        let reason = trouble::innermost(&error);
        // The connection's own errors are hyper's; whatever else goes wrong in a body is its decoder.
        match trouble::find::<hyper::Error>(&error) {
            Some(_) => Trouble::Broken(reason),
            None => Trouble::Coding(reason),
        }
    })
}
