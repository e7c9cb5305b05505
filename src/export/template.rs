//! The templates of exports.

use minijinja::value::Serde;
use serde::Serialize;

use crate::jinja;

/// Renders a template that comes with the program.
pub(super) fn render(template: &str, context: impl Serialize) -> String {
    let environment = jinja::environment();
    environment.render_str(template, Serde(context)).expect("the templates of exports are tested")
}
