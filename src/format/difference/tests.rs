use super::*;
use crate::{
    enrich::sanitise,
    model::{Attribution, Tag, Text},
};

fn edition(title: &str, html: &str) -> Edition {
    let at = "2022-04-22T00:00:00Z".parse().unwrap();
    Edition {
        title: Some(Text::plain(title)),
        link: None,
        links: Vec::new(),
        summary: None,
        content: Some(Text::html(sanitise(&Text::html(html)))),
        authors: Vec::new(),
        contributors: Vec::new(),
        tags: Vec::new(),
        enclosures: Vec::new(),
        comments: None,
        rights: None,
        language: None,
        published: None,
        updated: at,
        updated_said: false,
        date_notes: Vec::new(),
        attribution: Attribution::default(),
        extensions: Vec::new(),
        full_text: Default::default(),
        fetched: at,
        sanitiser: 1,
        removed: Vec::new(),
    }
}

fn text(old: &Edition, new: &Edition) -> String {
    compare((1, old), (2, new)).text(false)
}

#[test]
fn chinese_is_compared_by_sentences_and_marked_by_characters() {
    let old = edition("港口吞吐量增长", "<p>甲。乙。</p><p>一季度，港口货物吞吐量同比增长5%。丙。</p><p>丁。</p>");
    let new = edition("港口吞吐量大增", "<p>甲。乙。</p><p>一季度，港口货物吞吐量同比下降6%。丙。</p><p>丁。</p>");
    assert_eq!(
        text(&old, &new),
        "title\n- 港口吞吐量[-增长-]\n+ 港口吞吐量{+大增+}\n\nbody\n  … 1 unchanged\n  乙。\n\
         - 一季度，港口货物吞吐量同比[-增长5-]%。\n+ 一季度，港口货物吞吐量同比{+下降6+}%。\n  丙。\n  … 1 unchanged"
    );
}

#[test]
fn latin_text_is_marked_by_words_and_a_split_sentence_stays_aligned() {
    let old = edition("x", "<p>The port grew by five percent, officials said. More follows.</p>");
    let new = edition("x", "<p>The port shrank by five percent. Officials said so. More follows.</p>");
    assert_eq!(
        text(&old, &new),
        "body\n- The port [-grew-] by five percent[-, officials-] said.\n+ The port {+shrank+} by five percent{+.+}\n\
         + {+Officials+} said{+ so+}.\n  More follows."
    );
}

#[test]
fn what_has_no_counterpart_is_shown_whole() {
    let old = edition("x", "<p>甲。</p>");
    let new = edition("x", "<p>甲。</p><p>记者昨日从港口获悉。</p>");
    assert_eq!(text(&old, &new), "body\n  甲。\n+ 记者昨日从港口获悉。");
    let unlike = edition("完全不同的题", "<p>甲。</p>");
    assert_eq!(text(&old, &unlike), "title\n- x\n+ 完全不同的题");
}

#[test]
fn a_change_of_an_address_or_of_markup_alone_is_seen() {
    let picture = |name: &str| edition("x", &format!("<p>甲<img src=https://a.example/{name}.jpg></p>"));
    let seen = text(&picture("1"), &picture("2"));
    assert!(seen.contains("<img src> https://a.example/"), "{seen}");
    assert!(seen.contains("[-1.jpg-]") || seen.contains("[-1-]"), "{seen}");
    let seen = text(&edition("x", "<p>甲乙</p>"), &edition("x", "<p>甲<b>乙</b></p>"));
    assert!(seen.contains("+ {+甲<b>+}") || seen.contains("<b>"), "{seen}");
}

#[test]
fn lists_are_compared_item_by_item_and_nothing_steers_the_terminal() {
    let tagged = |term: &str| Edition { tags: vec![Tag { term: term.into(), ..Tag::default() }], ..edition("x", "") };
    let seen = text(&tagged("港口"), &tagged("\u{1b}[31m厦\u{202e}门\u{9b}2J"));
    assert_eq!(seen, "tags\n- 港口\n+ [31m厦门2J");
}

#[test]
fn a_program_gets_pieces() {
    let compared = compare((1, &edition("港口吞吐量增长", "")), (2, &edition("港口吞吐量大增", "")));
    assert_eq!(
        serde_json::to_string(&compared).unwrap(),
        r#"{"from":1,"to":2,"fields":[{"field":"title","lines":[{"removed":[{"text":"港口吞吐量"},{"text":"增长","changed":true}]},{"added":[{"text":"港口吞吐量"},{"text":"大增","changed":true}]}]}]}"#
    );
}

#[test]
fn a_long_text_is_compared_in_bounds() {
    let long = |word: &str| edition("x", &format!("<p>{}</p>", format!("{word}一。").repeat(20_000)));
    let compared = compare((1, &long("甲")), (2, &long("乙")));
    assert_eq!(compared.fields[0].lines.len(), 40_000);
    assert!(compared.fields[0].lines.iter().all(|line| !matches!(line, Line::Same(_))));
}
