//! Requests that we answer: counted by what was asked for and how it ended, on counters that are looked up once, at the start.

use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry};
use std::time::Duration;

/// What is asked for, in few words: no address, no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page that lists entries, or tells of the house.
    Page,
    /// The page of an entry.
    Entry,
    /// The head of a feed.
    Feed,
    /// An archive of one, in any format.
    Archive,
    /// Changes, for partners.
    Changes,
    /// The list of all feeds.
    Opml,
    /// Status and its feed.
    Status,
    /// These numbers.
    Metrics,
    /// Whether we live.
    Health,
    /// Our hub.
    Hub,
    /// What hubs say to us.
    Websub,
    /// Style sheet, script, icon, robots.txt.
    Asset,
    /// Nothing that there is.
    Nothing,
}

impl Kind {
    /// All of them, in the order of their counters.
    pub const ALL: [Kind; 13] = [
        Kind::Page,
        Kind::Entry,
        Kind::Feed,
        Kind::Archive,
        Kind::Changes,
        Kind::Opml,
        Kind::Status,
        Kind::Metrics,
        Kind::Health,
        Kind::Hub,
        Kind::Websub,
        Kind::Asset,
        Kind::Nothing,
    ];

    /// The label.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Page => "page",
            Kind::Entry => "entry",
            Kind::Feed => "feed",
            Kind::Archive => "archive",
            Kind::Changes => "changes",
            Kind::Opml => "opml",
            Kind::Status => "status",
            Kind::Metrics => "metrics",
            Kind::Health => "health",
            Kind::Hub => "hub",
            Kind::Websub => "websub",
            Kind::Asset => "asset",
            Kind::Nothing => "none",
        }
    }
}

/// Labels of what a request may end in; 304 by itself, for it is what readers should get.
const STATUSES: [&str; 5] = ["2xx", "304", "3xx", "4xx", "5xx"];

/// Seconds.
const BUCKETS: [f64; 9] = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// The counters.
#[derive(Debug)]
pub struct Http(Vec<Counters>);

#[derive(Debug)]
struct Counters {
    by_status: Vec<IntCounter>,
    bytes: IntCounter,
    seconds: Histogram,
}

/// How a request ended.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// Of the body.
    pub bytes: u64,
    /// Until there was an answer.
    pub took: Duration,
}

impl Http {
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Http> {
        let requests = Opts::new(
            "syndic_http_requests_total",
            "Requests answered, by what was asked for and the class of the status.",
        );
        let requests = IntCounterVec::new(requests, &["route", "status"])?;
        let bytes = Opts::new("syndic_http_response_bytes_total", "Bytes of the bodies of these answers, as coded.");
        let bytes = IntCounterVec::new(bytes, &["route"])?;
        let seconds =
            HistogramOpts::new("syndic_http_request_duration_seconds", "Time until there was an answer to a request.");
        let seconds = HistogramVec::new(seconds.buckets(BUCKETS.to_vec()), &["route"])?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(bytes.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        let counters = Kind::ALL.map(Kind::name).map(|route| Counters {
            by_status: STATUSES.map(|status| requests.with_label_values(&[route, status])).to_vec(),
            bytes: bytes.with_label_values(&[route]),
            seconds: seconds.with_label_values(&[route]),
        });
        Ok(Http(counters.into()))
    }

    /// One more.
    pub fn answered(&self, kind: Kind, Answered { status, bytes, took }: Answered) {
        let Some(counters) = self.0.get(kind as usize) else { return };
        let place = match status {
            304 => 1,
            300..=399 => 2,
            400..=499 => 3,
            500.. => 4,
            _ => 0,
        };
        if let Some(counter) = counters.by_status.get(place) {
            counter.inc();
        }
        counters.bytes.inc_by(bytes);
        counters.seconds.observe(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_where_its_counters_are() {
        for (place, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place, "{}", kind.name());
        }
    }

    #[test]
    fn a_request_is_counted_once_by_its_status() {
        let http = Http::new(&Registry::new()).unwrap();
        let took = Duration::from_millis(2);
        for status in [200, 226, 304, 301, 404, 429, 500] {
            http.answered(Kind::Feed, Answered { status, bytes: 10, took });
        }
        let feed = &http.0[Kind::Feed as usize];
        assert_eq!(feed.by_status.iter().map(IntCounter::get).collect::<Vec<_>>(), [2, 1, 1, 2, 1]);
        assert_eq!((feed.bytes.get(), feed.seconds.get_sample_count()), (70, 7));
        assert_eq!(http.0[Kind::Page as usize].bytes.get(), 0);
    }
}
