//! More new entries at once than a source can have written: an archive that was let loose, or a feed whose ids all changed. Pure.
//! They are held back until the next document confirms them, then taken in by and by, and few of them enter feeds.

use crate::model::{Draft, InfoCode};
use std::collections::HashSet;

/// What is to be done about the new entries of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Their codes' hashes: remembered until the next document.
    pub quarantine: Vec<u64>,
    /// Of the drafts, by their places, those that are not taken in.
    pub held_back: HashSet<usize>,
    /// What is taken in stands where a new source's old entries do: few of them enter feeds.
    pub quiet: bool,
}

/// Judges the drafts of a document that is not the source's first. `known`: codes of entries that are here, in the drafts' order.
/// `before`: what the last document's verdict held back.
pub fn judge(drafts: &[Draft], known: &[Option<InfoCode>], before: &[u64], most: usize) -> Verdict {
    let known = known.iter().map(Option::is_some).chain(std::iter::repeat(false));
    let mut new: Vec<(usize, &crate::model::Candidate)> = drafts
        .iter()
        .zip(known)
        .enumerate()
        .filter_map(|(at, (draft, known))| match draft {
            Draft::Candidate(candidate) if !known => Some((at, candidate.as_ref())),
            _ => None,
        })
        .collect();
    let flood = new.len() > most;
    if !flood {
        return Verdict { quiet: !before.is_empty(), ..Verdict::default() };
    }
    let before: HashSet<u64> = before.iter().copied().collect();
    new.retain(|(_, candidate)| !before.contains(&hash(&candidate.code)));
    new.sort_by_key(|(_, candidate)| std::cmp::Reverse(candidate.sort_date));
    let quarantine = remembered(new.iter().map(|(_, candidate)| hash(&candidate.code)).collect(), most);
    Verdict { quarantine, held_back: new.into_iter().map(|(at, _)| at).collect(), quiet: true }
}

/// Of the hashes, newest first, those that the next document may confirm: half of them the newest, half drawn from the others, anew
/// for each document. What goes on being listed is so drawn at last, however many others come and go before it.
fn remembered(mut hashes: Vec<u64>, most: usize) -> Vec<u64> {
    let seed = hashes.iter().fold(0, |seed, hash| seed ^ hash);
    let mut others = hashes.split_off(hashes.len().min(most / 2));
    others.sort_by_key(|hash| twox_hash::XxHash3_64::oneshot_with_seed(seed, &hash.to_le_bytes()));
    hashes.extend(others);
    hashes.truncate(most);
    hashes
}

impl Verdict {
    /// The drafts that are taken in, and their codes.
    pub fn let_in(&self, drafts: Vec<Draft>, known: Vec<Option<InfoCode>>) -> (Vec<Draft>, Vec<Option<InfoCode>>) {
        if self.held_back.is_empty() {
            return (drafts, known);
        }
        let known = known.into_iter().chain(std::iter::repeat(None));
        let both = drafts.into_iter().zip(known).enumerate().filter(|(at, _)| !self.held_back.contains(at));
        both.map(|(_, both)| both).unzip()
    }
}

/// What to say of it.
pub fn note(held_back: usize, most: usize) -> Option<String> {
    (held_back > 0).then(|| {
        format!(
            "{held_back} new entries at once are held back (more than [poll] max_new = {most}): they come in with the next polls if the \
             feed still lists them then; look at it in a browser"
        )
    })
}

fn hash(code: &InfoCode) -> u64 {
    twox_hash::XxHash3_64::oneshot(code.as_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::remembered;

    #[test]
    fn what_goes_on_being_listed_is_remembered_at_last_behind_whatever_comes_and_goes() {
        // Of 40 that are older than 60 with other ids in each document, 10 in each round are remembered.
        let hash = |number: u64| twox_hash::XxHash3_64::oneshot(&number.to_le_bytes());
        let mut waiting: Vec<u64> = (0..40).map(hash).collect();
        for round in 1..300 {
            let rotating = (0..60).map(|n| hash(round * 1_000 + n));
            let kept = remembered(rotating.chain(waiting.iter().copied()).collect(), 10);
            assert_eq!(kept.len(), 10);
            waiting.retain(|hash| !kept.contains(hash));
        }
        assert!(waiting.is_empty(), "{waiting:?}");
        assert_eq!(remembered(vec![3, 2], 10).len(), 2);
    }
}
