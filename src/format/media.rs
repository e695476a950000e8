//! Media RSS on its way out: a group is a choice of files, and what is said of one file stands inside it.

use super::vocabulary::{MEDIA, Passed};

/// A media:group holds one thing in several files. One that holds a single file is that file; one that holds none is what
/// stands in it.
pub(super) fn settled(elements: Vec<Passed>) -> Vec<Passed> {
    elements.into_iter().flat_map(ungrouped).collect()
}

fn ungrouped(element: Passed) -> Vec<Passed> {
    let files = |group: &Passed| group.children.iter().filter(|child| is(child, &["content"])).count();
    match files(&element) {
        _ if !is(&element, &["group"]) => vec![element],
        0 => element.children,
        1 => {
            let (mut files, words): (Vec<_>, Vec<_>) =
                element.children.into_iter().partition(|child| is(child, &["content"]));
            files.iter_mut().for_each(|file| take_in(file, &words));
            files
        }
        _ => vec![element],
    }
}

/// A file says more than what is around it: only what it does not say itself is said by that.
fn take_in(file: &mut Passed, words: &[Passed]) {
    let own = file.children.len();
    for word in words {
        if !file.children.iter().take(own).any(|child| (child.prefix, &child.local) == (word.prefix, &word.local)) {
            file.children.push(word.clone());
        }
    }
}

/// media:title and media:description beside an entry's own stand in for them in some readers; inside a file they do not.
/// Several files may be several things: only a lone one takes them in. Else they stand in one without an address.
pub(super) fn beside_a_title(elements: Vec<Passed>) -> Vec<Passed> {
    const TEXTS: &[&str] = &["title", "description"];
    const FILES: &[&str] = &["content", "group"];
    if !elements.iter().any(|element| is(element, TEXTS)) {
        return elements;
    }
    let files = elements.iter().filter(|element| is(element, FILES)).count();
    let moves =
        |element: &Passed| is(element, TEXTS) || (files < 2 && element.prefix == MEDIA.0 && !is(element, FILES));
    let (words, mut all): (Vec<_>, Vec<_>) = elements.into_iter().partition(moves);
    match all.iter_mut().find(|element| is(element, FILES)).filter(|_| files == 1) {
        Some(file) => take_in(file, &words),
        None => all.push(Passed::around(MEDIA.0, "content", words)),
    }
    all
}

fn is(element: &Passed, names: &[&str]) -> bool {
    element.prefix == MEDIA.0 && names.contains(&element.local.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(local: &str, text: &str) -> Passed {
        Passed::flat(MEDIA.0, local, Some(text.to_owned()), vec![])
    }

    fn around(local: &str, children: Vec<Passed>) -> Passed {
        Passed::around(MEDIA.0, local, children)
    }

    fn shown(elements: &[Passed]) -> String {
        let one = |element: &Passed| {
            format!("{}{}({})", element.local, element.text.as_deref().unwrap_or(""), shown(&element.children))
        };
        elements.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_group_of_one_file_is_that_file_and_its_words_win() {
        let file = around("content", vec![word("title", "own")]);
        let group = around("group", vec![word("title", "whole"), file, word("credit", "a"), word("credit", "b")]);
        assert_eq!(shown(&settled(vec![group])), "content(titleown() credita() creditb())");
    }

    #[test]
    fn a_group_without_files_is_what_stands_in_it_and_one_of_two_stays() {
        let none = around("group", vec![word("thumbnail", "t")]);
        let two = around("group", vec![around("content", vec![]), around("content", vec![])]);
        assert_eq!(shown(&settled(vec![none, two])), "thumbnailt() group(content() content())");
    }

    #[test]
    fn words_beside_a_title_go_into_the_only_file() {
        let alone = vec![word("title", "t"), around("content", vec![]), word("rating", "r")];
        assert_eq!(shown(&beside_a_title(alone)), "content(titlet() ratingr())");
        let several =
            vec![word("title", "t"), around("content", vec![]), around("content", vec![]), word("rating", "r")];
        assert_eq!(shown(&beside_a_title(several)), "content() content() ratingr() content(titlet())");
        let none = vec![word("description", "d"), word("thumbnail", "i")];
        assert_eq!(shown(&beside_a_title(none)), "content(descriptiond() thumbnaili())");
        let untitled = vec![around("content", vec![]), word("rating", "r")];
        assert_eq!(shown(&beside_a_title(untitled)), "content() ratingr()");
    }
}
