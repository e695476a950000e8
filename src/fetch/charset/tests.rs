use super::*;
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7, ISO_8859_8,
    ISO_8859_10, ISO_8859_13, ISO_8859_14, ISO_8859_15, ISO_8859_16, KOI8_R, KOI8_U, SHIFT_JIS, WINDOWS_874,
    WINDOWS_1250, WINDOWS_1251, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
};

const CHINESE: &str = "厦门日报讯（记者 王明）22日，厦门市举行新闻发布会，介绍今年第一季度经济运行情况。工业生产稳步增长，消费市场持续恢复。";
const TRADITIONAL: &str =
    "臺北市政府今天宣布，將於下個月舉辦國際書展，歡迎各界人士參觀。主辦單位表示，今年的展覽規模為歷年之最。";
const JAPANESE: &str = "東京都は今日、新しい計画を発表しました。これによると、来年から都内の公園が整備されます。";
const KOREAN: &str = "서울시는 오늘 새로운 계획을 발표했다. 내년부터 시내 공원이 정비될 예정이다.";
const RUSSIAN: &str = "Сегодня в Москве прошла пресс-конференция, посвящённая новым правилам дорожного движения.";

fn feed(encoding: Option<&str>, text: &str) -> String {
    let declaration = encoding.map(|name| format!(" encoding=\"{name}\"")).unwrap_or_default();
    format!("<?xml version=\"1.0\"{declaration}?><rss version=\"2.0\"><channel><title>{text}</title></channel></rss>")
}

fn bytes(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, damaged) = encoding.encode(text);
    assert!(!damaged);
    bytes.into_owned()
}

#[track_caller]
fn reads(bytes: &[u8], content_type: Option<&str>, want: &str, encoding: &str) {
    let decoded = decode(bytes, content_type);
    assert_eq!((decoded.text.as_ref(), decoded.encoding, decoded.replaced), (want, encoding, 0), "{:?}", decoded.notes);
}

#[test]
fn clean_utf8_is_borrowed() {
    for text in ["", "plain", CHINESE] {
        let decoded = decode(text.as_bytes(), Some("text/xml; charset=utf-8"));
        assert!(matches!(decoded.text, Cow::Borrowed(borrowed) if borrowed == text));
        assert!(decoded.notes.is_empty());
    }
}

#[test]
fn gbk_declared_rightly_wrongly_or_not_at_all() {
    for declared in
        [Some("gb2312"), Some("GBK"), Some("cp936"), Some("utf-8"), Some("martian"), Some("iso-8859-1"), None]
    {
        let text = feed(declared, CHINESE);
        let gbk = bytes(GBK, &text);
        for header in [None, Some("text/xml"), Some("text/xml; charset=utf-8"), Some("text/xml; charset=ISO-8859-1")] {
            reads(&gbk, header, &text, "gb18030");
        }
        reads(&gbk, Some("text/xml; charset=gb2312"), &text, "gb18030");
    }
}

#[test]
fn gbk_declared_utf8_is_noted() {
    let gbk = bytes(GBK, &feed(Some("utf-8"), CHINESE));
    assert_eq!(decode(&gbk, None).notes, ["declared utf-8, read as gb18030"]);
}

#[test]
fn utf8_wins_over_any_label() {
    let text = feed(Some("gb2312"), CHINESE);
    reads(text.as_bytes(), Some("text/xml; charset=big5"), &text, "UTF-8");
    assert_eq!(decode(text.as_bytes(), None).notes, ["declared gb2312, read as UTF-8"]);
    assert!(decode(feed(Some("gb2312"), "plain").as_bytes(), None).notes.is_empty());
}

#[test]
fn others_declared_or_not() {
    for (encoding, sample) in [(BIG5, TRADITIONAL), (SHIFT_JIS, JAPANESE), (EUC_KR, KOREAN), (WINDOWS_1251, RUSSIAN)] {
        for declared in [Some(encoding.name()), Some("utf-8"), None] {
            let text = feed(declared, sample);
            reads(&bytes(encoding, &text), None, &text, encoding.name());
        }
    }
}

#[test]
fn a_latin_label_on_latin_text_is_obeyed() {
    let text = feed(Some("iso-8859-1"), "Le café est fermé cet été à Orléans");
    reads(&bytes(WINDOWS_1252, &text), None, &text, "windows-1252");
    reads(&bytes(WINDOWS_1252, &text), Some("text/xml; charset=latin1"), &text, "windows-1252");
}

