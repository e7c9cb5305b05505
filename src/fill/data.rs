//! Where placeholders stand in SQL, in JSON, and in text without syntax.

use super::place::{Place, Quoting};
use crate::guidance::placeholder;

/// The placeholders in a query: bare, or within quotes or a comment.
pub(super) fn sql_places(code: &str) -> Vec<Place> {
    scan(code, |rest| {
        let quote = rest.chars().next().filter(|c| "'\"`".contains(*c));
        // A doubled quote ends one text and begins the next, which comes to the same.
        let quoted = |quote: char| rest[1..].find(quote).map_or(rest.len(), |at| at + 2);
        let until = |end: &str, length| rest.find(end).map_or(rest.len(), |at| at + length);
        match quote {
            Some(quote) => Some(quoted(quote)),
            None if rest.starts_with("--") => Some(until("\n", 1)),
            None if rest.starts_with("/*") => Some(until("*/", 2)),
            None => None,
        }
    })
}

/// The placeholders in a JSON document: bare, or within a text.
pub(super) fn json_places(code: &str) -> Vec<Place> {
    scan(code, |rest| {
        let text = rest.strip_prefix('"')?;
        let mut escaped = false;
        let end = text.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        Some(end.map_or(rest.len(), |at| at + 2))
    })
}

/// The placeholders in a text in which nothing has to be quoted.
pub(super) fn text_places(code: &str) -> Vec<Place> {
    scan(code, |rest| Some(rest.len()))
}

/// Walks through code. `quoted` gives the length of the quoted stretch that a text begins with.
fn scan(code: &str, quoted: impl Fn(&str) -> Option<usize>) -> Vec<Place> {
    let mut places = Vec::new();
    let (mut at, mut quoted_until) = (0, 0);
    while at < code.len() {
        if at >= quoted_until
            && let Some(length) = quoted(&code[at..])
        {
            quoted_until = at + length;
        }
        match placeholder::at_start(&code[at..]) {
            Some(name) => {
                let range = at..at + name.len() + 2;
                let quoting = if at < quoted_until { Quoting::Within } else { Quoting::Bare };
                at = range.end;
                places.push(Place { range, quoting, in_shorthand: false });
            }
            None => at += code[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quotings(places: &[Place]) -> Vec<bool> {
        places.iter().map(|place| place.quoting == Quoting::Within).collect()
    }

    #[test]
    fn sql_has_texts_names_and_comments() {
        let code = "SELECT \"<A>\" FROM <B> -- it's <C>\nWHERE x = '<D>' AND y = 'it''s <E>' \
                    /* ' <F> */ AND z = <G> AND w = 'é<H>";
        let expected = [true, false, true, true, true, true, false, true];
        assert_eq!(quotings(&sql_places(code)), expected);
    }

    #[test]
    fn json_has_texts() {
        let code = r#"{"a": "<A>", "b": <B>, "c": "\"<C>", "<D>": "\\", "e": <E>}"#;
        assert_eq!(quotings(&json_places(code)), [true, false, true, true, false]);
    }

    #[test]
    fn text_needs_no_quotes() {
        assert_eq!(quotings(&text_places("it's <A> \"<B>")), [true, true]);
    }
}
