//! Rewrites AWS's Markdown where `CommonMark` would read something else than AWS means.
//!
//! - A `**Note**` line takes the lines below it along, up to a blank line or a bullet, and belongs
//!   to the list item above it even where it is not indented: it becomes a quotation.
//! - `**bold **text` has white space inside the bold, `****name****` doubles the marks: both become
//!   bold that `CommonMark` sees.
//! - `{{text}}` in prose is replaceable text: it becomes code.
//! - A YAML block on top goes.

use std::borrow::Cow;

/// Stands between a bold mark and what it encloses, so that `CommonMark` sees a bold mark whatever
/// comes next; the reader drops it with all other zero-width characters.
const EDGE: char = '\u{200b}';

/// How long replaceable text and code in a line are at most, in bytes, so that no line costs the
/// square of its length.
const LONGEST_REPLACEABLE: usize = 512;
const LONGEST_CODE: usize = 4096;

/// How many marks of quotes and list items a line may begin with, and how many bytes they and the
/// white space there may have. AWS's pages have 1 and 23. Every line has to be compared with all quotes
/// and items that are open above it.
const MOST_MARKS: usize = 20;
const LONGEST_BEGINNING: usize = 120;

const NOTE_TITLES: [&str; 5] = ["Note", "Important", "Tip", "Warning", "Caution"];

/// The page as `CommonMark`.
pub(super) fn to_common_mark(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let text = without_front_matter(&text);
    let mut writer = Writer { out: String::with_capacity(text.len() * 9 / 8), item_indent: 0 };
    let mut fence: Option<&str> = None;
    let lines: Vec<Cow<'_, str>> = text.lines().map(shallow).collect();
    let mut lines = lines.iter().map(|line| &**line).peekable();
    while let Some(line) = lines.next() {
        if let Some(mark) = fence {
            writer.verbatim(line);
            if line.trim() == mark {
                fence = None;
            }
        } else if let Some(mark) = fence_mark(line) {
            writer.verbatim(line);
            fence = Some(mark);
        } else if let Some(title) = note_title(line) {
            let mut body = Vec::new();
            while let Some(next) = lines.next_if(|next| continues_note(next)) {
                body.push(next);
            }
            writer.note(line, title, &body);
        } else {
            writer.prose(line);
        }
    }
    writer.out
}

/// A line without the marks and white space at its beginning that would nest it too deeply.
fn shallow(line: &str) -> Cow<'_, str> {
    let (mut text, mut marks, mut kept) = (0, 0, 0);
    loop {
        let rest = &line[text..];
        let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let mark = mark_length(&rest[indent..]);
        text += indent + mark.unwrap_or(0);
        marks += usize::from(mark.is_some());
        if marks <= MOST_MARKS && text <= LONGEST_BEGINNING {
            kept = text;
        }
        if mark.is_none() {
            break;
        }
    }
    if kept == text {
        return Cow::Borrowed(line);
    }
    Cow::Owned(format!("{}{}", &line[..kept], &line[text..]))
}

