//! The web site that `site` writes. (`tests/it/site` is about the reader of AWS's site.)

mod command;
mod compiled;
mod pages;
