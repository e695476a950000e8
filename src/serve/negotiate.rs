//! Which codings a client takes, the one it likes best first: RFC 9110 §12.5.3. Pure.

use crate::publish::Coding;
use axum::http::{HeaderMap, header};

/// Codings a client takes, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted([Option<Coding>; Coding::ALL.len()]);

/// Shorter documents are not worth coding.
pub const WORTH_CODING: usize = 512;

/// A weight in thousandths, as precise as the header can be.
type Weight = u16;

impl Accepted {
    /// Nothing but the document as it is.
    pub const PLAIN: Accepted = Accepted([Some(Coding::Identity), None, None, None]);

    /// What a request says. One that says nothing gets the document as it is: clients that cannot decode say nothing either.
    pub fn of(request: &HeaderMap) -> Accepted {
        if !request.contains_key(header::ACCEPT_ENCODING) {
            return Accepted::PLAIN;
        }
        let lists = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let (mut named, mut others) = ([None; Coding::ALL.len()], None);
        for (name, weight) in lists.flat_map(|list| list.split(',')).filter_map(member) {
            let here = Coding::ALL.iter().zip(named.iter_mut()).find(|(coding, _)| is_name(name, **coding));
            match here {
                Some((_, slot)) => *slot = slot.or(Some(weight)),
                None if name == "*" => others = others.or(Some(weight)),
                None => {}
            }
        }
        let mut weighed = Coding::ALL.map(|coding| (0, coding));
        for ((slot, coding), named) in weighed.iter_mut().zip(Coding::ALL).zip(named) {
            *slot = (weight_of(coding, named, others), coding);
        }
        // Stable: equally liked codings stay in our own order.
        weighed.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        Accepted(weighed.map(|(weight, coding)| (weight > 0).then_some(coding)))
    }

    /// All of them, best first.
    pub fn all(&self) -> impl Iterator<Item = Coding> {
        self.0.iter().flatten().copied()
    }

    /// The best; none where the client takes nothing that we have.
    pub fn best(&self) -> Option<Coding> {
        self.all().next()
    }

    /// The same for these bytes: few are sent as they are, to whoever takes them so.
    pub fn for_bytes(self, bytes: &[u8]) -> Accepted {
        let plain = self.all().any(|taken| taken == Coding::Identity);
        if bytes.len() < WORTH_CODING && plain { Accepted::PLAIN } else { self }
    }
}

/// Thousandths doubled, so that there is room for one below the least that can be said: identity unless it is ruled out, but
/// anything that was asked for rather.
fn weight_of(coding: Coding, named: Option<Weight>, others: Option<Weight>) -> Weight {
    let unsaid = if coding == Coding::Identity { 1 } else { 0 };
    named.or(others).map_or(unsaid, |weight| weight * 2)
}

fn is_name(name: &str, coding: Coding) -> bool {
    // RFC 9110 §8.4.1.3: recipients take x-gzip for gzip.
    name.eq_ignore_ascii_case(coding.name()) || (coding == Coding::Gzip && name.eq_ignore_ascii_case("x-gzip"))
}

/// `gzip;q=0.5`; nothing for what has not this form.
fn member(text: &str) -> Option<(&str, Weight)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let weight = match parts.next() {
        None => 1000,
        Some(weight) => thousandths(weight.strip_prefix("q=").or(weight.strip_prefix("Q="))?)?,
    };
    Some((name, weight))
}

/// A qvalue (§12.4.2): from 0 to 1 with up to three digits.
fn thousandths(text: &str) -> Option<Weight> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    if digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let fraction: Weight = format!("{digits:0<3}").parse().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Coding::{Brotli, Gzip, Identity, Zstd};
    use axum::http::HeaderValue;

    fn taken(lists: &[&'static str]) -> Vec<Coding> {
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(list));
        }
        Accepted::of(&headers).all().collect()
    }

    #[test]
    fn what_is_liked_most_comes_first_and_what_is_ruled_out_never() {
        for (list, codings) in [
            ("gzip", vec![Gzip, Identity]),
            ("gzip, deflate, br, zstd", vec![Brotli, Zstd, Gzip, Identity]),
            ("gzip;q=1.0, br;q=0.5", vec![Gzip, Brotli, Identity]),
            ("identity, gzip;q=0.9", vec![Identity, Gzip]),
            ("gzip;q=0", vec![Identity]),
            ("gzip;q=0.000, *", vec![Brotli, Zstd, Identity]),
            ("gzip;q=0.001", vec![Gzip, Identity]),
            ("*", vec![Brotli, Zstd, Gzip, Identity]),
            ("*;q=0", vec![]),
            ("identity;q=0", vec![]),
            ("identity;q=0, gzip", vec![Gzip]),
            ("*;q=0, gzip", vec![Gzip]),
            ("*;q=0, identity;q=0.1", vec![Identity]),
            ("X-GZIP ; Q=0.3", vec![Gzip, Identity]),
            ("", vec![Identity]),
            ("compress, deflate", vec![Identity]),
        ] {
            assert_eq!(taken(&[list]), codings, "{list}");
        }
        assert_eq!(taken(&[]), [Identity]);
        assert_eq!(taken(&["gzip", "br;q=0.1"]), [Gzip, Brotli, Identity], "two header lines are one list");
    }

    #[test]
    fn what_has_not_the_form_says_nothing() {
        for list in
            ["gzip;q=2", "gzip;q=", "gzip;q=-1", "gzip;q=0.1234", "gzip;q=1.001", "gzip;level=9", ";q=1", "gz ip"]
        {
            assert_eq!(taken(&[list]), [Identity], "{list}");
        }
    }
}
