//! Text that holds a reference or a tag inside a line, and its paragraphs as blank lines: HTML would run them together.

use memchr::memchr_iter;

const BLOCKS: &str = " address article aside blockquote br canvas center dd details dialog dir div dl dt fieldset figcaption \
 figure footer form frameset h1 h2 h3 h4 h5 h6 header hr iframe li main menu nav noscript ol optgroup option p pre script \
 section select style summary svg table tbody td textarea tfoot th thead tr ul xmp ";

/// HTML with a paragraph for each, unless it has blocks of its own, or is but one.
pub fn kept(html: String) -> String {
    let whole: Vec<String> = paragraphs(&html);
    if whole.len() < 2 || html.contains("<!") || holds_block(&html) || whole.iter().any(|text| ends_in_tag(text)) {
        return html;
    }
    whole.iter().map(|lines| format!("<p>{lines}</p>")).collect::<Vec<_>>().join("\n")
}

/// What blank lines part, line ends as line breaks.
fn paragraphs(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let parted = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
    parted.map(|lines| lines.join("<br>")).collect()
}

fn holds_block(html: &str) -> bool {
    memchr_iter(b'<', html.as_bytes()).any(|at| {
        let rest = html.get(at + 1..).unwrap_or_default();
        let name = rest.strip_prefix('/').unwrap_or(rest);
        let end = name.bytes().take(16).take_while(u8::is_ascii_alphanumeric).count();
        let name = name.get(..end).unwrap_or_default().to_ascii_lowercase();
        !name.is_empty() && BLOCKS.split(' ').any(|block| block == name)
    })
}

/// A blank line inside a tag parts no paragraphs.
fn ends_in_tag(text: &str) -> bool {
    let after = text.rfind('<').and_then(|at| text.get(at + 1..)).unwrap_or(">");
    !after.contains('>') && after.starts_with(|c: char| c.is_alphabetic() || c == '/')
}
