//! Whose work it is (domain §5): the publisher and the bylines a text names, and our source's reference to itself.

use super::text;
use crate::model::{Publisher, Text, TextKind};
use regex::Regex;
use std::sync::LazyLock;

/// Lines looked at from each end of a text.
const HEAD: usize = 4;
const TAIL: usize = 5;
/// Longest line that can be an attribution or a byline, in characters; more is prose.
const MAX_LINE: usize = 120;
/// Bylines kept.
const MAX_BYLINES: usize = 4;

static NAMED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[（(]\s*(?:文章)?来源\s*[:：]\s*(.+?)\s*[）)]$").ok());
static AT_END: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[（(]\s*(?:文章)?来源\s*[:：][^（()）]+(?:[（(][^（()）]*[）)])?\s*[）)]$").ok());
static SECOND: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^([（(].+[）)])\s*[（(][^（()）]*[）)]$").ok());
static BYLINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[\s（(【，。；|｜])((?:[\p{Han}A-Za-z·]{0,12}?(?:记者|記者)|通讯员|通訊員)[\s:：]*[\p{Han}·]{2,}(?:[\s、，,]+(?:(?:通讯员|通訊員)[\s:：]*)?[\p{Han}·]{2,4})*)").ok()
});

/// Words before the names of those who wrote it.
const WORDS: [&str; 4] = ["记者", "通讯员", "記者", "通訊員"];

/// What the text says about whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The publisher named.
    pub publisher: Option<Publisher>,
    /// Bylines, each run as one string.
    pub byline: Vec<String>,
}

/// Looks through a body. `raw` is what the document said, in which the class that marks an attribution still stands;
/// `safe` is the same, sanitised.
pub fn find(raw: &Text, safe: &str) -> Found {
    // Neither can stand in a text without these words, which spares most sources the search.
    let (sourced, signed) = (safe.contains("来源"), WORDS.iter().any(|word| safe.contains(word)));
    if !sourced && !signed {
        return Found::default();
    }
    let lines = match raw.kind {
        TextKind::Html => text::lines(safe),
        TextKind::Plain => {
            raw.value.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        }
    };
    Found {
        publisher: publisher(raw, &lines).filter(|_| sourced),
        byline: if signed { byline(&lines) } else { Vec::new() },
    }
}

fn publisher(raw: &Text, lines: &[String]) -> Option<Publisher> {
    let last = lines.last().map(String::as_str).unwrap_or_default();
    let marked = marked_line(&raw.value);
    let tail = lines.iter().rev().take(TAIL).map(String::as_str);
    marked.as_deref().into_iter().chain(tail).find_map(|line| {
        let (line, name) = named_in(line)?;
        Some(Publisher { name, raw: line.to_owned(), ends_text: last.ends_with(line) })
    })
}

/// The attribution in a line and the name in it: the whole line, before a second bracket, or the line's end.
fn named_in(line: &str) -> Option<(&str, String)> {
    let line = line.trim();
    let name_of = |text: &str| NAMED.as_ref()?.captures(text)?.get(1).map(|name| name.as_str().to_owned());
    let short = |name: &String| name.chars().count() <= MAX_LINE / 2 && !name.is_empty();
    if line.chars().count() <= MAX_LINE {
        let first = SECOND
            .as_ref()
            .and_then(|second| second.captures(line))
            .and_then(|found| found.get(1))
            .map(|first| first.as_str());
        if let Some(name) = first.and_then(name_of).filter(short).filter(|name| !name.contains(['）', ')'])) {
            return Some((line, name));
        }
        if let Some(name) = name_of(line).filter(short) {
            return Some((line, name));
        }
    }
    let end = AT_END.as_ref()?.find(line)?.as_str();
    Some((end, name_of(end).filter(short)?))
}

/// The text of the last element of class `em_media`.
fn marked_line(html: &str) -> Option<String> {
    let mark = html.rfind("em_media")?;
    let open = html.get(..mark)?.rfind('<')?;
    let name: String = html.get(open + 1..)?.chars().take_while(char::is_ascii_alphanumeric).collect();
    let inside = html.get(mark..)?.split_once('>')?.1;
    let end = inside.find(&format!("</{name}")).unwrap_or(inside.len());
    let words: Vec<String> = text::lines(inside.get(..end)?);
    Some(words.concat()).filter(|line| !line.is_empty())
}

