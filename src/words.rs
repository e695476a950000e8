//! The words of the interface, in one place, by the language of the site.

/// What is said of the house.
mod house;

/// One language's words.
#[derive(Debug)]
pub struct Words {
    /// Link to the first page.
    pub home: &'static str,
    /// Link to the page about syndicating.
    pub about: &'static str,
    /// Link to the state of the sources.
    pub status: &'static str,
    /// Link over what stands above the text, for who reads by keyboard or ear.
    pub skip: &'static str,
    /// Name of the links in the page's head.
    pub menu: &'static str,
    /// Heading of the feeds.
    pub subscribe: &'static str,
    /// What to do with their addresses.
    pub subscribe_how: &'static str,
    /// Button: puts an address on the clipboard.
    pub copy: &'static str,
    /// What it says then.
    pub copied: &'static str,
    /// Name of the list of all feeds.
    pub opml: &'static str,
    /// Name of the feed of everything.
    pub everything: &'static str,
    /// Heading: categories.
    pub categories: &'static str,
    /// Heading: sources.
    pub sources: &'static str,
    /// Link from a category's newest titles to its page.
    pub more: &'static str,
    /// Where there is nothing yet.
    pub empty: &'static str,
    /// An entry without a title.
    pub untitled: &'static str,
    /// Before the newspaper.
    pub newspaper: &'static str,
    /// The same in one line with it.
    pub newspaper_is: &'static str,
    /// Before the author.
    pub author: &'static str,
    /// Before the date of publication.
    pub published: &'static str,
    /// Before the date of the last change.
    pub updated: &'static str,
    /// Link to the original.
    pub original: &'static str,
    /// Before the feed an aggregator above us copied from.
    pub via: &'static str,
    /// Before attached files.
    pub attachments: &'static str,
    /// Link to the comments page.
    pub comments: &'static str,
    /// Before a rights statement.
    pub rights: &'static str,
    /// Before the address of a licence.
    pub licence: &'static str,
    /// Before how much of a source's texts is published.
    pub shown: &'static str,
    /// All of it.
    pub whole_texts: &'static str,
    /// Their beginnings.
    pub excerpts: &'static str,
    /// Titles alone.
    pub titles_only: &'static str,
    /// Before how a source is doing.
    pub health: &'static str,
    /// It answers.
    pub answers: &'static str,
    /// It was not asked yet.
    pub unasked: &'static str,
    /// It does not answer at present.
    pub silent: &'static str,
    /// Before the day since when.
    pub since: &'static str,
    /// It is not read any more.
    pub left: &'static str,
    /// Name of the links between older and newer.
    pub pager: &'static str,
    /// Before and behind the number of an archive.
    pub part: [&'static str; 2],
    /// Before the publisher's tags.
    pub tags: &'static str,
    /// Heading of what an entry said before.
    pub editions: &'static str,
    /// Before and behind the number of an edition.
    pub edition: [&'static str; 2],
    /// In place of an image without words, or one that is not shown.
    pub image: &'static str,
    /// Before and behind a number of things that are not listed.
    pub unlisted: [&'static str; 2],
    /// Link to what is older.
    pub older: &'static str,
    /// Link to what is newer.
    pub newer: &'static str,
    /// Before a source's home page.
    pub homepage: &'static str,
    /// Before the name of what the reader returns to.
    pub back_to: &'static str,
    /// The first page, after `back_to`.
    pub back_home: &'static str,
    /// Between the two ways back.
    pub back_between: &'static str,
    /// How to syndicate: paragraphs.
    pub how_to: &'static [&'static str],
    /// Table headings of the status page: source, state, last success, next poll, entries, remarks.
    pub status_heads: [&'static str; 6],
    /// A day, in chrono's notation.
    pub day: &'static str,
    /// A minute of a day, likewise.
    pub minute: &'static str,
    /// What the status page says besides.
    pub house: house::House,
    /// Title of a 410.
    pub gone: &'static str,
    /// What there is to say of it.
    pub gone_why: &'static str,
    /// Title of a 404.
    pub not_found: &'static str,
    /// Before near names.
    pub near: &'static str,
    /// Title of a 405.
    pub method: &'static str,
    /// Title of a 401.
    pub unauthorised: &'static str,
    /// Title of a 406.
    pub unacceptable: &'static str,
    /// Title of a 412.
    pub precondition: &'static str,
    /// Title of a 414.
    pub long_address: &'static str,
    /// Title of a 500.
    pub broken: &'static str,
}

impl Words {
    /// By language tag: Chinese for `zh` and what begins with `zh-`, English otherwise.
    pub fn of(language: &str) -> &'static Words {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") { &CHINESE } else { &ENGLISH }
    }
}

static CHINESE: Words = Words {
    home: "首页",
    about: "关于本站",
    status: "来源状态",
    skip: "跳到正文",
    menu: "站内导航",
    subscribe: "订阅",
    subscribe_how: "把一个地址放进阅读器即可；三种格式内容相同。",
    copy: "复制",
    copied: "已复制",
    opml: "全部订阅源（OPML）",
    everything: "全部",
    categories: "栏目",
    sources: "来源",
    more: "更多",
    empty: "暂无内容",
    untitled: "（无标题）",
    newspaper: "来源",
    newspaper_is: "来源：",
    author: "作者",
    published: "发布",
    updated: "更新",
    original: "查看原文",
    via: "转自",
    attachments: "附件",
    comments: "评论",
    rights: "版权",
    licence: "许可协议",
    shown: "本站刊登",
    whole_texts: "全文",
    excerpts: "摘要",
    titles_only: "标题",
    health: "状况",
    answers: "正常",
    unasked: "尚未读取",
    silent: "暂时读不到",
    since: "自",
    left: "已停止读取",
    pager: "翻页",
    part: ["第 ", " 辑"],
    tags: "标签",
    editions: "本文有过更正，此前的版本：",
    edition: ["第 ", " 版"],
    image: "图片",
    unlisted: ["另有 ", " 个，见 OPML"],
    older: "更早",
    newer: "较新",
    homepage: "主页",
    back_to: "返回",
    back_home: "首页",
    back_between: "｜",
    how_to: &[
        "每个栏目和每个来源都有 RSS 2.0、Atom 1.0 和 JSON Feed 1.1 三种订阅源，内容相同，任选其一。",
        "每篇文章都注明来源和原文链接；转载时请保留。文章的 infoCode 永不改变，可用来去重。",
        "请发送条件请求（If-None-Match），并遵守 Cache-Control：内容没有变化时只需一个 304。",
    ],
    status_heads: ["来源", "状态", "上次成功", "下次抓取", "条目", "说明"],
    day: "%Y年%-m月%-d日",
    minute: "%Y年%-m月%-d日 %H:%M",
    house: house::CHINESE,
    gone: "这篇文章已撤回",
    gone_why: "应发布者要求或因更正，本站不再刊登这篇文章，也不再收录。",
    not_found: "没有这个页面",
    near: "相近的栏目：",
    method: "不支持的请求方法",
    unauthorised: "口令不对，或没有这个页面",
    unacceptable: "没有所要求的编码；可用：br、zstd、gzip、identity",
    precondition: "内容与 If-Match 或 If-Unmodified-Since 的要求不符",
    long_address: "地址太长",
    broken: "出错了，请稍后再试",
};

static ENGLISH: Words = Words {
    home: "Home",
    about: "About",
    status: "Status of the sources",
    skip: "Skip to the text",
    menu: "Site",
    subscribe: "Subscribe",
    subscribe_how: "Give one of these addresses to your feed reader; all three formats hold the same.",
    copy: "Copy",
    copied: "Copied",
    opml: "All feeds (OPML)",
    everything: "Everything",
    categories: "Categories",
    sources: "Sources",
    more: "More",
    empty: "Nothing yet",
    untitled: "(untitled)",
    newspaper: "Source",
    newspaper_is: "Source: ",
    author: "By",
    published: "Published",
    updated: "Updated",
    original: "Read the original",
    via: "Via",
    attachments: "Attachments",
    comments: "Comments",
    rights: "Rights",
    licence: "Licence",
    shown: "Published here",
    whole_texts: "whole texts",
    excerpts: "excerpts",
    titles_only: "titles",
    health: "State",
    answers: "in order",
    unasked: "not read yet",
    silent: "does not answer at present",
    since: "since",
    left: "not read any more",
    pager: "Pages",
    part: ["Archive ", ""],
    tags: "Tags",
    editions: "This article was corrected. What it said before:",
    edition: ["Edition ", ""],
    image: "Picture",
    unlisted: ["", " more are in the OPML"],
    older: "Older",
    newer: "Newer",
    homepage: "Home page",
    back_to: "Back to ",
    back_home: "the first page",
    back_between: " | ",
    how_to: &[
        "Each category and each source has a feed in RSS 2.0, Atom 1.0 and JSON Feed 1.1. They hold the same; take any.",
        "Each entry names its source and links to the original; keep both when you pass it on. \
         An entry's infoCode never changes, so it tells duplicates apart.",
        "Please send conditional requests (If-None-Match) and keep to Cache-Control: what has not changed costs one 304.",
    ],
    status_heads: ["Source", "State", "Last success", "Next poll", "Entries", "Remarks"],
    day: "%-d %B %Y",
    minute: "%-d %B %Y, %H:%M",
    house: house::ENGLISH,
    gone: "This article was withdrawn",
    gone_why: "At its publisher's wish, or because it was wrong, it is no longer shown here and will not come back.",
    not_found: "There is no such page",
    near: "Categories with a similar name:",
    method: "Method not allowed",
    unauthorised: "This token or password opens nothing here",
    unacceptable: "Not in that coding; there are br, zstd, gzip, identity",
    precondition: "It is not what If-Match or If-Unmodified-Since want it to be",
    long_address: "The address is too long",
    broken: "Something went wrong, please try again later",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_tag_decides() {
        for tag in ["zh", "zh-CN", "ZH-Hant-TW", "zh_TW"] {
            assert_eq!(Words::of(tag).home, "首页", "{tag}");
        }
        for tag in ["en", "de-AT", "", "zhx"] {
            assert_eq!(Words::of(tag).home, "Home", "{tag}");
        }
    }
}
