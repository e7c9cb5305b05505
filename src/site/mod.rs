//! A web site of a folder's runbooks.

pub mod article;
pub mod filling;
