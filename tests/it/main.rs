//! One integration-test binary, a file a feature. Everything is real: sled in a temporary folder, HTTP on loopback.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say so and stop"
)]

mod support;

mod architecture;
mod archives;
mod at_hand;
mod attacks;
mod backup;
mod bad_config;
mod command_line;
mod commands;
mod config_files;
mod editing;
mod editions;
mod explain;
mod export;
mod failures;
mod fixtures;
mod floods;
mod full_text;
mod golden;
mod guard;
mod health;
mod hosted;
mod hostile;
mod http;
mod hub;
mod jekyll;
mod listing;
mod lists;
mod manual;
mod metrics;
mod mutations;
mod opml;
mod pages;
mod partners;
mod polite;
mod polling;
mod portable;
mod proxied;
mod published;
mod reading;
mod refreshing;
mod reload;
mod rules;
mod same_entry;
mod shipped;
mod simulation;
mod site;
mod status;
mod subscribers;
mod tls;
mod torture;
mod troubleshooting;
mod vocabularies;
mod websub;
mod withdrawn;
mod worked;
