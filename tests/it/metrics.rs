//! `/metrics` as Prometheus reads it, and what the shipped dashboard and alert rules ask of it.

use crate::support::{Daemon, Reply, Upstream, client, root, syndic, write_config};
use prometheus_parse::{Sample, Scrape, Value};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

const FEED: &str = r#"<rss version="2.0"><channel><title>Harbour</title><link>http://a.example/</link><description>d</description>
<item><title>A bridge opens</title><link>http://a.example/1</link><guid isPermaLink="false">1</guid></item>
<item><title>Night trains</title><link>http://a.example/2</link><guid isPermaLink="false">2</guid></item></channel></rss>"#;

struct Site {
    _folder: tempfile::TempDir,
    _upstream: Upstream,
    daemon: Daemon,
}

impl Site {
    /// A source that is well, one in a private category that fails; both have been polled by the daemon.
    async fn new() -> Site {
        let upstream = Upstream::start().await;
        upstream.serve("/well", Reply::xml(FEED));
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[server]\nstatus_token = \"s3cret\"\n[fetch]\nallow = [\"{}\"]\n\
             [[category]]\nslug = \"open\"\n[[category]]\nslug = \"board\"\ntoken = \"private\"\n\
             [[source]]\nid = \"well\"\nurl = \"{}\"\ncategory = \"open\"\n\
             [[source]]\nid = \"hushed\"\nurl = \"{}\"\ncategory = \"board\"\n",
            upstream.authority(),
            upstream.url("/well"),
            upstream.url("/hushed"),
        );
        let config = write_config(folder.path(), &text);
        let daemon = Daemon::start(&config, &folder.path().join("data"));
        let polled = syndic().current_dir(folder.path()).arg("poll").output().unwrap();
        assert_eq!(polled.status.code(), Some(1), "one of two fails");
        Site { _folder: folder, _upstream: upstream, daemon }
    }

    async fn text(&self, path: &str) -> String {
        let answer = client().get(format!("{}{path}", self.daemon.address)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        let kept = answer.headers()["cache-control"].to_str().unwrap();
        assert!(kept.contains("no-store"), "{kept}");
        answer.text().await.unwrap()
    }

    async fn samples(&self) -> Vec<Sample> {
        samples(&self.text("/metrics").await)
    }
}

/// Read by a parser of another make.
fn samples(text: &str) -> Vec<Sample> {
    Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).unwrap().samples
}