#[test]
fn iso_2022_jp_only_when_it_is_said() {
    let text = feed(Some("iso-2022-jp"), JAPANESE);
    let coded = bytes(ISO_2022_JP, &text);
    reads(&coded, None, &text, "ISO-2022-JP");
    let unsaid = "<?xml version=\"1.0\"?>\u{1b}$B";
    reads(unsaid.as_bytes(), None, unsaid, "UTF-8");
}

#[test]
fn utf16_with_and_without_a_mark() {
    let text = feed(Some("utf-16"), CHINESE);
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    reads(&[&b"\xff\xfe"[..], &little].concat(), None, &text, "UTF-16LE");
    reads(&[&b"\xfe\xff"[..], &big].concat(), Some("text/xml; charset=utf-8"), &text, "UTF-16BE");
    reads(&little, None, &text, "UTF-16LE");
    reads(&big, Some("text/xml; charset=utf-16"), &text, "UTF-16BE");
}

#[test]
fn a_utf16_label_on_other_text_is_ignored() {
    let text = feed(Some("utf-16"), CHINESE);
    reads(text.as_bytes(), None, &text, "UTF-8");
    reads(&bytes(GBK, &text), None, &text, "gb18030");
}

#[test]
fn utf32_with_and_without_a_mark() {
    let text = feed(Some("utf-32"), CHINESE);
    let little: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let big: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    reads(&[&b"\xff\xfe\0\0"[..], &little].concat(), None, &text, "UTF-32LE");
    reads(&[&b"\0\0\xfe\xff"[..], &big].concat(), None, &text, "UTF-32BE");
    reads(&little, None, &text, "UTF-32LE");
    reads(&big, None, &text, "UTF-32BE");
    let broken = decode(b"\xff\xfe\0\0<\0\0\0\xff\xff\xff\xff", None);
    assert_eq!((broken.text.as_ref(), broken.replaced), ("<\u{fffd}", 1));
}

#[test]
fn a_mark_is_taken_off_and_does_not_bind() {
    reads("\u{feff}<rss/>".as_bytes(), None, "<rss/>", "UTF-8");
    let text = feed(Some("gbk"), CHINESE);
    reads(&[&b"\xef\xbb\xbf"[..], &bytes(GBK, &text)].concat(), None, &text, "gb18030");
}

#[test]
fn truncated_utf8_stays_utf8() {
    let text = feed(None, CHINESE);
    let at = text.find('民').or(text.find('复')).unwrap();
    let decoded = decode(&text.as_bytes()[..at + 1], Some("text/xml; charset=gbk"));
    assert_eq!((decoded.encoding, decoded.replaced), ("UTF-8", 1));
    assert!(decoded.text.starts_with(&text[..at]));
}

#[test]
fn a_few_bad_bytes_do_not_cost_the_rest() {
    let mut damaged = feed(Some("utf-8"), &CHINESE.repeat(3)).into_bytes();
    damaged.extend_from_slice(b"<x>\xff\xc0\xe4\xb8</x>");
    let decoded = decode(&damaged, None);
    assert_eq!(decoded.encoding, "UTF-8");
    assert!(decoded.text.contains(CHINESE) && decoded.replaced == 3, "{}", decoded.replaced);
}

#[test]
fn truncated_gbk_stays_gbk() {
    let mut gbk = bytes(GBK, &feed(Some("gbk"), CHINESE));
    gbk.push(0xb0);
    let decoded = decode(&gbk, None);
    assert_eq!((decoded.encoding, decoded.replaced), ("gb18030", 1));
    assert!(decoded.text.contains(CHINESE));
}

