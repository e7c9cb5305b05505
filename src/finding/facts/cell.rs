//! How a value of a finding is shown in Markdown.
//!
//! Every value is untrusted: it may have been written by the attacker. It stands in a code span,
//! where Markdown and HTML mean nothing, and nothing in it ends the span, the cell or the line.

use crate::page::is_hidden;
use crate::text::escape::fence;

/// More characters of a value are not shown.
pub(crate) const MAX_CHARS: usize = 300;

/// A value as a code span that may stand in running text and in the cell of a table.
///
/// Line breaks show as `⏎`, other characters that cannot be seen, or that reorder others, as `�`.
/// A long value ends after 300 characters and says how long it is. Behind a backslash `|` shows as
/// `¦`: renderers disagree whether `\\|` ends a cell.
pub(crate) fn code(value: &str) -> String {
    let mut shown = String::new();
    let mut chars = value.chars().peekable();
    for _ in 0..MAX_CHARS {
        let Some(c) = chars.next() else { break };
        if c == '\r' && chars.peek() == Some(&'\n') {
            continue;
        }
        shown.push(visible(c));
    }
    let cut = chars.next().is_some();
    let span = span(&shown);
    if cut { format!("{span} … ({} bytes)", thousands(value.len())) } else { span }
}

fn visible(c: char) -> char {
    match c {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '⏎',
        c if c == '\t' || c.is_whitespace() => ' ',
        c if c.is_control() || is_hidden(c) => '\u{fffd}',
        c => c,
    }
}

/// A code span whose fence is longer than any run of backticks in it.
fn span(text: &str) -> String {
    let fence = fence(text, 1);
    let edge = |c: char| c == '`' || c == ' ';
    let blank = text.chars().all(|c| c == ' ');
    let pad = if !blank && (text.starts_with(edge) || text.ends_with(edge)) { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", escape_pipes(text))
}

fn escape_pipes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' if out.ends_with('\\') => out.push('¦'),
            '|' => out.push_str("\\|"),
            c => out.push(c),
        }
    }
    out
}

/// A number with a comma between thousands.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;

    /// The text of each cell of a table's body, which holds nothing but one code span.
    fn spans(markdown: &str) -> Vec<Vec<String>> {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut body = false;
        for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
            match event {
                Event::End(TagEnd::TableHead) => body = true,
                Event::Start(Tag::TableRow) => rows.push(Vec::new()),
                Event::Code(text) if body => rows.last_mut().unwrap().push(text.to_string()),
                Event::Text(text) if body => panic!("{text:?} is outside in {markdown}"),
                Event::Start(Tag::Link { .. } | Tag::HtmlBlock)
                | Event::Html(_)
                | Event::InlineHtml(_) => panic!("something came alive in {markdown}"),
                _ => {}
            }
        }
        rows
    }

    #[test]
    fn what_could_act_is_shown() {
        assert_eq!(code("i-0123"), "`i-0123`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(code("a|b\\|c"), "`a\\|b\\¦c`");
        assert_eq!(code("a\r\nb\nc\td"), "`a⏎b⏎c d`");
        assert_eq!(
            code("\u{1b}[31mred\u{202e}\u{200b}\0"),
            "`\u{fffd}[31mred\u{fffd}\u{fffd}\u{fffd}`"
        );
        assert_eq!(code("<img src=x> [a](b) &amp;"), "`<img src=x> [a](b) &amp;`");
    }

    #[test]
    fn a_long_value_says_how_long_it_is() {
        let long = code(&"ä".repeat(524_288));
        assert_eq!(long, format!("`{}` … (1,048,576 bytes)", "ä".repeat(300)));
        assert_eq!(code(&"a".repeat(300)), format!("`{}`", "a".repeat(300)));
        assert!(code(&"`".repeat(1000)).len() < 1000);
    }

    fn hostile() -> impl Strategy<Value = String> {
        prop_oneof![r"[`|\\ a\n<>\[\]()*_&;#~!:/.]{1,24}", r"\PC{1,24}", any::<String>()]
    }

    proptest! {
        #[test]
        fn a_value_stays_in_its_cell(values in prop::collection::vec(hostile(), 4)) {
            prop_assume!(values.iter().all(|value| !value.is_empty()));
            let cell = |at: usize| code(&values[at]);
            let table = format!(
                "| A | B |\n| --- | --- |\n| {} | {} |\n| {} | {} |\n",
                cell(0), cell(1), cell(2), cell(3)
            );
            let rows = spans(&table);
            prop_assert_eq!(rows.len(), 2, "{}", table);
            for (at, value) in values.iter().enumerate() {
                prop_assert_eq!(rows[at / 2].len(), 2, "{}", table);
                let kept: String = value.replace("\r\n", "\n").chars().map(visible).collect();
                let kept = kept.replace("\\|", "\\¦");
                prop_assert_eq!(&rows[at / 2][at % 2], &kept, "{}", table);
            }
        }
    }
}
