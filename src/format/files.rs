//! Attached files that RSS has no element for: it has one enclosure, which has no title.

use super::{
    chars::{href, media_type, some_line, unrunnable},
    vocabulary::{self, Passed},
};
use crate::{
    model::{self, Enclosure},
    view::ItemView,
};

/// The profile allows one enclosure; the others stand as media:content, unless upstream's own Media RSS names them already.
pub(super) fn further(item: &ItemView) -> Vec<Passed> {
    // The first has the enclosure, which has no title.
    let files = item.enclosures.iter().filter_map(|of| Some((href(&of.url)?, of))).enumerate();
    let files = files.filter(|(at, (_, of))| *at > 0 || of.title.is_some()).map(|(_, file)| file);
    let named = |url: &str| item.extensions.iter().any(|element| names_file(element, url, 8));
    let content = |(url, of): (String, &Enclosure)| {
        let mut attributes = vec![("url", url)];
        attributes.extend(of.media_type.as_deref().and_then(media_type).map(|media| ("type", media)));
        attributes.extend(of.length.map(|length| ("fileSize", length.to_string())));
        attributes.extend(of.duration.map(|seconds| ("duration", seconds.to_string())));
        let title = of.title.as_deref().and_then(some_line);
        let title = title
            .map(|title| Passed::flat(vocabulary::MEDIA.0, "title", Some(unrunnable(&title).into_owned()), vec![]));
        Passed {
            children: title.into_iter().collect(),
            ..Passed::flat(vocabulary::MEDIA.0, "content", None, attributes)
        }
    };
    files.filter(|(url, _)| !named(url)).map(content).collect()
}

fn names_file(element: &model::Element, url: &str, depth: usize) -> bool {
    let here =
        element.name == "content" && element.attributes.iter().any(|(name, value)| name == "url" && value == url);
    here || (depth > 0 && element.children.iter().any(|child| names_file(child, url, depth - 1)))
}