#[test]
fn one_damaged_byte_costs_one_character() {
    let samples = [(GBK, CHINESE), (BIG5, TRADITIONAL), (EUC_KR, KOREAN), (SHIFT_JIS, JAPANESE), (EUC_JP, JAPANESE)];
    for (encoding, sample) in samples {
        let head =
            bytes(encoding, &feed(Some(encoding.name()), "\0")).split(|byte| *byte == 0).next().unwrap().to_vec();
        for length in [4, 6, 12, 25, 40] {
            let text: String = sample.chars().take(length).collect();
            let coded = bytes(encoding, &text);
            let (half, _) = coded.split_at(bytes(encoding, &text.chars().take(length / 2).collect::<String>()).len());
            for (what, tail) in [("a wrong byte", &b"\xff</title>"[..]), ("cut", &coded[..1])] {
                let damaged = [&head[..], &coded, tail].concat();
                let decoded = decode(&damaged, None);
                assert!(decoded.text.contains(&text), "{what}: {length} of {}: {decoded:?}", encoding.name());
                assert_eq!(decoded.replaced, 1, "{what}: {length} of {}: {decoded:?}", encoding.name());
                assert_eq!(decoded.notes.len(), 1, "{:?}", decoded.notes);
            }
            let damaged = [&head[..], half, b"\xff\n", &coded[half.len()..]].concat();
            let inside = decode(&damaged, None);
            assert_eq!(inside.replaced, 1, "inside: {length} of {}: {inside:?}", encoding.name());
        }
    }
    let mixed = "The café opened in 厦门. Caf* is nice, he said: naïve.";
    for declared in [Some("utf-8"), None] {
        let text = feed(declared, mixed);
        let (before, after) = text.split_once('*').unwrap();
        for header in [None, Some("text/xml; charset=utf-8")] {
            let damaged = [before.as_bytes(), b"\xe9", after.as_bytes()].concat();
            let decoded = decode(&damaged, header);
            assert_eq!(decoded.text, text.replace('*', "\u{fffd}"), "{declared:?}: {:?}", decoded.notes);
            assert_eq!((decoded.encoding, decoded.replaced), ("UTF-8", 1));
        }
    }
}

#[test]
fn chinese_behind_a_long_english_beginning_is_found() {
    let text = feed(None, &format!("{}{CHINESE}", "plain words ".repeat(10_000)));
    reads(&bytes(GBK, &text), None, &text, "gb18030");
}

#[test]
fn nothing_is_refused() {
    for seed in 0..2_000u32 {
        let mut state = seed.wrapping_mul(2_654_435_761) | 1;
        let junk: Vec<u8> = (0..seed % 97)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                state as u8
            })
            .collect();
        let decoded = decode(&junk, Some("text/xml; charset=\"euc-jp"));
        assert!(decoded.text.len() <= junk.len() * 3 + 3);
    }
}

const POLISH: &str =
    "Zażółć gęślą jaźń. W środę w Krakowie odbyło się spotkanie, na którym omówiono przyszłość łódzkich szkół.";
const GREEK: &str = "Καλημέρα κόσμε, αυτό είναι ένα κείμενο για τις ειδήσεις της ημέρας στην Αθήνα.";
const TURKISH: &str = "İstanbul'da güneşli bir gün: şöyle böyle çok güzel, ağaçlar yeşil ve ılık bir rüzgâr esiyor.";
const GERMAN: &str = "Über die Straße läuft ein Mädchen; größere Städte würden dafür Brücken bauen, hört man: »schön«.";
const FRENCH: &str =
    "Été à Genève : « l’œuvre » coûte cinq francs, ça va très bien, déjà vu à Noël, où l'élève s'est arrêté.";

#[test]
fn other_alphabets_under_a_label_for_the_west() {
    let samples = [
        (WINDOWS_1250, POLISH),
        (ISO_8859_2, POLISH),
        (WINDOWS_1251, RUSSIAN),
        (ISO_8859_5, RUSSIAN),
        (KOI8_R, RUSSIAN),
        (WINDOWS_1253, GREEK),
        (ISO_8859_7, GREEK),
        (WINDOWS_1254, TURKISH),
    ];
    for (encoding, sample) in samples {
        for declared in [Some("iso-8859-1"), Some("windows-1252"), None] {
            let text = feed(declared, sample);
            for header in [None, Some("text/xml; charset=windows-1252")] {
                let coded = bytes(encoding, &text);
                let decoded = decode(&coded, header);
                assert_eq!(decoded.text, text, "{} as {declared:?}, {header:?}: {:?}", encoding.name(), decoded.notes);
                assert!(decoded.notes.iter().any(|note| note.contains("read as")), "{declared:?}: {:?}", decoded.notes);
            }
        }
        let text = feed(Some(encoding.name()), sample);
        reads(&bytes(encoding, &text), None, &text, encoding.name());
    }
}

#[test]
fn the_west_under_its_own_label_stays() {
    for sample in [
        GERMAN,
        FRENCH,
        "Niño, ¿dónde está la señora Muñoz? ¡Aquí! El pingüino también comió jamón ibérico, según José.",
    ] {
        for declared in ["iso-8859-1", "windows-1252"] {
            let text = feed(Some(declared), sample);
            reads(&bytes(WINDOWS_1252, &text), None, &text, "windows-1252");
            assert!(decode(&bytes(WINDOWS_1252, &text), None).notes.is_empty());
        }
    }
}

