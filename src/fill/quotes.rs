//! Where placeholders stand in SQL, in JSON and in languages like them: bare, or within quotes.
//!
//! Dialects quote differently, and a block seldom says which one it is in. So a place is looked at
//! by the rules of each dialect that it may be in, and is quoted or bare only where all agree.

use std::ops::Range;

use crate::guidance::placeholder;

/// How a language quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syntax {
    /// What begins a quoted text and ends it. A doubled one ends one text and begins the next, which
    /// comes to the same.
    quotes: &'static str,
    /// Whether a backslash takes the meaning from a quote.
    escapes: Escapes,
    /// What begins a comment up to the end of the line.
    line_comments: &'static [&'static str],
    comments: Comments,
    /// Whether `$tag$` begins a text, which is often code itself.
    has_dollar_quotes: bool,
    /// Whether `[` begins a name.
    has_brackets: bool,
    /// Whether `/` begins a regular expression.
    has_regexes: bool,
    /// Whether quotes end with their line, as in a letter.
    by_line: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escapes {
    Never,
    Always,
    /// In texts like `E'…'`.
    AfterE,
}

/// `/* … */`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comments {
    None,
    Plain,
    Nested,
    /// `/*! … */` and `/*+ … */` are code.
    SomeAreCode,
}

/// Standard SQL, as Trino reads it.
pub(super) const ANSI: Syntax = Syntax {
    quotes: "'\"`",
    escapes: Escapes::Never,
    line_comments: &["--"],
    comments: Comments::Plain,
    has_dollar_quotes: false,
    has_brackets: false,
    has_regexes: false,
    by_line: false,
};
/// Hive, Spark and others in which a backslash escapes.
pub(super) const HIVE: Syntax =
    Syntax { escapes: Escapes::Always, comments: Comments::SomeAreCode, ..ANSI };
/// <https://dev.mysql.com/doc/refman/8.4/en/comments.html>
pub(super) const MYSQL: Syntax =
    Syntax { line_comments: &["-- ", "--\t", "--\n", "--\r", "#"], ..HIVE };
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html>
pub(super) const POSTGRES: Syntax = Syntax {
    quotes: "'\"",
    escapes: Escapes::AfterE,
    comments: Comments::Nested,
    has_dollar_quotes: true,
    ..ANSI
};
pub(super) const TSQL: Syntax =
    Syntax { quotes: "'\"", comments: Comments::Nested, has_brackets: true, ..ANSI };
/// <https://docs.snowflake.com/en/sql-reference/text-literals>
pub(super) const SNOWFLAKE: Syntax = Syntax { line_comments: &["--", "//"], ..HIVE };
/// CloudWatch Logs Insights.
pub(super) const INSIGHTS: Syntax = Syntax {
    escapes: Escapes::Always,
    line_comments: &["#"],
    comments: Comments::None,
    has_regexes: true,
    ..ANSI
};
/// A letter, in which an apostrophe reaches no further than its line.
pub(super) const LINES: Syntax =
    Syntax { line_comments: &[], comments: Comments::None, by_line: true, ..ANSI };
/// JSON, and what people write in it that it does not have.
pub(super) const JSON: [Syntax; 2] = [
    Syntax {
        quotes: "\"",
        escapes: Escapes::Always,
        line_comments: &[],
        comments: Comments::None,
        ..ANSI
    },
    Syntax { quotes: "'\"", escapes: Escapes::Always, line_comments: &["//"], ..ANSI },
];
/// `JMESPath`, the language of `--query` (<https://jmespath.org/specification.html>).
pub(super) const JMESPATH: [Syntax; 1] = [Syntax {
    quotes: "'\"",
    escapes: Escapes::Always,
    line_comments: &[],
    comments: Comments::None,
    ..ANSI
}];

