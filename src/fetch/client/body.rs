//! Bodies: read chunk by chunk, counted after decoding, let go at the first byte too many.

use super::{
    super::{
        drip::Arrival,
        inflate::{Stuck, inflated, is_compressed},
        room::{FREE, Growing, Room},
    },
    trouble,
};
use bytes::Bytes;
use reqwest::{
    Response,
    header::{CONTENT_ENCODING, HeaderMap},
};
use tokio::time::Instant;

/// What is unpacked is tried with so much memory first.
const UNPACKED: usize = 1 << 20;

/// Why a body could not be read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// More than allowed.
    TooLarge,
    /// It holds memory that others wait for, and arrives too slowly.
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
    if !is_compressed(body.first(), coding) {
        return Ok((headers, body.finish()));
    }
    let (body, block) = body.into_source();
    let body = inside(body, coding, max_bytes, room, block).await?;
    Ok((headers, body))
}

/// What was sent to us, without the compression that is still on it.
pub(super) async fn unpacked(body: Bytes, max_bytes: usize, room: &Room) -> Result<Bytes, Trouble> {
    if is_compressed(&body, None) { inside(body, None, max_bytes, room, None).await } else { Ok(body) }
}

/// Undoes compression off the threads that serve: with little memory first, in `block` where that is held already.
async fn inside(
    body: Bytes,
    coding: Option<&str>,
    max_bytes: usize,
    room: &Room,
    mut block: Option<Growing>,
) -> Result<Bytes, Trouble> {
    let mut limit = if block.is_some() { max_bytes } else { max_bytes.min(UNPACKED) };
    loop {
        let mut out = match block.take() {
            Some(block) => block,
            None => room.whole(limit).await,
        };
        let (body, coding) = (body.clone(), coding.map(str::to_owned));
        let work = move || inflated(&body, coding.as_deref(), limit, out.bytes()).map(|()| out.finish());
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(body)) => return Ok(body),
            Ok(Err(Stuck::TooLarge)) if limit < max_bytes => limit = max_bytes,
            Ok(Err(Stuck::TooLarge)) => return Err(Trouble::TooLarge),
            Ok(Err(Stuck::Broken(reason))) => return Err(Trouble::Coding(reason)),
            Err(error) => return Err(Trouble::Coding(error.to_string())),
        }
    }
}

async fn raw(mut response: Response, max_bytes: usize, room: &Room) -> Result<(HeaderMap, Growing), Trouble> {
    let said = response.content_length().unwrap_or(0);
    if said > max_bytes as u64 {
        return Err(Trouble::TooLarge);
    }
    let headers = std::mem::take(response.headers_mut());
    let mut body = room.body(max_bytes);
    body.bytes().reserve_exact(usize::try_from(said).unwrap_or(0).min(FREE));
    let mut arrival = Arrival::new(Instant::now());
    while let Some(chunk) = next_unless_drip(&mut response, &mut arrival, &body, room).await? {
        let asked = Instant::now();
        body.push(&chunk).await.map_err(|_| Trouble::TooLarge)?;
        arrival.came(chunk.len());
        arrival.paused(asked.elapsed());
    }
    Ok((headers, body))
}

/// Reads on, unless others wait for the memory that this body holds, and it hardly arrives.
async fn next_unless_drip(
    response: &mut Response,
    arrival: &mut Arrival,
    body: &Growing,
    room: &Room,
) -> Result<Option<Bytes>, Trouble> {
    let chunk = next(response);
    tokio::pin!(chunk);
    loop {
        if arrival.is_drip(Instant::now()) && body.is_counted() && room.is_wanted() {
            room.gauge().refused();
            return Err(Trouble::Slow);
        }
        tokio::select! {
            biased;
            chunk = &mut chunk => return chunk,
            () = tokio::time::sleep_until(arrival.ends()) => {}
        }
    }
}

/// A body that was asked for without codings and is not decoded. A server that claims one all the same is
/// believed only if the bytes look coded: then the body is truly broken.
pub(super) async fn read_identity(
    response: Response,
    max_bytes: usize,
    room: &Room,
) -> Result<(HeaderMap, Bytes), Trouble> {
    let (headers, body) = raw(response, max_bytes, room).await?;
    let body = body.finish();
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
