//! skeleton
pub mod catalogue;
pub mod cli;
pub mod diagnostic;
pub mod finding_type;
pub mod fs;
pub mod guide;
pub mod listing;
pub mod page;
pub mod runbook;
pub mod severity;
pub mod source;
pub mod workspace;