/// The length of the mark of a quote or list item that a text begins with.
fn mark_length(text: &str) -> Option<usize> {
    if text.starts_with('>') {
        return Some(1);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (mark, behind) = (text.as_bytes().get(digits)?, text.as_bytes().get(digits + 1));
    let is_mark = match mark {
        b'-' | b'+' | b'*' => digits == 0,
        b'.' | b')' => (1..10).contains(&digits),
        _ => false,
    };
    (is_mark && matches!(behind, None | Some(b' ' | b'\t'))).then_some(digits + 1)
}

/// The name in `<a name="…">`.
pub(super) fn anchor_name(html: &str) -> Option<&str> {
    let name = html.strip_prefix("<a name=\"")?.split('"').next()?;
    (!name.is_empty()).then_some(name)
}

fn without_front_matter(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("---\n") else { return text };
    rest.split_once("\n---\n").map_or(text, |(_, body)| body)
}

fn fence_mark(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let marks = line.bytes().take_while(|&b| b == b'`').count();
    (marks >= 3).then(|| &line[..marks])
}

fn note_title(line: &str) -> Option<&str> {
    let title = line.trim().strip_prefix("**")?.strip_suffix("**")?;
    NOTE_TITLES.contains(&title).then_some(title)
}

fn continues_note(line: &str) -> bool {
    !line.trim().is_empty() && list_content_indent(line).is_none() && note_title(line).is_none()
}

/// Where the text of a list item begins; none where the line begins no item.
fn list_content_indent(line: &str) -> Option<usize> {
    let rest = line.trim_start_matches(' ');
    let indent = line.len() - rest.len();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let marker = match rest.as_bytes().get(digits)? {
        b'+' | b'*' | b'-' if digits == 0 => 1,
        b'.' | b')' if digits > 0 => digits + 1,
        _ => return None,
    };
    rest[marker..].starts_with(' ').then_some(indent + marker + 1)
}

struct Writer {
    out: String,
    /// Where the text of the latest list item begins; 0 outside lists.
    item_indent: usize,
}

impl Writer {
    fn verbatim(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn prose(&mut self, line: &str) {
        if let Some(indent) = list_content_indent(line) {
            self.item_indent = indent;
        } else if !line.starts_with(' ') && self.out.ends_with("\n\n") && !line.is_empty() {
            self.item_indent = 0;
        }
        self.out.push_str(&mark_up(line));
        self.out.push('\n');
    }

    fn note(&mut self, line: &str, title: &str, body: &[&str]) {
        let own_indent = line.len() - line.trim_start_matches(' ').len();
        let follows_text = !self.out.is_empty() && !self.out.ends_with("\n\n");
        let indent = if follows_text { own_indent.max(self.item_indent) } else { own_indent };
        let indent = " ".repeat(indent);
        self.out.push_str(&format!("\n{indent}> **{title}**\n"));
        for text in body {
            self.out.push_str(&format!("{indent}>\n{indent}> {}\n", mark_up(text.trim())));
        }
        self.out.push('\n');
    }
}

/// The line with bold and replaceable text in a form that `CommonMark` reads.
fn mark_up(line: &str) -> String {
    let line = if line.contains("****") { line.replace("****", "**") } else { line.to_owned() };
    let bold = pieces(&line).filter(|piece| *piece == Piece::Bold).count();
    let mut out = String::with_capacity(line.len() + 8);
    let mut open = false;
    for piece in pieces(&line) {
        match piece {
            Piece::Bold if !bold.is_multiple_of(2) => out.push_str("**"),
            Piece::Bold if open => {
                out.extend([EDGE, '*', '*']);
                open = false;
            }
            Piece::Bold => {
                out.extend(['*', '*', EDGE]);
                open = true;
            }
            Piece::Replaceable(text) => {
                out.push('`');
                out.push_str(text);
                out.push('`');
            }
            Piece::Other(text) => out.push_str(text),
        }
    }
    out
}

#[derive(PartialEq)]
enum Piece<'a> {
    Bold,
    Replaceable(&'a str),
    Other(&'a str),
}

/// Cuts a line at the bold marks and replaceable texts that stand outside code.
fn pieces(line: &str) -> impl Iterator<Item = Piece<'_>> {
    let (mut at, mut close) = (0, 0);
    std::iter::from_fn(move || {
        if at == line.len() {
            return None;
        }
        // Where the next `}}` is, or the end of the line.
        if close < at + 2 {
            let from = line.floor_char_boundary(at + 2);
            close = line[from..].find("}}").map_or(line.len(), |found| from + found);
        }
        let (piece, len) = next_piece(&line[at..], close - at);
        at += len;
        Some(piece)
    })
}

/// The piece that a text begins with, and its length. The next `}}` is at `close`, if it is there.
fn next_piece(rest: &str, close: usize) -> (Piece<'_>, usize) {
    if rest.starts_with("**") {
        return (Piece::Bold, 2);
    }
    if rest.starts_with("{{") && (3..=LONGEST_REPLACEABLE).contains(&close) && close < rest.len() {
        let inner = &rest[2..close];
        if !inner.contains('`') {
            return (Piece::Replaceable(inner), close + 2);
        }
    }
    let len = match rest.as_bytes()[0] {
        b'`' => code_span(rest),
        b'\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        _ => {
            let first = rest.chars().next().map_or(1, char::len_utf8);
            first + rest[first..].find(['`', '\\', '*', '{']).unwrap_or(rest.len() - first)
        }
    };
    (Piece::Other(&rest[..len]), len)
}

/// The length of the code span that the text begins with, or of its backticks where it has no end.
fn code_span(rest: &str) -> usize {
    let marks = rest.bytes().take_while(|&b| b == b'`').count();
    let fence = &rest[..marks];
    let near = &rest[marks..marks + rest[marks..].floor_char_boundary(LONGEST_CODE)];
    near.find(fence).map_or(marks, |end| marks + end + marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_escapes_are_left_alone() {
        assert_eq!(mark_up(r"`a ** {{b}}` \** x"), r"`a ** {{b}}` \** x");
        assert_eq!(mark_up("odd ** mark"), "odd ** mark");
        assert_eq!(mark_up("{{`}} {{}}"), "{{`}} {{}}");
    }

    #[test]
    fn a_line_is_not_nested_without_end() {
        for line in ["", "text", "  + **a**", "> - 1. x", "12) y", "-- a", "1234567890. z"] {
            assert_eq!(shallow(line), line);
        }
        assert_eq!(
            shallow(&format!("{}a", "> ".repeat(50))),
            format!("{}a", ">".to_owned() + &" >".repeat(19))
        );
        assert_eq!(shallow(&format!("{}- a > b", " ".repeat(500))), "a > b");
    }

    #[test]
    fn marks_without_an_end_cost_no_more_than_others() {
        let open = "{{`".repeat(300_000);
        assert_eq!(mark_up(&open), open);
        assert_eq!(mark_up("{{a}} {{b {{c}}"), "`a` `b {{c`");
        assert_eq!(mark_up("a}} {{b}} ü{{c}}ü"), "a}} `b` ü`c`ü");
    }

    #[test]
    fn an_escaped_star_before_the_end_of_bold_is_text() {
        assert_eq!(mark_up(r"**Low\***"), format!(r"**{EDGE}Low\*{EDGE}**"));
    }

    #[test]
    fn front_matter_goes_and_a_rule_stays() {
        assert_eq!(without_front_matter("---\na: b\n---\n# T"), "# T");
        assert_eq!(without_front_matter("---\nno end"), "---\nno end");
    }
}
