//! What other sites and search engines read of a page: OpenGraph, and JSON-LD NewsArticle (schema.org) that names the true
//! publisher. Pure.

use super::text::{Moment, plain_text, safe_link};
use crate::{config::Site, model::Enclosure, view::ItemView};
use serde_json::{Map, Value, json};

/// The card of a page.
pub struct Card {
    /// og:type.
    pub kind: &'static str,
    /// og:url: our page.
    pub url: String,
    /// og:image, absolute.
    pub image: Option<String>,
    /// RFC 3339.
    pub published: Option<String>,
    /// JSON-LD, fit to stand inside `<script>`.
    pub data: Option<String>,
}

impl Card {
    /// Of a page that is no article.
    pub fn of_site(url: String) -> Card {
        Card { kind: "website", url, image: None, published: None, data: None }
    }

    /// Of an article. `headline`, `newspaper` and `lead` are as the page shows them; `body` is what it shows of the text, as HTML.
    pub fn of_article(
        item: &ItemView,
        site: &Site,
        (headline, newspaper, lead): (&str, &str, &str),
        body: &str,
    ) -> Card {
        let exact = |time| Moment::at(time, site).exact;
        let image = attached_picture(&item.enclosures).or_else(|| first_picture(body)).filter(|_| site.images);
        let published = item.published.map(exact);
        let mut data = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                data.insert(name.to_owned(), value);
            }
        };
        let original = item.original.as_deref().and_then(safe_link);
        put("@context", Some("https://schema.org".into()));
        put("@type", Some("NewsArticle".into()));
        put("headline", Some(headline.into()));
        put("description", Some(lead).filter(|lead| !lead.is_empty()).map(Value::from));
        put("inLanguage", item.language.as_deref().map(Value::from));
        put("datePublished", published.clone().map(Value::from));
        put("dateModified", Some(exact(item.updated).into()));
        put("author", Some(authors(item)).filter(|authors| !authors.is_empty()).map(Value::from));
        put("publisher", Some(newspaper).filter(|name| !name.is_empty()).map(|name| publisher(item, name)));
        put("image", image.clone().map(Value::from));
        put("url", Some(original.unwrap_or(&item.page).into()));
        put("mainEntityOfPage", Some(item.page.as_str().into()));
        put("isBasedOn", original.map(Value::from));
        put("identifier", Some(item.code.as_str().into()));
        let rights = item.rights.as_ref().map(plain_text).filter(|rights| !rights.is_empty());
        put("copyrightNotice", rights.map(Value::from));
        let data = Some(inert(&Value::Object(data).to_string()));
        Card { kind: "article", url: item.page.clone(), image, published, data }
    }
}

fn authors(item: &ItemView) -> Vec<Value> {
    let names: Vec<&str> = match item.byline.is_empty() {
        false => item.byline.iter().map(String::as_str).collect(),
        true => item.authors.iter().map(|author| author.name.trim()).collect(),
    };
    names.into_iter().filter(|name| !name.is_empty()).map(|name| json!({ "@type": "Person", "name": name })).collect()
}

/// The newspaper named in the text may be another than our source, whose home page is not its own then.
fn publisher(item: &ItemView, name: &str) -> Value {
    let home = item.source.home.as_deref().filter(|_| item.publisher.is_none()).and_then(safe_link);
    match home {
        Some(home) => json!({ "@type": "NewsMediaOrganization", "name": name, "url": home }),
        None => json!({ "@type": "NewsMediaOrganization", "name": name }),
    }
}

fn attached_picture(files: &[Enclosure]) -> Option<String> {
    let picture = |file: &&Enclosure| file.media_type.as_deref().is_some_and(|kind| kind.starts_with("image/"));
    files.iter().filter(picture).find_map(|file| safe_link(&file.url)).map(str::to_owned)
}

/// Of sanitised HTML.
fn first_picture(html: &str) -> Option<String> {
    let tag = html.split("<img ").nth(1)?.split('>').next()?;
    let source = tag.split("src=\"").nth(1)?.split('"').next()?;
    let source = html_escape::decode_html_entities(source);
    safe_link(&source).map(str::to_owned)
}

/// JSON in which nothing ends or begins an element: `<` `>` `&` only stand in strings, where an escape means the same.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        serve::hand::{config, item},
        view::ItemBody,
    };

    fn data(item: &ItemView, headline: &str) -> (Value, String) {
        let card = Card::of_article(
            item,
            &config().site,
            (headline, "厦门日报", "导语"),
            "<p><img src=\"https://a.example/1.jpg?a&amp;b\" alt=\"\"></p>",
        );
        let text = card.data.unwrap();
        (serde_json::from_str(&text).unwrap(), text)
    }

    #[test]
    fn the_publisher_is_the_newspaper_and_the_original_is_named() {
        let (data, _) = data(&item("题", ItemBody::Link), "题");
        assert_eq!(
            data["publisher"],
            json!({ "@type": "NewsMediaOrganization", "name": "厦门日报" }),
            "not our source"
        );
        assert_eq!(data["isBasedOn"], "https://paper.example/1");
        assert_eq!(data["datePublished"], "2022-04-22T07:44:35+08:00");
        assert_eq!(data["image"], "https://a.example/1.jpg?a&b");
        assert!(data.get("author").is_none(), "we are never the author");
    }

    #[test]
    fn nothing_in_it_ends_the_element() {
        let hostile = "</script><script>alert(1)</script><!--";
        let mut of = item(hostile, ItemBody::Link);
        of.byline = vec![hostile.into()];
        let (data, text) = data(&of, hostile);
        assert_eq!((data["headline"].as_str(), data["author"][0]["name"].as_str()), (Some(hostile), Some(hostile)));
        assert!(!text.contains('<') && !text.contains('>'), "{text}");
    }
}
