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

/// The name of the placeholder that a text begins with, in capitals.
pub(crate) fn placeholder_at(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('<')?;
    let end =
        rest.bytes().position(|b| !(b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'))?;
    let name = &rest[..end];
    let is_name =
        rest[end..].starts_with('>') && name.starts_with(|c: char| c.is_ascii_uppercase());
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_capitals_digits_and_underscores() {
        assert_eq!(placeholder_at("<VPC_ID2>x"), Some("VPC_ID2"));
        for text in ["<vpc>", "<>", "<1A>", "<_A>", "<A", "<A b>", "A>", " <A>", "<Ä>"] {
            assert_eq!(placeholder_at(text), None, "{text}");
        }
    }
}