fn byline(lines: &[String]) -> Vec<String> {
    let tail = lines.len().saturating_sub(TAIL).max(HEAD);
    let ends = lines.iter().take(HEAD).chain(lines.iter().skip(tail));
    let mut found: Vec<String> = Vec::new();
    for line in ends {
        // A byline opens or closes a paragraph; in the midst of prose 记者 is only a word.
        let head: String = line.chars().take(MAX_LINE / 2).collect();
        let tail: String =
            line.chars().skip(line.chars().count().saturating_sub(MAX_LINE / 2).max(MAX_LINE / 2)).collect();
        for part in [head, tail] {
            for run in BYLINE.iter().flat_map(|byline| byline.captures_iter(&part)).filter_map(|found| found.get(1)) {
                for run in runs(run.as_str()).filter_map(signed) {
                    if !found.iter().any(|other| other == run) && found.len() < MAX_BYLINES {
                        found.push(run.to_owned());
                    }
                }
            }
        }
    }
    found
}

/// `记者 王五 通讯员 赵六` are two runs.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let contributes = |rest: &str| ["通讯员", "通訊員"].iter().any(|word| rest.starts_with(word));
    let at = text.char_indices().skip(1).map(|(at, _)| at).find(|at| text.get(*at..).is_some_and(contributes));
    let (first, second) = text.split_at_checked(at.unwrap_or(text.len())).unwrap_or((text, ""));
    [first.trim(), second.trim()].into_iter().filter(|run| !run.is_empty())
}

const BETWEEN: [char; 5] = [' ', '\u{3000}', '、', '，', ','];

/// The run as far as it names people: `本报记者张三 北京报道` ends with 张三; `记者从市政府了解到` and `小记者活动` name nobody.
fn signed(run: &str) -> Option<&str> {
    let (before, after) = WORDS.iter().find_map(|word| run.split_once(word))?;
    let names = after.trim_start_matches(|c: char| BETWEEN.contains(&c) || matches!(c, ':' | '：'));
    let apart = names.len() < after.len();
    let (mut at, mut end) = (0, 0);
    for part in names.split_inclusive(BETWEEN) {
        let name = part.trim_end_matches(BETWEEN);
        if !name.is_empty() && !is_name(name, apart || at > 0) {
            break;
        }
        at += part.len();
        end = if name.is_empty() { end } else { at - part.len() + name.len() };
    }
    let somebody = end > 0 && !before.ends_with(['小', '名', '位', '个', '個', '多', '些', '的', '群', '众', '眾']);
    run.get(..run.len() - names.len() + end).filter(|_| somebody)
}

/// One name, or some without anything between them. Where no space or colon stands before, prose is likelier.
fn is_name(name: &str, apart: bool) -> bool {
    let length = name.chars().count();
    let known = |c: char| SURNAMES.contains(c) || apart && OTHER_BEGINNINGS.contains(c);
    let begins = name.contains('·') || name.starts_with(known);
    let prose = NO_NAMES.iter().any(|word| name.starts_with(word) || length > 4 && name.contains(word));
    let work = ["报道", "報導", "報道", "摄影", "攝影", "整理", "综合", "綜合"].iter().any(|word| name.contains(word));
    begins && !prose && !work && length <= if apart { 8 } else { 4 }
}

/// How prose goes on after 记者, where a surname could stand as well.
const NO_NAMES: [&str; 34] = [
    "从", "获悉", "了解", "在", "近日", "看到", "采访", "问", "会", "表示", "今", "昨", "注意", "发现", "就", "们",
    "为", "于昨", "于今", "于近", "于日", "关注", "关于", "路过", "常常", "查阅", "查看", "解读", "马上", "步行",
    "步入", "代表", "高兴", "包括",
];

/// What names of Han Chinese begin with, simplified and traditional; surnames that are commoner as particles are left out.
const SURNAMES: &str = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧肖冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅\
    钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎闫薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚汤陶黎温莫易樊乔文安殷颜庄章鲁倪庞\
    邢俞翟蓝聂齐申葛岳柴柳柏焦关卞骆祝伍季童欧阮苗裴尤祁路宁古涂霍尚耿凌左管詹项芦舒纪柯甘房米包单冉戚费解车辛岑卫司谷丛梅盛娄桂党屈鲍\
    隋冷卓景华池穆蒲楚臧栾冀艾佟滕商支云仇宫晏窦简席褚吉麦边缪蒙揭麻鞠曲厉巩步敖言花查占封饶游仲荣阳闵仝战巫芮奚覃敬湛官靳郎鄢付代晋\
    毕郁尉迟上诸公皇令淳濮钮钦荆强樂丘丰乐邬邝\
    張劉陳楊黃趙吳孫馬鄭羅謝韓許鄧蕭馮蘇葉呂蔣鐘鍾盧陸譚韋賈鄒閻龍嚴錢龔湯溫顏莊魯龐聶關駱歐寧塗項蘆紀單費車衛叢婁黨華藍賴顧賀萬豐\
    簡雲畢喬齊繆厲鞏饒榮陽閔鄔鄺";

/// What names of other peoples often begin with.
const OTHER_BEGINNINGS: &str = "阿扎格尼巴旦次哈乌赛玛依买吐图努木拉索德多洛仁央卓斯那其帕热再沙库";
