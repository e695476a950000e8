//! OPML 2.0: our feeds as a list that any reader imports.

use super::{
    OpmlFeed, OpmlHead,
    chars::{href, language, line, rfc822, some_line},
};
use anyhow::Context;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use std::io;

/// Where the form is described, as its authors ask for it (OPML 2.0, docs).
const DOCS: &str = "http://opml.org/spec2.opml";

/// Renders the list: one outline a group, one a feed inside it. Readers make a folder of each group, and few know folders in folders.
pub(super) fn render(head: &OpmlHead, groups: &[(String, Vec<OpmlFeed>)]) -> anyhow::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    write(&mut writer, head, groups).context("write OPML")?;
    Ok(writer.into_inner())
}

fn write(writer: &mut Writer<Vec<u8>>, head: &OpmlHead, groups: &[(String, Vec<OpmlFeed>)]) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    writer.write_event(Event::Start(BytesStart::new("opml").with_attributes([("version", "2.0")])))?;
    writer.write_event(Event::Start(BytesStart::new("head")))?;
    let said = [
        ("title", Some(line(&head.title))),
        ("dateModified", head.modified.map(rfc822)),
        ("ownerName", some_line(&head.title)),
        ("ownerId", href(&head.owner)),
        ("docs", Some(DOCS.to_owned())),
    ];
    for (name, text) in said {
        let Some(text) = text else { continue };
        writer.write_event(Event::Start(BytesStart::new(name)))?;
        writer.write_event(Event::Text(BytesText::new(&text)))?;
        writer.write_event(Event::End(BytesEnd::new(name)))?;
    }
    writer.write_event(Event::End(BytesEnd::new("head")))?;
    writer.write_event(Event::Start(BytesStart::new("body")))?;
    for (name, feeds) in groups.iter().filter(|(_, feeds)| !feeds.is_empty()) {
        let name = line(name);
        let group = BytesStart::new("outline").with_attributes([("text", name.as_str())]);
        // What stands in no group stands in no folder.
        let folder = Some(group).filter(|_| !name.is_empty());
        let is_folder = folder.is_some();
        folder.map(|folder| writer.write_event(Event::Start(folder))).transpose()?;
        for feed in feeds {
            write_feed(writer, feed)?;
        }
        if is_folder {
            writer.write_event(Event::End(BytesEnd::new("outline")))?;
        }
    }
    writer.write_event(Event::End(BytesEnd::new("body")))?;
    writer.write_event(Event::End(BytesEnd::new("opml")))
}

/// OPML 2.0: type=rss (of Atom too) needs xmlUrl, so a feed without an address is left out.
fn write_feed(writer: &mut Writer<Vec<u8>>, feed: &OpmlFeed) -> io::Result<()> {
    let Some(xml_url) = href(&feed.xml_url) else {
        return Ok(());
    };
    let title = some_line(&feed.title).unwrap_or_else(|| xml_url.clone());
    let mut outline = BytesStart::new("outline");
    outline.extend_attributes([("type", "rss"), ("text", &title), ("title", &title), ("xmlUrl", &xml_url)]);
    let further = [
        ("htmlUrl", href(&feed.html_url)),
        ("description", feed.description.as_deref().and_then(some_line)),
        ("language", feed.language.as_deref().and_then(language)),
    ];
    for (name, value) in further {
        if let Some(value) = value {
            outline.push_attribute((name, value.as_str()));
        }
    }
    writer.write_event(Event::Empty(outline))
}