fn value(samples: &[Sample], name: &str, labels: &[(&str, &str)]) -> f64 {
    let found: Vec<_> = samples
        .iter()
        .filter(|it| it.metric == name && labels.iter().all(|(label, value)| it.labels.get(label) == Some(value)))
        .collect();
    let [one] = found.as_slice() else { panic!("{} of {name} {labels:?}", found.len()) };
    match &one.value {
        Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value) => *value,
        other => panic!("{name} is {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted_by_kind_and_never_by_name() {
    let site = Site::new().await;
    let before = site.samples().await;
    let feed = client().get(format!("{}/category/open.rss", site.daemon.address)).header("accept-encoding", "identity");
    let feed = feed.send().await.unwrap();
    let tag = feed.headers()["etag"].clone();
    let length = feed.text().await.unwrap().len();
    let again = client().get(format!("{}/category/open.rss", site.daemon.address)).header("if-none-match", tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    assert_eq!(site.daemon.get("/category/open.atom").await.0, 200);
    assert_eq!(site.daemon.get("/category/none.atom").await.0, 404);
    let after = site.samples().await;
    let more = |name: &str, labels: &[(&str, &str)]| value(&after, name, labels) - value(&before, name, labels);
    let requests = |status| more("syndic_http_requests_total", &[("route", "feed"), ("status", status)]);
    assert_eq!([requests("2xx"), requests("304"), requests("4xx"), requests("5xx")], [2.0, 1.0, 1.0, 0.0]);
    assert!(more("syndic_http_response_bytes_total", &[("route", "feed")]) >= length as f64);
    assert_eq!(more("syndic_renders_total", &[]), 2.0, "each document once");
    assert_eq!(more("syndic_http_requests_total", &[("route", "metrics"), ("status", "2xx")]), 1.0);

    let now = |name: &str, label: &str, of: &str| value(&after, name, &[(label, of)]);
    assert_eq!(now("syndic_entries_total", "change", "new"), 2.0);
    assert!(now("syndic_polls_total", "outcome", "committed") >= 1.0);
    assert!(now("syndic_poll_failures_total", "kind", "status") >= 1.0, "404");
    assert!(now("syndic_fetch_requests_total", "status", "2xx") >= 1.0);
    assert!(now("syndic_fetch_requests_total", "status", "4xx") >= 1.0);
    assert_eq!([now("syndic_sources", "state", "ok"), now("syndic_sources", "state", "failing")], [1.0, 1.0]);
    let one = |name: &str| value(&after, name, &[]);
    assert_eq!(
        [one("syndic_store_entries"), one("syndic_store_writable"), one("syndic_config_in_force")],
        [2.0, 1.0, 1.0]
    );
    assert!(one("syndic_store_free_bytes") > 0.0 && one("process_resident_memory_bytes") > 1e6);
    assert!(one("process_open_fds") > 3.0 && one("process_cpu_seconds_total") > 0.0);
    let commits = after.iter().find(|it| it.metric == "syndic_store_commit_duration_seconds").unwrap();
    assert!(matches!(&commits.value, Value::Histogram(buckets) if buckets.last().unwrap().count >= 1.0), "{commits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bound_is_told_and_sources_by_name_only_to_the_operator() {
    let site = Site::new().await;
    let text = site.text("/metrics").await;
    for hushed in ["hushed", "board", "well", "syndic_source_"] {
        assert!(!text.contains(hushed), "{hushed}");
    }
    let status: serde_json::Value = serde_json::from_str(&site.daemon.get("/status.json").await.1).unwrap();
    let bounds: BTreeSet<String> =
        status["bounds"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().replace(' ', "_")).collect();
    assert!(bounds.len() >= 10, "{bounds:?}");
    for name in ["syndic_bound_used", "syndic_bound_waits_total", "syndic_bound_refusals_total"] {
        let told: BTreeSet<String> = samples(&text)
            .iter()
            .filter(|it| it.metric == name)
            .map(|it| it.labels.get("bound").unwrap().to_owned())
            .collect();
        assert_eq!(told, bounds, "{name}");
    }
    let whole = samples(&site.text("/metrics?token=s3cret").await);
    assert_eq!(value(&whole, "syndic_source_entries", &[("source", "well")]), 2.0);
    assert!(value(&whole, "syndic_source_failures", &[("source", "hushed")]) >= 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_keeps_to_the_format() {
    let site = Site::new().await;
    site.daemon.get("/category/open.rss").await;
    let text = site.text("/metrics?token=s3cret").await;
    assert!(text.ends_with('\n') && !text.contains("\n\n"));
    let sample =
        Regex::new(r#"^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (-?[0-9.e+-]+|\+Inf|NaN)$"#).unwrap();
    let (mut helped, mut kinds, mut seen, mut last) =
        (BTreeSet::new(), BTreeMap::new(), BTreeSet::new(), String::new());
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').unwrap();
            assert!(helped.insert(name) && words.ends_with('.') || words.contains(';'), "{line}");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert!(helped.contains(name) && kinds.insert(name, kind).is_none(), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(name > last.as_str(), "{name} after {last}");
            last = name.to_owned();
        } else {
            let parts = sample.captures(line).unwrap_or_else(|| panic!("{line}"));
            let name = parts.get(1).unwrap().as_str();
            let of_histogram = ["_bucket", "_sum", "_count"].iter().any(|end| name.strip_suffix(end) == Some(&last));
            assert!(name == last || (of_histogram && kinds[last.as_str()] == "histogram"), "{line} below {last}");
            let series = format!("{name}{}", parts.get(2).map_or("", |labels| labels.as_str()));
            assert!(seen.insert(series), "twice: {line}");
        }
    }
    assert!(kinds.len() > 45, "{}", kinds.len());
    assert!(seen.len() < 500, "bounded: {}", seen.len());
}

/// The names of metrics in an expression, a histogram's parts as the histogram.
fn named(expression: &str) -> BTreeSet<String> {
    let names = Regex::new(r"\b(?:syndic|process)_[a-z_]+").unwrap();
    let histogram = |name: &str| name.strip_suffix("_bucket").map(str::to_owned);
    names.find_iter(expression).map(|it| histogram(it.as_str()).unwrap_or_else(|| it.as_str().to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_and_the_alert_rules_ask_for_what_there_is() {
    let site = Site::new().await;
    site.daemon.get("/category/open.rss").await;
    let text = site.text("/metrics").await;
    let there: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).map(|(name, _)| name).collect();
    let read = |name: &str| std::fs::read_to_string(root().join("packaging").join(name)).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&read("grafana-dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let queries: Vec<String> = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().cloned().unwrap_or_default())
        .map(|target| target["expr"].as_str().unwrap().to_owned())
        .collect();
    let rules = read("alerts.yml");
    let rules: Vec<String> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).map(str::to_owned).collect();
    assert!(queries.len() > 40 && rules.len() > 10, "{} {}", queries.len(), rules.len());
    let mut shown = BTreeSet::new();
    for query in queries.iter().chain(&rules) {
        let names = named(query);
        assert!(!names.is_empty() || query.starts_with("up{"), "{query}");
        for name in names {
            assert!(there.contains(name.as_str()), "{query} asks for {name}, which /metrics does not have");
            shown.insert(name);
        }
    }
    // What nobody looks at need not be counted.
    let beyond = ["syndic_build_info", "process_virtual_memory_bytes", "process_threads"];
    for name in there {
        assert!(shown.contains(name) || beyond.contains(&name), "neither the dashboard nor a rule shows {name}");
    }
}