/// Too short to overrule the label by, long enough to be told.
#[test]
fn a_short_text_that_looks_like_another_language_than_its_western_label_says_is_told() {
    let latvian = "Cenas aug jau trešo mēnesi. Jaunais tilts pār Daugavu. Prezidents parakstīja likumu.";
    for declared in ["iso-8859-1", "windows-1252"] {
        let decoded = decode(&bytes(WINDOWS_1257, &feed(Some(declared), latvian)), None).notes.join("");
        assert!(decoded.contains("4 characters were read as windows-1252") && decoded.contains("1257"), "{decoded}");
    }
    let western = [
        "Müll wird häufiger gelöscht. Größere Städte grüßen.",
        "Köln: Österreichs Präsident eröffnet die Bücherei",
        "Le président français reçoit son homologue à l'Élysée",
        "Où sont passés les bénéfices ? Hôpital : le coût réel",
        "Málaga: ¿qué pasó después? La nación pidió perdón",
        "Los médicos piden más camas. Málaga abrirá un museo.",
        "Ação contra a inflação: você também não está só",
        "La città è più bella, perché il governo andrà così",
        "Många människor går på gatan; Länsstyrelsen föreslår åtgärder",
        "Første år går godt på øen",
        "Työttömyys kääntyi nousuun, sää lämpenee",
        "Þingið samþykkti lögin í fyrra",
        "“It’s a naïve résumé,” says Zoë: £20 – fair…",
    ];
    for sample in western {
        let text = feed(Some("iso-8859-1"), sample);
        let coded = bytes(WINDOWS_1252, &text);
        let decoded = decode(&coded, None);
        assert_eq!(decoded.text, text);
        assert!(decoded.notes.is_empty(), "{:?}", decoded.notes);
    }
}

#[test]
fn one_east_asian_encoding_under_the_label_of_another() {
    let samples = [(SHIFT_JIS, JAPANESE), (EUC_JP, JAPANESE), (EUC_KR, KOREAN), (BIG5, TRADITIONAL), (GBK, CHINESE)];
    for (encoding, sample) in samples {
        for declared in ["gbk", "gb2312", "big5", "shift_jis", "euc-jp", "euc-kr"] {
            let text = feed(Some(declared), sample);
            let coded = bytes(encoding, &text);
            let decoded = decode(&coded, None);
            assert_eq!(
                decoded.text,
                text,
                "{} declared {declared}: {} {:?}",
                encoding.name(),
                decoded.encoding,
                decoded.notes
            );
            let own = label::in_document(declaration(declared).as_bytes()).and_then(|label| label.encoding);
            let right = own.is_some_and(|own| own.name() == decoded.encoding);
            assert_eq!(decoded.notes.is_empty(), right, "{} declared {declared}: {:?}", encoding.name(), decoded.notes);
        }
    }
}

fn declaration(encoding: &str) -> String {
    format!("<?xml version='1.0' encoding='{encoding}'?>")
}

#[test]
fn utf8_encoded_twice_is_undone_where_that_is_certain() {
    let latin = |text: &str| text.bytes().map(char::from).collect::<String>();
    let windows = |text: &str| WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned();
    for sample in [CHINESE, KOREAN, RUSSIAN, GREEK, FRENCH, "café déjà vu"] {
        for twice in [latin(&feed(None, sample)), windows(&feed(None, sample))] {
            let decoded = decode(twice.as_bytes(), None);
            assert_eq!(decoded.text, feed(None, sample));
            assert_eq!(decoded.notes, ["UTF-8 encoded twice: undone"]);
        }
        assert!(decode(feed(None, sample).as_bytes(), None).notes.is_empty());
    }
    // One entry that is right tells that the others are meant so.
    let mixed = format!("{} é", latin(CHINESE));
    assert_eq!(decode(mixed.as_bytes(), None).text, mixed);
    let quoted = "Why do I see Ã© in my feed?";
    let decoded = decode(quoted.as_bytes(), None);
    assert_eq!(decoded.text, quoted);
    assert!(decoded.notes[0].contains("too little"), "{:?}", decoded.notes);
}

const LITHUANIAN: &str = "Šiandien Vilniuje įvyko susitikimas, kuriame aptarta mokyklų ateitis ir žmonių gerovė.";
const LATVIAN: &str = "Šodien Rīgā notika tikšanās, kurā apsprieda skolu nākotni un cilvēku labklājību.";
const HEBREW: &str = "שלום עולם, זוהי ידיעה חדשה מירושלים על מזג האוויר של מחר בבוקר.";
const ARABIC: &str = "مرحبا بالعالم، هذا خبر جديد من القاهرة عن حالة الطقس غدا صباحا في المدينة.";
const THAI: &str = "วันนี้กรุงเทพมหานครประกาศแผนใหม่สำหรับสวนสาธารณะในเมืองหลวง";

