//! `X-Hub-Signature` (WebSub §7.1): made by a hub, verified by a subscriber. Pure; comparison takes the same time for any guess.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};
use std::fmt::Write;

/// The header's name.
pub const HEADER: &str = "x-hub-signature";

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not of the form `method=hex`.
    Malformed,
    /// A method we do not take: SHA-1, or one that nobody has registered.
    Weak,
    /// It is not that of this body under this secret.
    Wrong,
}

impl Fault {
    /// For the log.
    pub fn words(self) -> &'static str {
        match self {
            Fault::Malformed => "its signature cannot be read",
            Fault::Weak => "it is signed by a method weaker than SHA-256",
            Fault::Wrong => "its signature is wrong",
        }
    }
}

/// The header's value for a body: SHA-256, which every subscriber knows.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut value = "sha256=".to_owned();
    for byte in mac::<Hmac<Sha256>>(secret, body).map(|mac| mac.finalize().into_bytes()).unwrap_or_default() {
        let _ = write!(value, "{byte:02x}");
    }
    value
}

/// Whether the header's value is the signature of exactly this body.
pub fn verify(secret: &str, body: &[u8], value: &str) -> Result<(), Fault> {
    let (method, hex) = value.trim().split_once('=').ok_or(Fault::Malformed)?;
    let signature = bytes(hex.trim()).ok_or(Fault::Malformed)?;
    match method.trim().to_ascii_lowercase().as_str() {
        "sha256" => check::<Hmac<Sha256>>(secret, body, &signature),
        "sha384" => check::<Hmac<Sha384>>(secret, body, &signature),
        "sha512" => check::<Hmac<Sha512>>(secret, body, &signature),
        _ => Err(Fault::Weak),
    }
}

fn check<M: Mac + KeyInit>(secret: &str, body: &[u8], signature: &[u8]) -> Result<(), Fault> {
    let mac = mac::<M>(secret, body).ok_or(Fault::Wrong)?;
    mac.verify_slice(signature).map_err(|_| Fault::Wrong)
}

/// HMAC takes a key of any length; the library's signature has room for those that do not.
fn mac<M: Mac + KeyInit>(secret: &str, body: &[u8]) -> Option<M> {
    let mut mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body);
    Some(mac)
}

/// Hexadecimal digits of either case, in pairs.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len() % 2 == 0)?;
    digits.chunks_exact(2).map(|pair| u8::try_from(pair.iter().fold(0, |sum, digit| sum * 16 + digit)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    const SECRET: &str = "Jefe";
    const BODY: &[u8] = b"what do ya want for nothing?";
    const SHA256: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    const SHA384: &str =
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649";
    const SHA512: &str = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";

    #[test]
    fn known_signatures_of_each_method_are_right_in_either_case() {
        assert_eq!(sign(SECRET, BODY), format!("sha256={SHA256}"));
        for (method, hex) in [("sha256", SHA256), ("sha384", SHA384), ("sha512", SHA512)] {
            assert_eq!(verify(SECRET, BODY, &format!("{method}={hex}")), Ok(()), "{method}");
            assert_eq!(verify(SECRET, BODY, &format!(" {}={} ", method.to_uppercase(), hex.to_uppercase())), Ok(()));
        }
    }

    #[test]
    fn anything_else_is_not() {
        let right = format!("sha256={SHA256}");
        assert_eq!(verify("other", BODY, &right), Err(Fault::Wrong));
        assert_eq!(verify(SECRET, b"what do ya want for nothing!", &right), Err(Fault::Wrong));
        assert_eq!(verify(SECRET, BODY, &format!("sha512={SHA256}")), Err(Fault::Wrong), "cut short");
        assert_eq!(verify(SECRET, BODY, &format!("sha256={}", &SHA256[..62])), Err(Fault::Wrong), "cut short");
        // SHA-1 of the same: right, and not taken all the same.
        assert_eq!(verify(SECRET, BODY, "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"), Err(Fault::Weak));
        for odd in ["", "sha256", "sha256=", "sha256=abc", "sha256=zz", "sha256=５bdc", SHA256] {
            assert_eq!(verify(SECRET, BODY, odd), Err(Fault::Malformed), "{odd}");
        }
    }
}
