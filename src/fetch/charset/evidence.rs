//! Whether a text looks like one in a language of its encoding. Bytes of one East Asian or 8-bit encoding are nearly
//! all characters of the next one as well; what tells them apart is which characters, and what stands beside what.

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, ISO_2022_JP, SHIFT_JIS};

/// Characters beyond ASCII that are looked at.
const SAMPLE: usize = 1_000;

/// Characters that make up a fifth of any Chinese text, and by chance a hundredth of none.
const COMMON: &str =
    "的一是不了在人有我他这這中大来來上国國个個到说說们們为為和地出道时時年会會家新市日月行生发發开開公";

/// How well a reading is supported by itself; the later the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Evidence {
    /// Not a language this encoding is for.
    Against,
    /// Nothing to tell by.
    Open,
    /// As its language is written.
    Certain,
}

/// Judges a reading.
pub(super) fn of(text: &str, encoding: &'static Encoding) -> Evidence {
    if encoding.is_single_byte() {
        return words(text);
    }
    if stand_in_words(text) {
        return Evidence::Against;
    }
    let seen = Seen::of(text);
    let east = seen.han + seen.kana + seen.hangul;
    let share = |part: usize, percent: usize| part * 100 >= east * percent;
    let (certain, against) = if [GB18030, BIG5].contains(&encoding) {
        // Japanese shares marks and kana with GB 2312, character for character.
        let chinese = share(seen.marks, 1) || share(sample(text).filter(|c| COMMON.contains(*c)).count(), 4);
        (chinese && !share(seen.kana, 15), share(seen.kana, 25) || seen.hangul > seen.han)
    } else if [SHIFT_JIS, EUC_JP, ISO_2022_JP].contains(&encoding) {
        (share(seen.kana, 15), seen.kana == 0 && seen.han > 40)
    } else if encoding == EUC_KR {
        (share(seen.hangul, 85), seen.han > seen.hangul)
    } else {
        (false, false)
    };
    match (east, certain, against) {
        (0, ..) | (_, false, false) => Evidence::Open,
        (_, _, true) => Evidence::Against,
        (_, true, false) => Evidence::Certain,
    }
}

/// Accented letters of a Latin text, read as East Asian: each has taken a letter along (`Stra遝`), and most stand alone in a word.
fn stand_in_words(text: &str) -> bool {
    let (mut odd, mut alone) = (0usize, 0usize);
    let mut around = [' ', ' '];
    for c in text.chars().chain([' ']) {
        let [before, middle] = around;
        if !middle.is_ascii() {
            odd += 1;
            let is_alone = before.is_ascii() && c.is_ascii();
            alone += usize::from(is_alone && (before.is_ascii_lowercase() || c.is_ascii_lowercase()));
            if odd == SAMPLE {
                break;
            }
        }
        around = [middle, c];
    }
    odd > 0 && alone * 3 >= odd * 2
}

fn sample(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !c.is_ascii()).take(SAMPLE)
}

#[derive(Default)]
struct Seen {
    han: usize,
    kana: usize,
    hangul: usize,
    /// `，。、`
    marks: usize,
}

impl Seen {
    fn of(text: &str) -> Seen {
        let mut seen = Seen::default();
        for c in sample(text) {
            match c {
                '，' | '。' | '、' => seen.marks += 1,
                '\u{3041}'..='\u{30ff}' => seen.kana += 1,
                '\u{ac00}'..='\u{d7a3}' => seen.hangul += 1,
                '\u{4e00}'..='\u{9fff}' => seen.han += 1,
                _ => {}
            }
        }
        seen
    }
}

/// Words of one alphabet each, without signs and sudden capitals inside: what a wrong table hardly ever gives.
fn words(text: &str) -> Evidence {
    let (mut letters, mut misfits, mut before, mut looked) = (0usize, 0usize, ' ', 0usize);
    for c in text.chars() {
        if !c.is_ascii() {
            looked += 1;
            letters += usize::from(c.is_alphabetic());
        }
        let misfit = before.is_alphabetic()
            && if c.is_alphabetic() {
                is_latin(before) != is_latin(c) || (!c.is_ascii() && before.is_lowercase() && c.is_uppercase())
            } else {
                is_sign(c)
            };
        misfits += usize::from(misfit);
        before = c;
        if looked == SAMPLE {
            break;
        }
    }
    match letters {
        0 if misfits == 0 => Evidence::Open,
        _ if misfits * 20 > letters => Evidence::Against,
        _ => Evidence::Open,
    }
}

fn is_latin(c: char) -> bool {
    c < '\u{250}'
}

/// Signs that stand at the end of no word.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{a1}'..='\u{a9}' | '\u{ac}' | '\u{af}' | '\u{b1}' | '\u{b4}'..='\u{b6}' | '\u{b8}' | '\u{bc}'..='\u{bf}' | '\u{d7}' | '\u{f7}' | '№')
}
