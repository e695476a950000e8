//! Sanitised HTML as a page shows it: links that give nothing away, pictures that load late and tell nobody where they are seen,
//! or none at all. Pure. In such HTML `<a ` and `<img ` begin a tag and nothing else, and every attribute is quoted.

use super::text::end_of_tag;
use crate::words::Words;

/// What is put into tags, and whether there are pictures.
pub struct Dress {
    /// Pictures are shown.
    pub images: bool,
    /// Words of the interface.
    pub words: &'static Words,
}

const APART: &str = " rel=\"noopener noreferrer nofollow\"";

impl Dress {
    /// The body, dressed.
    pub fn put_on(&self, html: &str) -> String {
        let mut out = String::with_capacity(html.len() + html.len() / 8);
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            let (text, tagged) = rest.split_at(at);
            out.push_str(text);
            let (tag, after) = tagged.split_at(end_of_tag(tagged));
            self.tag(tag, &mut out);
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn tag(&self, tag: &str, out: &mut String) {
        if tag.starts_with("<a ") {
            out.push_str("<a");
            // Editions of an older sanitiser say it themselves.
            out.push_str(if tag.contains(" rel=\"") { "" } else { APART });
            out.push_str(tag.get(2..).unwrap_or_default());
        } else if tag.starts_with("<img ") {
            self.image(tag, out);
        } else if let Some(name) = ["<video", "<audio"].iter().find(|name| tag.starts_with(**name)) {
            // Nothing is loaded before somebody wants to see it.
            let tag = without(tag, "preload");
            let tag = if self.images { tag } else { without(&tag, "poster") };
            out.extend([name, " preload=\"none\"", tag.get(name.len()..).unwrap_or_default()]);
        } else if let Some(rest) = tag.strip_prefix("<table") {
            // One that is wider than the page is moved sideways, by keyboard too.
            out.extend(["<table tabindex=\"0\"", rest]);
        } else if self.images || !is_choice_of_pictures(tag) {
            out.push_str(tag);
        }
    }

    fn image(&self, tag: &str, out: &mut String) {
        let words = value(tag, "alt").filter(|alt| !alt.trim().is_empty());
        if !self.images {
            let words = words.unwrap_or(self.words.image);
            out.extend(["<span class=\"noimage\">[", words, "]</span>"]);
            return;
        }
        out.push_str("<img");
        if !tag.contains(" loading=\"") {
            out.push_str(" loading=\"lazy\"");
        }
        out.push_str(" decoding=\"async\" referrerpolicy=\"no-referrer\"");
        if !tag.contains(" alt=\"") {
            out.extend([" alt=\"", self.words.image, "\""]);
        }
        out.push_str(tag.get(4..).unwrap_or_default());
    }
}

fn is_choice_of_pictures(tag: &str) -> bool {
    matches!(tag, "<picture>" | "</picture>") || (tag.starts_with("<source ") && tag.contains(" srcset=\""))
}

fn value<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

fn without(tag: &str, name: &str) -> String {
    let Some((before, after)) = tag.split_once(&format!(" {name}=\"")) else { return tag.to_owned() };
    format!("{before}{}", after.split_once('"').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dressed(images: bool, html: &str) -> String {
        Dress { images, words: Words::of("zh") }.put_on(html)
    }

    #[test]
    fn links_out_of_a_body_give_nothing_away_and_say_so_once() {
        let link =
            |rel: &str| format!("<p>a &lt;a <abbr title=\"b\">b</abbr> <a{rel} href=\"https://a.example/\">c</a></p>");
        assert_eq!(dressed(true, &link("")), link(APART));
        assert_eq!(dressed(true, &link(APART)), link(APART));
    }

    #[test]
    fn pictures_load_late_and_tell_nobody_where_they_are_seen() {
        let shown =
            dressed(true, "<p title=\"a>b\"><img src=\"https://a.example/1.jpg\" width=\"3\" height=\"2\"></p>");
        for part in ["loading=\"lazy\"", "referrerpolicy=\"no-referrer\"", "alt=\"图片\"", "width=\"3\" height=\"2\""]
        {
            assert_eq!(shown.matches(part).count(), 1, "{part} in {shown}");
        }
        let own = dressed(true, "<img src=\"x\" alt=\"码头\" loading=\"eager\">");
        assert_eq!((own.matches("alt=").count(), own.matches("loading=").count()), (1, 1), "{own}");
    }

    #[test]
    fn without_pictures_nothing_is_loaded_and_their_words_stand() {
        let html = "<picture><source srcset=\"https://a.example/2.webp\"><img src=\"https://a.example/1.jpg\" alt=\"码头\"></picture>\
                    <video src=\"https://a.example/v.mp4\" poster=\"https://a.example/p.jpg\" controls></video><img src=\"x\" alt=\"\">";
        let shown = dressed(false, html);
        assert_eq!(
            shown,
            "<span class=\"noimage\">[码头]</span>\
             <video preload=\"none\" src=\"https://a.example/v.mp4\" controls></video><span class=\"noimage\">[图片]</span>"
        );
    }
}
