//! Markdown for people at a terminal: text with colours, wrapped to a width.
//!
//! [`render()`] takes a text and gives a text; it prints nothing. Styles are ANSI's select-graphic-
//! rendition sequences and nothing else, so that whoever prints can strip them. [`plain`] is what
//! every text from outside goes through before it may reach a terminal.

mod mermaid;
mod plain;
mod render;
mod table;
mod text;

pub use plain::{is_plain, plain, plain_json};
pub use render::render;
