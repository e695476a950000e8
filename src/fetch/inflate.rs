//! Bodies that are still compressed when they should not be: gzip that no header speaks of, deflate in both its meanings.

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::{BufRead, BufReader, Read as _};

/// Codings laid over each other that are undone.
const LAYERS: usize = 2;

/// Why it stays compressed.
#[derive(Debug)]
pub(super) enum Stuck {
    /// More than allowed comes out.
    TooLarge,
    /// Broken inside.
    Broken(String),
}

/// Writes the bytes inside to `out`, which is emptied before. `coding`: what Content-Encoding says.
///
/// Errors: more than `max_bytes`, broken off, damaged.
pub(super) fn inflated(body: &[u8], coding: Option<&str>, max_bytes: usize, out: &mut Vec<u8>) -> Result<(), Stuck> {
    let broken = |error: std::io::Error| Stuck::Broken(error.to_string());
    let mut inside: Box<dyn BufRead + '_> = Box::new(body);
    for layer in 0..LAYERS {
        // What it says, it says of the outermost one.
        let coding = coding.filter(|_| layer == 0);
        inside = match form(inside.fill_buf().map_err(broken)?, coding) {
            Form::Gzip => Box::new(BufReader::new(MultiGzDecoder::new(inside))),
            Form::Zlib => Box::new(BufReader::new(ZlibDecoder::new(inside))),
            Form::Deflate => Box::new(BufReader::new(DeflateDecoder::new(inside))),
            Form::Plain => break,
        };
    }
    out.clear();
    // One byte more than allowed tells a bomb from a body that just fits.
    inside.take(max_bytes as u64 + 1).read_to_end(out).map_err(broken)?;
    if out.len() > max_bytes { Err(Stuck::TooLarge) } else { Ok(()) }
}

/// Whether [`inflated`] has something to do.
pub(super) fn is_compressed(body: &[u8], coding: Option<&str>) -> bool {
    form(body, coding) != Form::Plain
}

#[derive(PartialEq, Eq)]
enum Form {
    Gzip,
    Zlib,
    Deflate,
    Plain,
}

fn form(body: &[u8], coding: Option<&str>) -> Form {
    match *body {
        [0x1f, 0x8b, 8, ..] => Form::Gzip,
        // A zlib header is a multiple of 31 (RFC 1950 §2.2); no text begins so.
        [0x78, second @ (0x01 | 0x5e | 0x9c | 0xda), ..] if (0x7800 + u16::from(second)) % 31 == 0 => Form::Zlib,
        // Without any header (what some servers call deflate) only the word of the server tells.
        [first, ..] if coding.is_some_and(is_deflate) && !b"<{[ \t\r\n\xef\xff\xfe".contains(&first) => Form::Deflate,
        _ => Form::Plain,
    }
}

fn is_deflate(coding: &str) -> bool {
    coding.trim().eq_ignore_ascii_case("deflate")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use std::io::Write;

    const FEED: &[u8] = "<rss version=\"2.0\"><channel><title>厦门日报</title></channel></rss>".as_bytes();

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn inside(body: &[u8], coding: Option<&str>) -> Result<Vec<u8>, Stuck> {
        let mut out = b"of another".to_vec();
        inflated(body, coding, 1 << 20, &mut out).map(|()| out)
    }

    fn plain(body: Vec<u8>, coding: Option<&str>) -> Vec<u8> {
        inside(&body, coding).unwrap()
    }

    #[test]
    fn what_is_compressed_is_told_by_its_bytes() {
        assert_eq!(plain(gzip(FEED), None), FEED);
        assert_eq!(plain(gzip(&gzip(FEED)), None), FEED);
        for level in [1, 6, 9] {
            assert_eq!(plain(zlib(FEED, level), None), FEED);
            assert_eq!(plain(zlib(FEED, level), Some("deflate")), FEED);
        }
        assert_eq!(plain(deflate(FEED), Some("Deflate")), FEED);
    }

    #[test]
    fn what_is_not_compressed_stays() {
        for body in [FEED, b"", b"x", b"x\x9d is text", b"{}"] {
            assert_eq!(plain(body.to_vec(), None), body);
        }
        assert_eq!(plain(FEED.to_vec(), Some("deflate")), FEED);
    }

    #[test]
    fn a_bomb_goes_off_in_a_box() {
        let zeros = vec![0; 8 << 20];
        assert!(
            matches!(inside(&zlib(&zeros, 9), Some("deflate")), Err(Stuck::TooLarge)),
            "what is inside is not deflated"
        );
        for bomb in [gzip(&zeros), zlib(&zeros, 9), gzip(&gzip(&zeros))] {
            assert!(bomb.len() < 64 << 10);
            assert!(matches!(inside(&bomb, None), Err(Stuck::TooLarge)));
        }
        assert!(matches!(inside(&deflate(&zeros), Some("deflate")), Err(Stuck::TooLarge)));
        assert_eq!(plain(gzip(&zeros[..1 << 20]), None).len(), 1 << 20);
    }

    #[test]
    fn what_broke_off_is_an_error() {
        let whole = gzip(FEED);
        assert!(matches!(inside(&whole[..whole.len() - 9], None), Err(Stuck::Broken(_))));
    }
}
