//! What is read when somebody asks: sources, store, bounds, alarms, hubs, feeds.toml.

use super::{Durations, sheet::Sheet};
use crate::{
    alarms::Kind,
    bounds::Bound,
    fetch::Traffic,
    model::{Health, Phase, Time},
    publish::Rendering,
    reload::Tries,
    serve::{SourceStatus, Status},
};
use prometheus::Result;

/// Sources that are told one by one, to the operator.
const SOURCES: usize = 1_000;

/// From what.
pub struct Read<'a> {
    /// As the operator sees it: numbers name nobody.
    pub status: &'a Status,
    /// Sources are told one by one.
    pub each: bool,
    /// Requests that we send.
    pub fetched: Traffic,
    /// Rendered documents.
    pub rendered: Rendering,
    /// How often feeds.toml was taken anew, or not.
    pub tries: Tries,
    /// Commits.
    pub commits: &'a Durations,
    /// Commits that failed.
    pub commit_failures: u64,
}

pub(super) fn write(read: &Read<'_>, sheet: &mut Sheet) -> Result<()> {
    let status = read.status;
    house(read, sheet)?;
    sources(&status.sources, sheet)?;
    store(read, sheet)?;
    sent(read, sheet)?;
    bounds(&status.bounds, sheet)?;
    if read.each { each(&status.sources, sheet) } else { Ok(()) }
}

fn house(read: &Read<'_>, sheet: &mut Sheet) -> Result<()> {
    let Status { version, started, alarms, panics, poller_still, .. } = read.status;
    sheet.gauges("syndic_build_info", "Which syndic this is; always 1.", "version", [((*version).to_owned(), 1.0)])?;
    sheet.gauge("process_start_time_seconds", "When this process began, in seconds since 1970.", seconds(*started))?;
    let of_kind = |kind: Kind| alarms.iter().filter(|alarm| alarm.kind == kind).count() as f64;
    let kinds = Kind::ALL.map(|kind| (kind.name().to_owned(), of_kind(kind)));
    sheet.gauges("syndic_alarms", "Alarms that are on, by kind: /status.html says what each means.", "kind", kinds)?;
    sheet.counter("syndic_panics_total", "Faults of syndic itself that it has survived.", panics.count as f64)?;
    let still = poller_still.unwrap_or_default() as f64;
    sheet.gauge("syndic_poller_still_seconds", "Time since it was last looked which source is due.", still)?;
    let Tries { taken, refused, failed } = read.tries;
    let tries = [("taken", taken), ("refused", refused), ("failed", failed)].map(of);
    sheet.counters("syndic_config_reloads_total", "Times feeds.toml was taken anew, or not.", "outcome", tries)?;
    let in_force = read.status.config.state == crate::reload::ConfigState::Ok;
    sheet.gauge("syndic_config_in_force", "1 while feeds.toml is in force as it stands.", f64::from(in_force))
}

fn sources(sources: &[SourceStatus], sheet: &mut Sheet) -> Result<()> {
    let states = [Health::Ok, Health::Failing, Health::Held, Health::Parked, Health::Disabled, Health::New];
    let in_state = |state| sources.iter().filter(|source| source.state == state).count() as f64;
    let states = states.map(|state| (format!("{state:?}").to_lowercase(), in_state(state)));
    sheet.gauges("syndic_sources", "Sources, by state.", "state", states)?;
    let standings = || sources.iter().filter_map(|source| source.websub.as_ref());
    let phases = [("asked", Phase::Asked), ("verified", Phase::Verified), ("leaving", Phase::Leaving)];
    let phases = phases.map(|(word, phase)| of((word, standings().filter(|it| it.state == phase).count() as u64)));
    sheet.gauges("syndic_websub_subscriptions", "Our subscriptions at hubs, by state.", "state", phases)?;
    let distrusted = standings().filter(|standing| standing.distrusted).count() as f64;
    sheet.gauge("syndic_websub_distrusted", "Subscriptions whose hub has missed news.", distrusted)?;
    let ignored: u64 = standings().map(|standing| standing.ignored).sum();
    sheet.counter("syndic_websub_ignored_total", "Pushes without the right signature.", ignored as f64)
}

