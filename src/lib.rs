//! skeleton
pub mod finding_type;
pub mod fs;
pub mod guide;
pub mod severity;
pub mod workspace;