/// What ends a line, and so a comment, in some dialects and not in others.
const LINE_ENDS: [char; 6] = ['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// How a placeholder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Bare,
    Quoted,
    /// Quoted in one dialect and not in another, or in the middle of a sign.
    Unclear,
}

/// The placeholders in code, each with how it stands in all of these syntaxes.
pub(super) fn standings(code: &str, syntaxes: &[Syntax]) -> Vec<(Range<usize>, Standing)> {
    let mut agreed = placeholders(code);
    for (number, syntax) in syntaxes.iter().enumerate() {
        let mut until = Quoted { range: 0..0, standing: Standing::Bare };
        for (range, standing) in &mut agreed {
            until = syntax.enclosing(code, until, range.start);
            let found = match until.range.end > range.start {
                true if until.is_sign(code, range) => Standing::Unclear,
                true => until.standing,
                false => Standing::Bare,
            };
            let is_new = number == 0 || *standing == found;
            *standing = if is_new { found } else { Standing::Unclear };
        }
    }
    agreed
}

/// Whether the text that a placeholder stands in, up to its quote, is the key of a JSON object.
pub(super) fn is_json_key(after: &str) -> bool {
    let close = after.find('"').map(|at| &after[at + 1..]);
    close.is_some_and(|rest| rest.trim_start().starts_with(':'))
}

fn placeholders(code: &str) -> Vec<(Range<usize>, Standing)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = code[at..].find('<') {
        at += next;
        let length = placeholder::at_start(&code[at..]).map_or(1, |name| name.len() + 2);
        if length > 1 {
            found.push((at..at + length, Standing::Bare));
        }
        at += length;
    }
    found
}

/// A stretch of code that is quoted.
struct Quoted {
    range: Range<usize>,
    standing: Standing,
}

impl Quoted {
    /// Whether a value would complete a sign together with what it touches: an escape, or one end of
    /// a comment.
    fn is_sign(&self, code: &str, place: &Range<usize>) -> bool {
        let within = &code[self.range.start..place.start];
        let is_comment = within.starts_with("/*");
        let touches_star = within.ends_with('*') || code[place.end..].starts_with('*');
        ends_in_escape(within) || is_comment && touches_star
    }
}

/// Whether a text ends in a backslash and what may belong to it: `\`, `\u00`.
pub(super) fn ends_in_escape(text: &str) -> bool {
    let end = &text.as_bytes()[text.len().saturating_sub(9)..];
    let last = end.iter().rposition(|byte| *byte == b'\\').map(|at| &end[at + 1..]);
    last.is_some_and(|rest| rest.iter().all(u8::is_ascii_alphanumeric))
}

impl Syntax {
    /// The last stretch that begins before a place, from the stretch before it on.
    fn enclosing(&self, code: &str, from: Quoted, place: usize) -> Quoted {
        let mut last = from;
        let mut at = last.range.end;
        while at < place {
            if let Some((length, standing)) = self.quoted(code, at) {
                last = Quoted { range: at..at + length, standing };
                at += length;
            } else {
                at += code[at..].chars().next().map_or(1, char::len_utf8);
                // Where it went on is remembered, so that each character is looked at once.
                last = Quoted { range: at..at, standing: Standing::Bare };
            }
        }
        last
    }

