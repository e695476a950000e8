//! HTML → safe HTML: whatever comes in, nothing that runs comes out, and sanitising it again changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use syndic::{enrich::sanitise, model::Text};

const LIVE: [&str; 16] = [
    "script", "iframe", "object", "embed", "applet", "form", "input", "button", "base", "meta", "link", "style", "svg",
    "math", "template", "frame",
];

fuzz_target!(|html: &str| {
    let given = Text { base: Some("https://news.example/a/".to_owned()), ..Text::html(html.to_owned()) };
    let safe = sanitise(&given);
    for tag in safe.split('<').skip(1).map(inside) {
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(!LIVE.contains(&name.to_ascii_lowercase().as_str()), "<{name}> in {safe}");
        let mut outside = tag.split('"').step_by(2).flat_map(|part| part.split_ascii_whitespace());
        let handler = outside.find(|word| word.to_ascii_lowercase().starts_with("on") && word.ends_with('='));
        assert_eq!(handler, None, "in {safe}");
        let parts: Vec<&str> = tag.split('"').collect();
        for pair in parts.chunks(2) {
            let [name, value] = pair else { continue };
            // In a title or alt they are characters.
            let followed =
                ["href=", "src=", "srcset=", "cite=", "poster=", "data="].iter().any(|end| name.ends_with(end));
            let value = value.trim_start().to_ascii_lowercase();
            assert!(
                !followed || !value.starts_with("javascript:") && !value.starts_with("vbscript:"),
                "{value} in {safe}"
            );
        }
    }
    assert_eq!(sanitise(&Text { base: given.base, ..Text::html(safe.clone()) }), safe, "sanitised again");
});

/// A tag up to its `>`, those in quotes not counted.
fn inside(tag: &str) -> &str {
    let mut quoted = false;
    let end = tag.find(|c| {
        quoted ^= c == '"';
        c == '>' && !quoted
    });
    &tag[..end.unwrap_or(tag.len())]
}
