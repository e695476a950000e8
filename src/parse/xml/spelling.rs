//! Names of extensions as their vocabularies spell them: XML tells `Thumbnail` from `thumbnail`, and so do readers.

use super::Ns;

/// The vocabularies whose names are lower-case, but for those below.
const LOWER: [Ns; 5] = [Ns::Itunes, Ns::Media, Ns::Slash, Ns::Wfw, Ns::Thr];

const MIXED: [&str; 11] = [
    "episodeType",
    "starRating",
    "subTitle",
    "backLink",
    "backLinks",
    "peerLink",
    "sceneTitle",
    "sceneDescription",
    "sceneStartTime",
    "sceneEndTime",
    "commentRss",
];

const MIXED_ATTRIBUTES: [&str; 2] = ["fileSize", "isDefault"];

/// The name of an element.
pub fn element(ns: Ns, local: &str) -> String {
    spelt(ns, local, &MIXED)
}

/// The name of an attribute of one.
pub fn attribute(ns: Ns, name: &str) -> String {
    spelt(ns, name, &MIXED_ATTRIBUTES)
}

fn spelt(ns: Ns, name: &str, mixed: &[&str]) -> String {
    if !LOWER.contains(&ns) {
        return name.to_owned();
    }
    let known = mixed.iter().find(|known| known.eq_ignore_ascii_case(name));
    known.map_or_else(|| name.to_ascii_lowercase(), |known| (*known).to_owned())
}
