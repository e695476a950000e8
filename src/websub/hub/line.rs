//! Followers that have something to get, in the order in which that was found: so many are pushed to at once, and of these so many
//! at one host. Who waits holds nothing, and no slow host keeps the others waiting. Pure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Pushes under way at once.
const MOST: usize = 32;
/// Of these, at one host.
const MOST_OF_HOST: usize = 2;

/// Who waits, and who is being pushed to.
#[derive(Debug, Default)]
pub struct Line {
    waiting: VecDeque<(String, String)>,
    /// Waiting or being pushed to: nobody is pushed to twice at once.
    known: BTreeSet<String>,
    under_way: BTreeMap<String, usize>,
}

impl Line {
    /// One more waits, unless it already does, or is being pushed to.
    pub fn put(&mut self, token: String, host: String) {
        if self.known.insert(token.clone()) {
            self.waiting.push_back((token, host));
        }
    }

    /// The next one that may be pushed to, with its host.
    pub fn next(&mut self) -> Option<(String, String)> {
        if self.under_way.values().sum::<usize>() >= MOST {
            return None;
        }
        let busy = |host: &String| self.under_way.get(host).is_some_and(|pushes| *pushes >= MOST_OF_HOST);
        let place = self.waiting.iter().position(|(_, host)| !busy(host))?;
        let (token, host) = self.waiting.remove(place)?;
        *self.under_way.entry(host.clone()).or_default() += 1;
        Some((token, host))
    }

    /// A push has ended.
    pub fn ended(&mut self, token: &str, host: &str) {
        self.known.remove(token);
        if let Some(pushes) = self.under_way.get_mut(host) {
            *pushes -= 1;
            if *pushes == 0 {
                self.under_way.remove(host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_with_many_followers_keeps_no_other_waiting_and_nobody_is_pushed_to_twice_at_once() {
        let mut line = Line::default();
        for number in 0..5 {
            line.put(format!("a{number}"), "slow.example".into());
        }
        line.put("a0".into(), "slow.example".into());
        line.put("b".into(), "quick.example".into());
        let started: Vec<String> = std::iter::from_fn(|| line.next()).map(|(token, _)| token).collect();
        assert_eq!(started, ["a0", "a1", "b"]);
        line.put("a0".into(), "slow.example".into());
        line.ended("a1", "slow.example");
        assert_eq!(line.next().unwrap().0, "a2");
        line.ended("a0", "slow.example");
        line.ended("a2", "slow.example");
        line.put("a0".into(), "slow.example".into());
        let rest: Vec<String> = std::iter::from_fn(|| line.next()).map(|(token, _)| token).collect();
        assert_eq!(rest, ["a3", "a4"]);
    }

    #[test]
    fn so_many_at_once_and_no_more() {
        let mut line = Line::default();
        for number in 0..100 {
            line.put(format!("{number}"), format!("h{number}.example"));
        }
        assert_eq!(std::iter::from_fn(|| line.next()).count(), MOST);
        line.ended("0", "h0.example");
        assert_eq!(std::iter::from_fn(|| line.next()).count(), 1);
    }
}
