//! Words in dates: months in the languages feeds are written in, zones, and the words that are replaced before reading.

/// The month a word begins to name.
pub fn month(word: &str) -> Option<u32> {
    const STEMS: &[(&str, u32)] = &[
        ("jan", 1), ("jän", 1), ("янв", 1), ("ιαν", 1), ("ene", 1), ("gen", 1), ("feb", 2), ("fév", 2), ("fev", 2), ("фев", 2), ("φεβ", 2),
        ("mar", 3), ("mär", 3), ("mrt", 3), ("márc", 3), ("мар", 3), ("μάρ", 3), ("μαρ", 3), ("apr", 4), ("avr", 4), ("abr", 4), ("ápr", 4), ("апр", 4), ("απρ", 4),
        ("may", 5), ("mai", 5), ("mei", 5), ("maj", 5), ("maí", 5), ("máj", 5), ("mag", 5), ("мая", 5), ("май", 5), ("μάϊ", 5), ("μαϊ", 5), ("μάι", 5), ("μαΐ", 5),
        ("jun", 6), ("juin", 6), ("jún", 6), ("giu", 6), ("июн", 6), ("ιούν", 6), ("ιουν", 6), ("ιον", 6), ("jul", 7), ("juil", 7), ("júl", 7), ("lug", 7),
        ("июл", 7), ("ιούλ", 7), ("ιουλ", 7), ("ιολ", 7), ("aug", 8), ("août", 8), ("aou", 8), ("ago", 8), ("авг", 8), ("αύγ", 8), ("αυγ", 8),
        ("sep", 9), ("set", 9), ("szep", 9), ("сен", 9), ("σεπ", 9), ("oct", 10), ("okt", 10), ("ott", 10), ("out", 10), ("окт", 10), ("οκτ", 10),
        ("nov", 11), ("ноя", 11), ("νοέ", 11), ("νοε", 11), ("dec", 12), ("dez", 12), ("déc", 12), ("dic", 12), ("дек", 12), ("δεκ", 12),
    ];
    let word = word.to_lowercase();
    STEMS.iter().find(|(stem, _)| word.starts_with(stem)).map(|(_, month)| *month)
}

/// Minutes east of Greenwich of a named zone; `CST` is for the caller to decide.
pub fn zone(name: &str) -> Option<i32> {
    let minutes = match name.to_ascii_uppercase().as_str() {
        "Z" | "UT" | "UTC" | "GMT" | "WET" => 0,
        "EST" => -300,
        "EDT" | "AST" => -240,
        "CDT" => -300,
        "MST" | "MDT" => if name.eq_ignore_ascii_case("MST") { -420 } else { -360 },
        "PST" => -480,
        "PDT" => -420,
        "ADT" | "BRT" | "ART" => -180,
        "AKST" => -540,
        "AKDT" => -480,
        "HST" => -600,
        "BST" | "WEST" | "CET" | "MEZ" | "MET" => 60,
        "CEST" | "MESZ" | "MEST" | "EET" | "SAST" => 120,
        "EEST" | "MSK" => 180,
        "MSD" => 240,
        "PKT" => 300,
        "IST" => 330,
        "ICT" | "WIB" => 420,
        "BJT" | "HKT" | "SGT" | "PHT" | "AWST" => 480,
        "JST" | "KST" => 540,
        "ACST" => 570,
        "AEST" => 600,
        "AEDT" => 660,
        "NZST" => 720,
        "NZDT" => 780,
        _ => return None,
    };
    Some(minutes)
}

/// Chinese, Japanese and Korean words as the signs they stand for, longer ones first.
pub const REPLACED: &[(&str, &str)] = &[
    ("北京时间", " "), ("十二月", " dec "), ("十一月", " nov "), ("十月", " oct "), ("九月", " sep "), ("八月", " aug "), ("七月", " jul "), ("六月", " jun "),
    ("五月", " may "), ("四月", " apr "), ("三月", " mar "), ("二月", " feb "), ("一月", " jan "), ("年", "-"), ("月", "-"), ("日", " "), ("号", " "),
    ("時", ":"), ("时", ":"), ("點", ":"), ("点", ":"), ("分", ":"), ("秒", " "), ("년", "-"), ("월", "-"), ("일", " "), ("시", ":"), ("분", ":"), ("초", " "),
];

/// Words for the half of the day, and whether it is the second.
pub const HALVES: &[(&str, bool)] = &[
    ("上午", false), ("凌晨", false), ("早上", false), ("午前", false), ("오전", false), ("下午", true), ("晚上", true), ("午後", true), ("오후", true),
];