fn store(read: &Read<'_>, sheet: &mut Sheet) -> Result<()> {
    let Status { store, files, trouble, .. } = read.status;
    sheet.gauge("syndic_store_entries", "Entries stored.", store.entries as f64)?;
    let parts = [("sled", files.sled), ("journal", files.journal), ("checkpoint", files.checkpoint)].map(of);
    sheet.gauges("syndic_store_bytes", "Bytes in the data folder, by what they are.", "part", parts)?;
    if let Some(free) = files.free {
        sheet.gauge("syndic_store_free_bytes", "What the disk of the data folder has left.", free as f64)?;
    }
    let at = files.checkpoint_at;
    sheet.gauge(
        "syndic_store_checkpoint_timestamp_seconds",
        "When the last checkpoint was written; 0 before.",
        seconds(at),
    )?;
    let writable = f64::from(trouble.is_none());
    sheet.gauge("syndic_store_writable", "1 while the store can be read and written.", writable)?;
    sheet.gauge("syndic_store_opening_seconds", "How long opening took.", files.opening_ms as f64 / 1e3)?;
    sheet.counter("syndic_store_syncs_total", "Syncs of the journal.", files.syncs as f64)?;
    sheet.counter(
        "syndic_store_compactions_total",
        "Times the database was made smaller by a copy.",
        files.compactions as f64,
    )?;
    let failures = read.commit_failures as f64;
    sheet.counter("syndic_store_commit_failures_total", "Groups of commits that could not be written.", failures)?;
    sheet.all(read.commits.collect());
    Ok(())
}

fn sent(read: &Read<'_>, sheet: &mut Sheet) -> Result<()> {
    let Traffic { answers, bytes } = &read.fetched;
    let answers = answers.iter().copied().map(of);
    sheet.counters("syndic_fetch_requests_total", "Requests sent, by the class of the answer.", "status", answers)?;
    sheet.counter(
        "syndic_fetch_document_bytes_total",
        "Bytes of documents that were read, decompressed.",
        *bytes as f64,
    )?;
    let Rendering { renders, kept, bytes } = read.rendered;
    sheet.counter("syndic_renders_total", "Documents that were rendered.", renders as f64)?;
    sheet.counter("syndic_render_cache_hits_total", "Documents that were asked for and there already.", kept as f64)?;
    sheet.gauge("syndic_render_cache_bytes", "Rendered documents that are held, all codings counted.", bytes as f64)?;
    let hub = &read.status.hub;
    let (well, failing, waiting) = (hub.subscriptions.saturating_sub(hub.failing), hub.failing, hub.waiting);
    let states = [("ok", well), ("failing", failing), ("unverified", waiting)].map(|(word, n)| of((word, n as u64)));
    sheet.gauges("syndic_hub_subscriptions", "Subscriptions at our hub, by state.", "state", states)?;
    sheet.counter("syndic_hub_pushes_total", "Pushes that arrived.", hub.pushes as f64)?;
    sheet.counter("syndic_hub_push_failures_total", "Pushes that did not.", hub.failures as f64)?;
    let told: usize = hub.elsewhere.iter().map(|hub| hub.waiting).sum();
    sheet.gauge("syndic_hub_elsewhere_waiting", "Feeds of which hubs elsewhere are still to be told.", told as f64)
}

fn bounds(bounds: &[Bound], sheet: &mut Sheet) -> Result<()> {
    let each = |what: fn(&Bound) -> Option<u64>| {
        bounds.iter().filter_map(move |bound| Some((bound.name.replace(' ', "_"), what(bound)? as f64)))
    };
    sheet.gauges("syndic_bound_used", "How much of a bound is in use.", "bound", each(|bound| Some(bound.used)))?;
    sheet.gauges("syndic_bound_limit", "How much there is of it.", "bound", each(|bound| bound.limit))?;
    let (waits, refusals) = ("syndic_bound_waits_total", "syndic_bound_refusals_total");
    sheet.counters(waits, "Times somebody had to wait for it.", "bound", each(|bound| Some(bound.waited)))?;
    sheet.counters(refusals, "Times somebody was turned away.", "bound", each(|bound| Some(bound.refused)))
}

/// The operator's own: each source by its id.
fn each(sources: &[SourceStatus], sheet: &mut Sheet) -> Result<()> {
    let each = |what: fn(&SourceStatus) -> Option<f64>| {
        let told = sources.iter().take(SOURCES);
        told.filter_map(move |source| Some((source.id.to_string(), what(source)?)))
    };
    sheet.gauges(
        "syndic_source_entries",
        "Entries stored of a source.",
        "source",
        each(|it| Some(it.entries as f64)),
    )?;
    let failures = each(|it| Some(f64::from(it.failures)));
    sheet.gauges("syndic_source_failures", "Failures of a source in a row.", "source", failures)?;
    let success = each(|it| it.last_success.map(|at| seconds(Some(at))));
    sheet.gauges(
        "syndic_source_last_success_timestamp_seconds",
        "When a source last answered usefully.",
        "source",
        success,
    )?;
    let next = each(|it| it.next_poll.map(|at| seconds(Some(at))));
    sheet.gauges("syndic_source_next_poll_timestamp_seconds", "When a source is asked next.", "source", next)
}

fn of((word, count): (&str, u64)) -> (String, f64) {
    (word.to_owned(), count as f64)
}

fn seconds(time: Option<Time>) -> f64 {
    time.map_or(0.0, |time| time.timestamp_millis() as f64 / 1e3)
}
