//! A list of metrics, as it is written out. What is read when somebody asks is put on it; of an empty family nothing is written.

use prometheus::{Counter, CounterVec, Gauge, GaugeVec, Opts, Result, core::Collector, proto::MetricFamily};

pub(super) struct Sheet(Vec<MetricFamily>);

impl Sheet {
    pub fn new(families: Vec<MetricFamily>) -> Sheet {
        Sheet(families)
    }

    pub fn gauge(&mut self, name: &str, help: &str, value: f64) -> Result<()> {
        let gauge = Gauge::new(name, help)?;
        gauge.set(value);
        self.add(&gauge);
        Ok(())
    }

    pub fn counter(&mut self, name: &str, help: &str, value: f64) -> Result<()> {
        let counter = Counter::new(name, help)?;
        counter.inc_by(value);
        self.add(&counter);
        Ok(())
    }

    /// One for each value of a label.
    pub fn gauges(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (String, f64)>,
    ) -> Result<()> {
        let gauges = GaugeVec::new(Opts::new(name, help), &[label])?;
        values.into_iter().for_each(|(of, value)| gauges.with_label_values(&[of]).set(value));
        self.add(&gauges);
        Ok(())
    }

    /// One for each value of a label.
    pub fn counters(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (String, f64)>,
    ) -> Result<()> {
        let counters = CounterVec::new(Opts::new(name, help), &[label])?;
        values.into_iter().for_each(|(of, value)| counters.with_label_values(&[of]).inc_by(value));
        self.add(&counters);
        Ok(())
    }

    pub fn all(&mut self, families: Vec<MetricFamily>) {
        self.0.extend(families);
    }

    pub fn sorted(mut self) -> Vec<MetricFamily> {
        self.0.retain(|family| !family.get_metric().is_empty());
        self.0.sort_by(|a, b| a.name().cmp(b.name()));
        self.0
    }

    fn add(&mut self, collector: &impl Collector) {
        self.0.extend(collector.collect());
    }
}
