//! Where a placeholder stands in code.

use std::ops::Range;

/// A placeholder in code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its bytes, from `<` to `>`.
    pub(super) range: Range<usize>,
    /// Whether something around it quotes it.
    pub(super) quoting: Quoting,
    /// Whether commas and equal signs would be read as syntax there.
    pub(super) in_shorthand: bool,
}

/// Whether a placeholder is quoted where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// It is not: what takes its place has to bring its own quotes.
    Bare,
    /// It is within quotes, a comment or a document, so that quotes would be part of the value.
    Within,
}
