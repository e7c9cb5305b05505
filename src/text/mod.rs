//! A runbook's text by itself, which knows no folder and no finding: its front matter, its headings,
//! its code, and what is escaped in it.

pub(crate) mod columns;
pub(crate) mod escape;
pub(crate) mod fence_language;
pub(crate) mod flowchart;
pub(crate) mod front_matter;
pub mod sections;
pub mod shape;
pub(crate) mod subject;
