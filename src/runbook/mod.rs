//! A runbook: a finding rendered through a template.
//!
//! [`markdown`] writes blocks, `context` is what a template sees of a finding, [`template`] renders.

mod attribution;
mod context;
pub mod markdown;
pub mod template;

pub use template::{Renderer, Template, TemplateError};
