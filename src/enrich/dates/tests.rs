use super::*;

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn around(zone: Option<Tz>, chinese: bool) -> Around {
    Around { zone, chinese, seen: at("2026-03-01T02:00:00Z"), now: at("2026-03-01T02:00:00Z") }
}

fn all(around: &Around, table: &[(&str, &str)]) {
    for (raw, expected) in table {
        assert_eq!(
            read(raw, around).map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            Ok((*expected).to_owned()),
            "{raw}"
        );
    }
}

#[test]
fn forms_with_a_zone_of_their_own() {
    all(
        &around(Some(Tz::Asia__Shanghai), true),
        &[
            ("Fri, 22 Apr 2022 07:44:35 +0800", "2022-04-21T23:44:35Z"),
            ("22 Apr 22 07:44 EST", "2022-04-22T12:44:00Z"),
            ("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z"),
            ("01 Jan 2004 19:48 EST", "2004-01-02T00:48:00Z"),
            ("2022-04-22T07:44:35+08:00", "2022-04-21T23:44:35Z"),
            ("2022-04-22T07:44:35+0800", "2022-04-21T23:44:35Z"),
            ("2022-04-22T07:44:35.123Z", "2022-04-22T07:44:35Z"),
            ("2022-04-22 07:44:35 +0800", "2022-04-21T23:44:35Z"),
            ("Fri, 22 Apr 2022 07:44:35 GMT+8", "2022-04-21T23:44:35Z"),
            ("Fri Apr 22 2022 07:44:35 GMT+0800 (中国标准时间)", "2022-04-21T23:44:35Z"),
            ("Sun Jan  4 16:29:06 PDT 2004", "2004-01-04T23:29:06Z"),
            ("星期二, 26 四月 2022 00:12:04 CST", "2022-04-25T16:12:04Z"),
            ("1650584675", "2022-04-21T23:44:35Z"),
            ("1650584675000", "2022-04-21T23:44:35Z"),
            ("2003-12-31T10:14:60Z", "2003-12-31T10:14:59Z"),
            ("2003-12-31T24:00:00Z", "2004-01-01T00:00:00Z"),
            ("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53Z"),
            ("20031231T101455Z", "2003-12-31T10:14:55Z"),
            ("2003-12-31Z", "2003-12-31T00:00:00Z"),
            ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z"),
            ("2004-július-13T9:15-03:00", "2004-07-13T12:15:00Z"),
        ],
    );
}

#[test]
fn forms_that_take_the_zone_of_the_source() {
    all(
        &around(Some(Tz::Asia__Shanghai), true),
        &[
            ("2022-04-22 07:44:35", "2022-04-21T23:44:35Z"),
            ("2022-04-22T07:44:35", "2022-04-21T23:44:35Z"),
            ("2022-04-22 07:44", "2022-04-21T23:44:00Z"),
            ("2022-04-22", "2022-04-21T16:00:00Z"),
            ("2022/4/22 7:44:35", "2022-04-21T23:44:35Z"),
            ("2022年04月22日 07:44", "2022-04-21T23:44:00Z"),
            ("2022年4月22日07时44分35秒", "2022-04-21T23:44:35Z"),
            ("２０２２年４月２２日　０７：４４", "2022-04-21T23:44:00Z"),
            ("2022年4月22日 下午3:05", "2022-04-22T07:05:00Z"),
            ("星期五, 22 Apr 2022 07:44:35", "2022-04-21T23:44:35Z"),
            ("今天 16:25", "2026-03-01T08:25:00Z"),
            ("昨天 08:00", "2026-02-28T00:00:00Z"),
            ("11月27日 23:58", "2025-11-27T15:58:00Z"),
            ("02月27日 23:58", "2026-02-27T15:58:00Z"),
            ("2004년 05월 28일  01:31:15", "2004-05-27T17:31:15Z"),
            ("2004-05-25 오후 11:23:17", "2004-05-25T15:23:17Z"),
        ],
    );
}

#[test]
fn forms_without_any_zone_are_utc() {
    all(
        &around(None, false),
        &[
            ("2003", "2003-01-01T00:00:00Z"),
            ("2003-12", "2003-12-01T00:00:00Z"),
            ("20031231", "2003-12-31T00:00:00Z"),
            ("2003-335", "2003-12-01T00:00:00Z"),
            ("2003-W10-5", "2003-03-07T00:00:00Z"),
            ("22. März 2022, 07:44", "2022-03-22T07:44:00Z"),
            ("mar. 22 mars 2022", "2022-03-22T00:00:00Z"),
            ("April 22, 2022 7:44 PM", "2022-04-22T19:44:00Z"),
            ("22.04.2022 07:44", "2022-04-22T07:44:00Z"),
            ("04/22/2022", "2022-04-22T00:00:00Z"),
            ("Sat, 07 Sep 2002 00:00:01", "2002-09-07T00:00:01Z"),
            ("Fri, 22 Apr 2022 07:44:35 CST", "2022-04-22T13:44:35Z"),
        ],
    );
}

#[test]
fn summer_time_applies_and_its_missing_hour_is_read() {
    all(
        &around(Some(Tz::America__New_York), false),
        &[("2022-07-01 12:00", "2022-07-01T16:00:00Z"), ("2022-03-13 02:30", "2022-03-13T07:30:00Z")],
    );
}

#[test]
fn what_is_no_date() {
    let around = around(None, false);
    let long = "1".repeat(5000);
    for raw in [
        "",
        "  ",
        "+0800",
        "soon",
        "0000-00-00 00:00:00",
        "2022-02-30",
        "2022-13-01",
        "25:99",
        "<date>",
        "99999999999999999999",
        long.as_str(),
        "今天天气",
    ] {
        assert!(read(raw, &around).is_err() || raw == "今天天气", "{raw}");
    }
    for raw in
        ["9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "1989-12-31", "2028-01-01", "Sun, 06 Nov 1904 08:49:37 GMT"]
    {
        assert_eq!(read(raw, &around), Err(Fault::OutOfRange), "{raw}");
    }
}

#[test]
fn an_unread_date_is_reported_with_its_text() {
    let entry = ParsedEntry { published: Some(RawDate("soon".into())), ..Default::default() };
    let dates = of_entry(&entry, &around(None, false));
    assert_eq!(dates.notes, ["cannot read `soon`", "no date: first seen"]);
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_odd(raw in "\\PC{0,60}") {
        let _ = read(&raw, &around(Some(Tz::Asia__Shanghai), true));
    }
    #[test]
    fn nor_any_text_that_looks_like_a_date(raw in "[0-9年月日TZWa-eMp:+./, -]{0,40}") {
        let _ = read(&raw, &around(Some(Tz::Europe__Berlin), false));
    }
}