/// Every charset that feeds are written in, with a text in a language of it. UTF-16 and UTF-32 have tests of their own.
const CHARSETS: &[(&Encoding, &str)] = &[
    (GBK, CHINESE),
    (GB18030, "㐀㐁䶮 厦门日报讯 𠀀𪚥 记者，工业生产稳步增长，消费市场持续恢复。"),
    (BIG5, TRADITIONAL),
    (SHIFT_JIS, JAPANESE),
    (EUC_JP, JAPANESE),
    (EUC_KR, KOREAN),
    (WINDOWS_874, THAI),
    (WINDOWS_1250, POLISH),
    (WINDOWS_1251, RUSSIAN),
    (WINDOWS_1252, FRENCH),
    (WINDOWS_1252, GERMAN),
    (WINDOWS_1253, GREEK),
    (WINDOWS_1254, TURKISH),
    (WINDOWS_1255, HEBREW),
    (WINDOWS_1256, ARABIC),
    (WINDOWS_1257, LITHUANIAN),
    (WINDOWS_1258, "Hôm nay thành phô đa công bô môt kê hoach mơi cho công viên ơ trung tâm, theo đo giá không đôi."),
    (ISO_8859_2, POLISH),
    (ISO_8859_3, "Illum fil-belt ġiet imħabbra pjan ġdid għall-ġonna pubbliċi tal-pajjiż."),
    (ISO_8859_4, LATVIAN),
    (ISO_8859_5, RUSSIAN),
    (ISO_8859_6, ARABIC),
    (ISO_8859_7, GREEK),
    (ISO_8859_8, HEBREW),
    (ISO_8859_10, "I dag ble det åpnet en ny utstilling på Tøyen; været er godt: blåbærsyltetøy."),
    (ISO_8859_13, LITHUANIAN),
    (ISO_8859_14, "Tá an aimsir go breá inniu i mBaile Átha Cliath: Ḃ ḃ Ċ ċ Ḋ ḋ."),
    (ISO_8859_15, "Tänään Helsingissä järjestettiin näyttely, jossa esiteltiin hyödyllisiä töitä."),
    (ISO_8859_16, "Astăzi în București a avut loc o întâlnire despre viitorul școlilor și al țării."),
    (KOI8_R, RUSSIAN),
    (KOI8_U, RUSSIAN),
];

#[test]
fn each_charset_declared_rightly_is_read_and_otherwise_read_or_noted() {
    for (encoding, sample) in CHARSETS {
        let own = encoding.name();
        for declared in [Some(own), Some("utf-8"), Some("gb2312"), Some("martian"), None] {
            let text = feed(declared, sample);
            let coded = bytes(encoding, &text);
            let own_header = format!("text/xml; charset={own}");
            for header in [None, Some("text/xml"), Some("text/xml; charset=utf-8"), Some(own_header.as_str())] {
                let decoded = decode(&coded, header);
                let right = decoded.text == text && decoded.replaced == 0;
                let said = declared == Some(own) || header == Some(own_header.as_str());
                let told = !decoded.notes.is_empty() && !said;
                assert!(right || told, "{own} as {declared:?}, {header:?}: {decoded:?}");
            }
        }
    }
}

#[test]
fn accented_letters_are_no_chinese_whatever_the_label_says() {
    for sample in [GERMAN, FRENCH, "Über Köln", "Le café, déjà", POLISH] {
        let encoding = if sample == POLISH { WINDOWS_1250 } else { WINDOWS_1252 };
        for declared in ["gb2312", "gbk", "big5", "shift_jis", "euc-kr", "euc-jp"] {
            let text = feed(Some(declared), sample);
            let coded = bytes(encoding, &text);
            let decoded = decode(&coded, None);
            assert_eq!(decoded.text, text, "{declared}: {:?}", decoded.notes);
            assert_eq!(decoded.notes.len(), 1, "{declared}: {:?}", decoded.notes);
        }
    }
    for sample in ["A股市场今天上涨", "OK镜", "维生素C片和T恤", "卡拉OK"] {
        let text = feed(Some("gbk"), sample);
        reads(&bytes(GBK, &text), None, &text, "gb18030");
    }
}
