//! What a Jekyll site needs besides its posts: settings, layouts, the first page, a page for each category. Pure.

use super::{one_line, quoted, word};
use crate::{config::Site, model::CategoryRef, words::Words};
use std::fmt::Write;

/// `_config.yml`.
pub fn config(site: &Site) -> String {
    let base = site.url.path().trim_end_matches('/');
    let origin = site.url.as_str().trim_end_matches('/');
    let origin = origin.strip_suffix(base).unwrap_or(origin);
    let mut text = String::from("# Written by syndic. `jekyll build` makes the site of it.\n");
    for (key, value) in [
        ("title", site.title.as_str()),
        ("description", site.description.as_str()),
        ("lang", site.language.as_str()),
        ("url", origin),
        ("baseurl", base),
        ("timezone", site.timezone.map_or("UTC", |zone| zone.name())),
    ] {
        let _ = writeln!(text, "{key}: {}", quoted(&one_line(value)));
    }
    text.push_str("permalink: /entry/:title.html\nfuture: true\nmarkdown: kramdown\nexclude: [manifest.ndjson]\n");
    text
}

/// `category/<slug>.html`.
pub fn category(of: &CategoryRef) -> String {
    let CategoryRef { slug, title } = of;
    format!(
        "---\nlayout: category\ntitle: {}\ncategory: {}\npermalink: /category/{slug}.html\n---\n",
        quoted(&one_line(title)),
        word(slug.as_str())
    )
}

/// `index.html`: the newest posts.
pub fn index(site: &Site, words: &Words) -> String {
    format!("---\nlayout: default\ntitle: {}\n---\n{}", quoted(&one_line(&site.title)), said(words, INDEX))
}

const INDEX: &str = r#"<ul>
{%- for post in site.posts limit:50 %}
<li><a href="{{ post.url | relative_url }}">{{ post.title | default: "UNTITLED" | escape }}</a> <small>{{ post.source | escape }} {{ post.date | date: "%Y-%m-%d" }}</small></li>
{%- endfor %}
</ul>
"#;

/// Layouts, by their file names.
pub fn layouts(words: &Words) -> [(&'static str, String); 3] {
    [("default.html", DEFAULT), ("post.html", POST), ("category.html", CATEGORY)]
        .map(|(name, text)| (name, said(words, text)))
}

fn said(words: &Words, text: &str) -> String {
    text.replace("SOURCE", words.newspaper_is).replace("UNTITLED", words.untitled)
}

const DEFAULT: &str = r#"<!doctype html>
<html lang="{{ page.lang | default: site.lang | escape }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ page.title | default: "UNTITLED" | escape }}</title>
<style>
:root { color-scheme: light dark }
body { max-width: 44rem; margin: 0 auto; padding: 1rem; line-height: 1.8; overflow-wrap: anywhere }
img { max-width: 100%; height: auto }
li { margin: .4em 0 }
</style>
</head>
<body>
<header><a href="{{ '/' | relative_url }}">{{ site.title | escape }}</a></header>
<main>
<h1>{{ page.title | default: "UNTITLED" | escape }}</h1>
{{ content }}
</main>
</body>
</html>
"#;

const POST: &str = r#"---
layout: default
---
<p><small>SOURCE{{ page.source | escape }} {{ page.date | date: "%Y-%m-%d %H:%M" }}</small></p>
{{ content }}
{%- if page.link %}
<p><a href="{{ page.link | escape }}">{{ page.link | escape }}</a></p>
{%- endif %}
"#;

const CATEGORY: &str = r#"---
layout: default
---
<ul>
{%- for post in site.categories[page.category] %}
<li><a href="{{ post.url | relative_url }}">{{ post.title | default: "UNTITLED" | escape }}</a> <small>{{ post.source | escape }} {{ post.date | date: "%Y-%m-%d" }}</small></li>
{%- endfor %}
</ul>
"#;
