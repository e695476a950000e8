//! Content codings: which there are, and bytes → coded bytes. Pure: the same bytes are coded the same way each time.

use flate2::{Compression, write::GzEncoder};
use std::{
    io::{self, Write},
    ops::RangeInclusive,
};

/// How hard each tries: a feed of 170 KB takes a few milliseconds in any of them, once a change.
const GZIP_LEVEL: u32 = 6;
const BROTLI_LEVEL: i32 = 5;
const ZSTD_LEVEL: i32 = 9;

/// Brotli's windows, as powers of two. What it clears beforehand is as large as its window; from 16 downwards it searches another, far
/// slower way.
const BROTLI_WINDOWS: RangeInclusive<u32> = 17..=22;

/// How bytes go over the wire (RFC 9110 §8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Brotli (RFC 7932).
    Brotli,
    /// Zstandard (RFC 8878).
    Zstd,
    /// gzip (RFC 1952).
    Gzip,
    /// As they are.
    Identity,
}

impl Coding {
    /// All of them; of those that a client likes equally well, the one that makes a feed smallest comes first.
    pub const ALL: [Coding; 4] = [Coding::Brotli, Coding::Zstd, Coding::Gzip, Coding::Identity];

    /// Its name in Accept-Encoding and Content-Encoding.
    pub fn name(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
            Coding::Gzip => "gzip",
            Coding::Identity => "identity",
        }
    }

    /// The bytes in this coding. Takes milliseconds: not for threads that others wait for.
    pub fn code(self, plain: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Coding::Brotli => {
                let params = brotli::enc::BrotliEncoderParams {
                    quality: BROTLI_LEVEL,
                    lgwin: brotli_window(plain.len()),
                    size_hint: plain.len(),
                    ..Default::default()
                };
                let mut coded = Vec::new();
                brotli::BrotliCompress(&mut &*plain, &mut coded, &params)?;
                Ok(coded)
            }
            Coding::Zstd => zstd::bulk::compress(plain, ZSTD_LEVEL),
            Coding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Coding::Identity => Ok(plain.to_vec()),
        }
    }

    pub(super) fn place(self) -> usize {
        self as usize
    }
}

/// One in which the whole document lies, as far as there is one.
fn brotli_window(bytes: usize) -> i32 {
    let bits = usize::BITS - bytes.leading_zeros();
    bits.clamp(*BROTLI_WINDOWS.start(), *BROTLI_WINDOWS.end()).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn each_coding_comes_back_whole_and_is_the_same_each_time() {
        let plain = "厦门日报 <p>港口一季度吞吐量增长</p>\n".repeat(500).into_bytes();
        for coding in Coding::ALL {
            let coded = coding.code(&plain).unwrap();
            assert_eq!(coded, coding.code(&plain).unwrap());
            let mut back = Vec::new();
            match coding {
                Coding::Brotli => brotli::Decompressor::new(&*coded, 4096).read_to_end(&mut back).unwrap(),
                Coding::Zstd => std::io::copy(&mut zstd::Decoder::new(&*coded).unwrap(), &mut back).unwrap() as usize,
                Coding::Gzip => flate2::read::GzDecoder::new(&*coded).read_to_end(&mut back).unwrap(),
                Coding::Identity => (&*coded).read_to_end(&mut back).unwrap(),
            };
            assert_eq!(back, plain, "{coding:?}");
            assert!(coding == Coding::Identity || coded.len() < plain.len() / 10, "{coding:?}");
        }
    }
}
