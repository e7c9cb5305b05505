//! A runbook: a finding rendered through a template.
//!
//! [`markdown`] writes blocks, `context` is what a template sees of a finding, [`template`] renders.
//! [`Overlays`] are a team's own steps.

mod attribution;
mod context;
pub mod markdown;
mod overlay;
pub mod template;

pub use overlay::{OverlayError, Overlays};
pub use template::{Renderer, Template, TemplateError};
