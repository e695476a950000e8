//! What was probably meant by a misspelt word.

/// The candidate that was probably meant: few slips of the finger away, and more alike than different.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let word = plain(word.get(..64).unwrap_or(word));
    let slips = |candidate: &str| strsim::damerau_levenshtein(&word, &plain(candidate));
    let measured = candidates.into_iter().map(|candidate| (slips(candidate), candidate));
    let (slips, candidate) = measured.min_by_key(|(slips, _)| *slips)?;
    let longest = word.chars().count().max(candidate.chars().count());
    (slips <= 1 && longest > 2 || slips * 5 <= longest * 2).then(|| candidate.to_owned())
}
