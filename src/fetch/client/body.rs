//! Bodies: read chunk by chunk, counted after decoding, let go at the first byte too many.

use super::{
    super::inflate::{Stuck, inflated},
    trouble,
};
use bytes::{Bytes, BytesMut};
use reqwest::{
    Response,
    header::{CONTENT_ENCODING, HeaderMap},
};

/// Most that is reserved on a server's word.
const MAX_RESERVE: u64 = 1 << 20;

/// Why a body could not be read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// More than allowed.
    TooLarge,
    /// Its content coding is broken.
    Coding(String),
    /// The connection broke before its end.
    Broken(String),
}

/// A whole body, with the header fields that describe it; also compression that they do not speak of is undone.
pub(super) async fn read(response: Response, max_bytes: usize) -> Result<(HeaderMap, Bytes), Trouble> {
    let (headers, body) = raw(response, max_bytes).await?;
    let coding = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let body = inflated(body, coding, max_bytes).map_err(|stuck| match stuck {
        Stuck::TooLarge => Trouble::TooLarge,
        Stuck::Broken(reason) => Trouble::Coding(reason),
    })?;
    Ok((headers, body))
}

async fn raw(mut response: Response, max_bytes: usize) -> Result<(HeaderMap, Bytes), Trouble> {
    let said = response.content_length();
    if said.is_some_and(|said| said > max_bytes as u64) {
        return Err(Trouble::TooLarge);
    }
    let headers = std::mem::take(response.headers_mut());
    let Some(first) = next(&mut response).await? else {
        return Ok((headers, Bytes::new()));
    };
    let Some(second) = next(&mut response).await? else {
        return if first.len() > max_bytes { Err(Trouble::TooLarge) } else { Ok((headers, first)) };
    };
    let mut body = BytesMut::with_capacity(said.unwrap_or(0).min(MAX_RESERVE) as usize);
    body.extend_from_slice(&first);
    let mut more = Some(second);
    while let Some(chunk) = more {
        if body.len() + chunk.len() > max_bytes {
            return Err(Trouble::TooLarge);
        }
        body.extend_from_slice(&chunk);
        more = next(&mut response).await?;
    }
    Ok((headers, body.freeze()))
}

/// A body that was asked for without codings and is not decoded. A server that claims one all the same is
/// believed only if the bytes look coded: then the body is truly broken.
pub(super) async fn read_identity(response: Response, max_bytes: usize) -> Result<(HeaderMap, Bytes), Trouble> {
    let (headers, body) = raw(response, max_bytes).await?;
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
        let reason = trouble::innermost(&error);
        // The connection's own errors are hyper's; whatever else goes wrong in a body is its decoder.
        match trouble::find::<hyper::Error>(&error) {
            Some(_) => Trouble::Broken(reason),
            None => Trouble::Coding(reason),
        }
    })
}
