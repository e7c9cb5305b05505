//! A runbook: a finding type rendered through a template.
//!
//! [`markdown`] writes blocks, `context` is what a template sees of a finding type, `shared` what it sees
//! of several, [`template`] renders, `bounded` ends what would be too long.
//! [`Overlays`] are a team's own steps.

mod attribution;
mod bounded;
mod context;
mod filters;
pub mod markdown;
mod overlay;
mod shared;
mod steps;
pub mod template;

pub use overlay::{OverlayError, Overlays};
pub use template::{Renderer, Rendering, Template, TemplateError};
