//! Tests of the program as a whole, and of the library on real pages.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod broken_guide;
mod builtin_catalogue;
mod command_line;
mod export;
mod facts;
mod faults;
mod fill;
mod fill_summary;
mod finding;
mod guidance;
mod hostile_guide;
mod keeping_edits;
mod list;
#[cfg(target_os = "linux")]
mod memory;
mod mini;
mod over_http;
mod overlays;
mod page_texts;
mod plain_run;
mod reader;
mod real;
mod recorded_guides;
mod rendering;
mod round_trips;
mod sandbox;
mod selection;
mod show;
mod site;
mod templates;
mod tidy;
mod trust;
mod web;
mod workspace;
