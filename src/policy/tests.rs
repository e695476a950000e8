use super::*;
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

fn cut(text: &str) -> Excerpt {
    excerpt(&Text::plain(text))
}

#[test]
fn a_short_text_is_whole() {
    assert_eq!(cut("  短。 "), Excerpt { text: "短。".into(), whole: true });
}

#[test]
fn ends_at_a_sentence_with_its_closing_quote() {
    let text = format!("{}他说：“好。”{}", "字".repeat(200), "尾".repeat(200));
    let excerpt = cut(&text);
    assert!(excerpt.text.ends_with("“好。”") && !excerpt.whole, "{}", excerpt.text);
}

#[test]
fn a_decimal_point_or_domain_ends_nothing() {
    let text = format!("First sentence ends. {} costs 3.14 at example.com {}", "word ".repeat(40), "more ".repeat(40));
    assert_eq!(cut(&text).text, "First sentence ends.");
}

#[test]
fn without_a_sentence_a_clause_then_anything() {
    let clause = cut(&format!("{}，{}", "甲".repeat(250), "乙".repeat(250)));
    assert_eq!(clause.text, format!("{}…", "甲".repeat(250)));
    let hard = cut(&"甲".repeat(900));
    assert_eq!(hard.text, format!("{}…", "甲".repeat(299)));
}

#[test]
fn html_becomes_paragraphs() {
    let html = Text::html("<h1>题</h1><p>一&amp;二<br>三</p>\n<p title=\"a>b\">四 <b>五</b></p>");
    assert_eq!(plain(&html), "题\n\n一&二\n三\n\n四 五");
}

#[test]
fn the_credit_line_follows_the_site_and_is_escaped() {
    assert_eq!(
        credit_line("zh-CN", "甲<乙", "http://a/?x=1&y=\""),
        "<p>来源：<a href=\"http://a/?x=1&amp;y=&quot;\">甲&lt;乙</a></p>"
    );
    assert!(credit_line("en", "A", "http://a/").starts_with("<p>Source: <a"));
}

proptest! {
    #[test]
    fn never_longer_than_allowed(text in "[甲。！…\\. \\na-z”👨‍👩‍👧]{0,900}") {
        prop_assert!(cut(&text).text.graphemes(true).count() <= EXCERPT_GRAPHEMES);
    }
}

#[test]
fn plain_paragraphs_end_at_empty_lines_and_before_wide_indents() {
    for (plain, html) in [
        ("a < b\nc\n\nd", "<p>a &lt; b<br>c</p><p>d</p>"),
        ("\u{3000}\u{3000}一。\r\n\u{3000}\u{3000}二。\r\n三", "<p>一。</p><p>二。<br>三</p>"),
        ("a\r\n \u{3000}\r\n\r\nb\n", "<p>a</p><p>b</p>"),
        (" \n", ""),
    ] {
        assert_eq!(html_of(&Text::plain(plain)), html);
    }
}
