//! skeleton
pub mod diagnostic;
pub mod finding_type;
pub mod guide;
pub mod page;
pub mod severity;
