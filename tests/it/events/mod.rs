//! Findings as JSON, in the shapes in which people meet them.

mod real_findings;
mod streams;
