//! Where a placeholder stands in code, and which values may stand there.

use std::ops::Range;

use super::values::Open;

/// A placeholder in code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its bytes, from `<` to `>`.
    pub(super) range: Range<usize>,
    /// Whether something around it quotes it.
    pub(super) quoting: Quoting,
    /// What its value may hold.
    pub(super) takes: Takes,
}

/// Whether a placeholder is quoted where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// It is not: what takes its place has to bring its own quotes.
    Bare,
    /// It is within quotes, a comment or a document, so that quotes would be part of the value.
    Within,
}

/// What a value may hold to stand in a place. Every value keeps to the grammar of its type; this is
/// about what is code in some places and text in others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Takes {
    pub(super) only: Only,
    /// Whether commas and equal signs would be read as syntax there.
    pub(super) in_shorthand: bool,
    /// Whether `--` may begin a comment there.
    pub(super) in_query: bool,
    /// The line that ends the here-document in which the placeholder stands.
    pub(super) delimiter: Option<String>,
}

/// Which values a place takes, from the most to the fewest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Only {
    #[default]
    All,
    /// Those that YAML reads as one plain text.
    Scalars,
    /// Those of ASCII letters and digits alone: nothing is known of the language.
    Words,
    /// Whole numbers.
    Numbers,
    /// None: whatever stands there is code.
    None,
}

impl Takes {
    pub(super) fn only(only: Only) -> Self {
        Self { only, ..Self::default() }
    }

    /// Why a value may not stand there; none if it may.
    pub(super) fn refusal(&self, value: &str) -> Option<Open> {
        let is_word = || value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_taken = match self.only {
            Only::All => true,
            Only::Scalars => !value.ends_with(':'),
            Only::Words if is_word() => true,
            Only::Words => return Some(Open::WithoutRules),
            Only::Numbers => value.bytes().all(|byte| byte.is_ascii_digit()),
            Only::None => false,
        };
        let is_syntax = self.in_shorthand && value.contains([',', '='])
            || self.in_query && value.contains("--")
            // All values of a line and what stands between them could come to its end together.
            || self.delimiter.as_ref().is_some_and(|delimiter| delimiter.contains(value));
        (!is_taken || is_syntax).then_some(Open::MeansSomething)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_refuses_what_would_be_code_there() {
        let shorthand = Takes { in_shorthand: true, ..Takes::default() };
        let query = Takes { in_query: true, ..Takes::default() };
        let document = Takes { delimiter: Some("EOF".into()), ..Takes::default() };
        for (takes, value, refusal) in [
            (&Takes::default(), "a,b=c--d", None),
            (&shorthand, "a,b", Some(Open::MeansSomething)),
            (&shorthand, "a=b", Some(Open::MeansSomething)),
            (&query, "a-b", None),
            (&query, "a--b", Some(Open::MeansSomething)),
            (&document, "EOF", Some(Open::MeansSomething)),
            (&document, "E", Some(Open::MeansSomething)),
            (&document, "EOFx", None),
            (&Takes::only(Only::Scalars), "a:b", None),
            (&Takes::only(Only::Scalars), "a:", Some(Open::MeansSomething)),
            (&Takes::only(Only::Words), "a1B", None),
            (&Takes::only(Only::Words), "a-1", Some(Open::WithoutRules)),
            (&Takes::only(Only::Numbers), "1", None),
            (&Takes::only(Only::Numbers), "a", Some(Open::MeansSomething)),
            (&Takes::only(Only::None), "1", Some(Open::MeansSomething)),
        ] {
            assert_eq!(takes.refusal(value), refusal, "{takes:?} {value}");
        }
    }
}
