//! Numbers for Prometheus, in its text format: what is counted as it happens, by atomics, and what is read when somebody asks. The only place that
//! knows the prometheus crate. Labels are closed sets, but for the names of sources, which only the operator gets, and of no more than 1,000.

/// Requests that we answer.
mod http;

/// Polls.
mod polls;

/// What is read of the process.
mod process;

/// A list of metrics that are read and not kept.
mod sheet;

/// What is read of everything else.
mod standing;

pub use http::{Answered, Http, Kind};
pub use polls::Polls;
pub use standing::Read;

use prometheus::{Histogram, HistogramOpts, Registry, TextEncoder, core::Collector};
use sheet::Sheet;
use std::{sync::Arc, time::Duration};

/// The media type of the text.
pub const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is counted. Cheap to clone; all clones count together.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Counted>);

#[derive(Debug)]
struct Counted {
    registry: Registry,
    http: Http,
    polls: Polls,
}

impl Metrics {
    /// Nothing has happened yet.
    ///
    /// Errors only where two of them had one name.
    pub fn new() -> anyhow::Result<Metrics> {
        let registry = Registry::new();
        let (http, polls) = (Http::new(&registry)?, Polls::new(&registry)?);
        Ok(Metrics(Arc::new(Counted { registry, http, polls })))
    }

    /// Requests that we answer.
    pub fn http(&self) -> &Http {
        &self.0.http
    }

    /// Polls.
    pub fn polls(&self) -> &Polls {
        &self.0.polls
    }

    /// Everything, in the order of the names.
    pub fn text(&self, read: &Read<'_>) -> anyhow::Result<String> {
        let mut sheet = Sheet::new(self.0.registry.gather());
        standing::write(read, &mut sheet)?;
        process::write(&mut sheet)?;
        Ok(TextEncoder::new().encode_to_string(&sheet.sorted())?)
    }
}

/// How long something took, each time: kept by whoever does it.
#[derive(Debug)]
pub struct Durations(Histogram);

impl Durations {
    /// Buckets in seconds, ascending.
    pub fn new(name: &str, help: &str, buckets: &[f64]) -> anyhow::Result<Durations> {
        Ok(Durations(Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?))
    }

    /// Once more.
    pub fn took(&self, time: Duration) {
        self.0.observe(time.as_secs_f64());
    }

    fn collect(&self) -> Vec<prometheus::proto::MetricFamily> {
        self.0.collect()
    }
}
