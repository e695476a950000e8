//! `[export]`, `[[host]]`.

use super::{
    Default::None,
    Form::{Duration, Text},
    TableOfKeys, key, needed,
};

/// `[export]`.
pub(super) const EXPORT: TableOfKeys = TableOfKeys {
    heading: "[export]",
    about: "The site as files.",
    keys: &[key(
        "dir",
        Text,
        None,
        "\"public\"",
        "The folder in which the static site is kept up to date while syndic runs.",
    )],
};

/// `[[host]]`.
pub(super) const HOST: TableOfKeys = TableOfKeys {
    heading: "[[host]]",
    about: "A host that is asked faster or slower than others, between whose requests two seconds pass.",
    keys: &[
        needed("name", Text, "\"example.org\"", "The host, with all below it."),
        needed("every", Duration, "\"500ms\"", "The pause between two requests; an hour at most."),
    ],
};
