//! What Markdown would read as marks, written so that it is text; and code between marks of its own.

/// Text in which nothing is a mark within a line. Underscores within words stay, where
/// `every_underscore` does not ask for more.
pub(crate) fn escape_text(text: &str, every_underscore: bool) -> String {
    let is_mark =
        |b: u8| matches!(b, b'\\' | b'`' | b'*' | b'[' | b']' | b'<' | b'_' | b'~' | b'&');
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len() + 8);
    let mut written = 0;
    for at in (0..text.len()).filter(|at| is_mark(text.as_bytes()[*at])) {
        let before = text[..at].chars().next_back();
        let mut after = text[at + 1..].chars();
        let next = after.clone().next();
        let escape = match text.as_bytes()[at] {
            b'_' => every_underscore || !(word(before) && word(next)),
            b'~' => before == Some('~') || next == Some('~'),
            b'&' => {
                next == Some('#')
                    || next.is_some_and(|c| c.is_ascii_alphabetic()) && is_entity(&mut after)
            }
            _ => true,
        };
        out.push_str(&text[written..at]);
        written = at;
        // GitHub makes links of bare addresses, and their text swallows a backslash up to the `<`
        // that it should escape. Behind white space no address goes on.
        if text[at..].starts_with('<') && !before.is_some_and(char::is_whitespace) {
            out.push_str("&lt;");
            written = at + 1;
        } else if escape {
            out.push('\\');
        }
    }
    out.push_str(&text[written..]);
    out
}

/// Whether a mark between these characters opens or closes: the one inside is no white space, and
/// if it is punctuation the one outside is not a letter or digit.
pub(crate) fn is_edge(outside: Option<char>, inside: Option<char>) -> bool {
    let inside_word = inside.is_some_and(char::is_alphanumeric);
    let outside_word = outside.is_some_and(char::is_alphanumeric);
    inside.is_some_and(|c| !c.is_whitespace()) && (inside_word || !outside_word)
}

/// An address in which every `&` that would begin an entity is one that stands for itself.
pub(crate) fn without_entities(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let mut chars = url.chars();
    while let Some(c) = chars.next() {
        let numeric = chars.as_str().starts_with('#');
        let begins_entity = c == '&' && (numeric || is_entity(chars.clone()));
        out.push_str(if begins_entity { "&amp;" } else { "" });
        out.extend((!begins_entity).then_some(c));
    }
    out
}

/// Whether what follows an `&` makes it an entity.
fn is_entity(rest: impl Iterator<Item = char>) -> bool {
    let mut rest = rest.skip_while(char::is_ascii_alphanumeric);
    rest.next() == Some(';')
}

/// Escapes what would be more than text at the start of a line: `#`, `+ `, `1. `, `> `, `---`, and
/// leaves out the blanks that would make code of it.
pub(crate) fn at_line_start(line: &str) -> String {
    let line = line.trim_start_matches([' ', '\t']);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let escape_at = match line.as_bytes().get(digits) {
        Some(b'.' | b')') if (1..=9).contains(&digits) => Some(digits),
        Some(b'#' | b'+' | b'-' | b'=' | b'>' | b'|' | b':') if digits == 0 => Some(0),
        Some(b'~') if line.starts_with("~~~") => Some(0),
        _ => None,
    };
    match escape_at {
        Some(at) => format!("{}\\{}", &line[..at], &line[at..]),
        None => line.to_owned(),
    }
}

/// Code within a line.
pub(crate) fn code_span(code: &str) -> String {
    let marks = fence(code, 1);
    let space = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
    format!("{marks}{space}{code}{space}{marks}")
}

/// Backticks, at least so many, and more than stand together anywhere in the code.
pub(crate) fn fence(code: &str, least: usize) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}
