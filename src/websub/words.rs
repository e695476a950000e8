//! What is kept of a hub's own words: little, on one line, and nothing that we sent it in confidence.

/// Longest reason of a hub that is kept, characters.
const LONGEST_REASON: usize = 200;
/// So many hexadecimal digits in a row may be a part of a token or a secret.
const TELLING: usize = 16;

/// A hub's words, short enough to be kept, on one line. It may repeat what it was sent: whatever could be the token or the secret,
/// both of which are long rows of hexadecimal digits, is left out.
pub fn short(reason: &str) -> String {
    let reason = discreet(reason);
    let line = reason.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    let text: String = line.take(LONGEST_REASON).collect();
    if text.is_empty() { "no reason given".to_owned() } else { text }
}

fn discreet(text: &str) -> String {
    let is_digit = |c: char| c.is_ascii_hexdigit();
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_digit) {
        let (before, from) = rest.split_at(start);
        let (digits, after) = from.split_at(from.find(|c| !is_digit(c)).unwrap_or(from.len()));
        said.push_str(before);
        said.push_str(if digits.len() < TELLING { digits } else { "…" });
        rest = after;
    }
    said + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_that_repeats_what_it_was_sent_gives_nothing_away() {
        let token = "0aF".repeat(21) + "b";
        let reason = format!("no such callback: https://news.example/websub/{token}?secret={token}\n(code 404f)");
        assert_eq!(short(&reason), "no such callback: https://news.example/websub/…?secret=… (code 404f)");
        let late = "x".repeat(LONGEST_REASON - 20) + "-" + &token;
        assert!(short(&late).ends_with("x-…"), "not even its beginning");
        assert_eq!(short(" \n"), "no reason given");
    }
}
