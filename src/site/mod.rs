//! A static, searchable web site of runbooks.
//!
//! [`build()`] takes runbooks and gives the site's files as values; [`write()`] puts them into a
//! folder. A page is the same on a web server, on a file share and on a stick: it loads nothing but
//! the files beside it, and a policy in it forbids anything else.
//!
//! 1. `entry`: what overview and search know of a runbook.
//! 2. [`article`]: its Markdown as HTML that is safe whoever wrote it.
//! 3. `flow`: Mermaid diagrams as pictures.
//! 4. `pages` and `search`: the pages, and what the search looks through.
//! 5. [`write()`]: files on the disk, and none of somebody else's.
//!
//! [`filling`] is what the pages ask for when somebody pastes a finding. It is compiled to
//! WebAssembly (`wasm/` in the repository), and comes with the program as `assets/fill.wasm`.

pub mod article;
#[cfg(feature = "site")]
mod entry;
pub mod filling;
#[cfg(feature = "site")]
mod flow;
mod ids;
#[cfg(feature = "site")]
mod overview;
#[cfg(feature = "site")]
mod pages;
#[cfg(feature = "site")]
mod search;
#[cfg(feature = "site")]
mod write;

#[cfg(feature = "site")]
pub use self::{
    build::{Site, build},
    entry::{Level, Runbook, SiteEntry},
    write::{SiteWriteError, Written, write},
};

#[cfg(feature = "site")]
mod build;