    /// The length of the quoted stretch that begins at a place, and how its content stands.
    fn quoted(&self, code: &str, at: usize) -> Option<(usize, Standing)> {
        let rest = &code[at..];
        let first = rest.chars().next()?;
        if self.escapes == Escapes::AfterE && first == '\'' && follows_number_with_e(code, at) {
            return Some((rest.len(), Standing::Unclear));
        }
        if self.quotes.contains(first) {
            return Some((self.text(code, at, first), Standing::Quoted));
        }
        if self.line_comments.iter().any(|mark| rest.starts_with(mark)) {
            let line = rest.split('\n').next().unwrap_or_default();
            // Where the comment ends is not known, and so neither is what begins behind it.
            let is_unclear = line.trim_end_matches('\r').contains(LINE_ENDS);
            let whole = (line.len(), Standing::Quoted);
            return Some(if is_unclear { (rest.len(), Standing::Unclear) } else { whole });
        }
        match first {
            '/' if rest.starts_with("/*") && self.comments != Comments::None => {
                let is_code = self.comments == Comments::SomeAreCode
                    && rest[2..].starts_with(['!', '+', 'M']);
                let standing = if is_code { Standing::Unclear } else { Standing::Quoted };
                Some((self.comment(rest), standing))
            }
            '/' if self.has_regexes => {
                let line = rest[1..].split('\n').next().unwrap_or_default();
                let end = unescaped(line, '/', true);
                end.map(|end| (end + 2, Standing::Unclear))
            }
            '[' if self.has_brackets => Some((bracketed(rest), Standing::Quoted)),
            '$' if self.has_dollar_quotes && !follows_word(code, at) => {
                let tag = dollar_tag(rest)?;
                let body = &rest[tag.len()..];
                let length = body.find(tag).map_or(rest.len(), |end| end + 2 * tag.len());
                Some((length, Standing::Unclear))
            }
            _ => None,
        }
    }

    /// The length of a text with its quotes.
    fn text(&self, code: &str, at: usize, quote: char) -> usize {
        let rest = &code[at + 1..];
        let rest = if self.by_line { rest.split('\n').next().unwrap_or_default() } else { rest };
        let is_e_text = || code[..at].ends_with(['e', 'E']) && !follows_word(code, at - 1);
        let has_escapes = quote != '`'
            && match self.escapes {
                Escapes::Never => false,
                Escapes::Always => true,
                Escapes::AfterE => quote == '\'' && is_e_text(),
            };
        unescaped(rest, quote, has_escapes).map_or(rest.len() + 1, |end| end + 2)
    }

    /// The length of a comment with its marks.
    fn comment(&self, rest: &str) -> usize {
        if self.comments != Comments::Nested {
            return rest[2..].find("*/").map_or(rest.len(), |end| end + 4);
        }
        let (mut depth, mut at) = (0, 0);
        while let Some(next) = rest[at..].find(['/', '*']) {
            at += next;
            // The second character may be one of several bytes.
            let (begins, ends) = (rest[at..].starts_with("/*"), rest[at..].starts_with("*/"));
            depth += usize::from(begins);
            depth -= usize::from(ends);
            at += if begins || ends { 2 } else { 1 };
            if depth == 0 {
                return at;
            }
        }
        rest.len()
    }
}

/// Where a text first has a character that no backslash escapes.
fn unescaped(text: &str, end: char, has_escapes: bool) -> Option<usize> {
    let mut is_escaped = false;
    text.find(|c| {
        let ends = c == end && !is_escaped;
        is_escaped = has_escapes && c == '\\' && !is_escaped;
        ends
    })
}

/// The length of a name in brackets, in which a doubled one is part of the name.
fn bracketed(rest: &str) -> usize {
    let mut at = 1;
    while let Some(end) = rest[at..].find(']') {
        at += end + 1;
        if !rest[at..].starts_with(']') {
            return at;
        }
        at += 1;
    }
    rest.len()
}

fn follows_word(code: &str, at: usize) -> bool {
    code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$')
}

/// Whether a quote stands behind a number with an `E`, as in `0E'…'`: versions of `PostgreSQL` differ in
/// whether the `E` belongs to the number or to the text.
fn follows_number_with_e(code: &str, at: usize) -> bool {
    let before = &code[..at];
    let word = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
    let word = &before[word.len()..];
    word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with(['e', 'E'])
}

/// `$$` or `$name$` at the beginning of a text.
fn dollar_tag(rest: &str) -> Option<&str> {
    let end = rest[1..].find('$')? + 2;
    let name = &rest[1..end - 1];
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    is_name.then_some(&rest[..end])
}

#[cfg(test)]
mod tests;
