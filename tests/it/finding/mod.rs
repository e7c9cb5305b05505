//! Findings as JSON, in the shapes in which people meet them.

mod bounds;
mod damaged;
mod real_findings;
mod streams;
