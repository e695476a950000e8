//! The words of the interface, in one place, by the language of the site.

/// One language's words.
#[derive(Debug)]
pub struct Words {
    /// Link to the first page.
    pub home: &'static str,
    /// Link to the page about syndicating.
    pub about: &'static str,
    /// Link to the state of the sources.
    pub status: &'static str,
    /// Before the links to feeds.
    pub subscribe: &'static str,
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
    /// Title of a 410.
    pub gone: &'static str,
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
    about: "关于与订阅",
    status: "来源状态",
    subscribe: "订阅",
    opml: "全部订阅源（OPML）",
    everything: "全部",
    categories: "栏目",
    sources: "来源",
    more: "更多",
    empty: "暂无内容",
    untitled: "（无标题）",
    newspaper: "来源",
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
    older: "更早",
    newer: "更新",
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
    gone: "这篇文章已撤回",
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
    about: "About and feeds",
    status: "Status of the sources",
    subscribe: "Subscribe",
    opml: "All feeds (OPML)",
    everything: "Everything",
    categories: "Categories",
    sources: "Sources",
    more: "More",
    empty: "Nothing yet",
    untitled: "(untitled)",
    newspaper: "Source",
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
    gone: "This article was withdrawn",
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
