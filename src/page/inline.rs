//! Running text in its normal form, the same whichever reader it comes from.

use super::Inline;

/// Brings running text into normal form: white space folded to one space and dropped at both ends,
/// none at the inner edges of bold, italic and links (it moves outside), neighbours of a kind
/// joined, empty pieces dropped, and characters that could act on a terminal or reorder text gone.
pub(super) fn normalise(inlines: Vec<Inline>) -> Vec<Inline> {
    let mut out = Vec::new();
    for inline in inlines {
        push(&mut out, inline);
    }
    trim_start(&mut out);
    trim_end(&mut out);
    out
}

/// Text without control, bidirectional and zero-width characters; no-break spaces are spaces.
/// Newlines and tabs stay, for code.
pub(super) fn clean(text: &str) -> String {
    text.chars().filter_map(clean_char).collect()
}

/// Code as it may stand in a block: replaceable text is marked with `{{…}}` in AWS's Markdown and
/// with backticks in some pages; neither mark is part of the command, and a shell would run what
/// stands between backticks.
pub(super) fn clean_code_block(text: &str) -> String {
    let text = clean(&text.replace("\r\n", "\n")).replace("{{", "").replace("}}", "");
    let paired = text.matches('`').count().is_multiple_of(2);
    let text = if paired { text.replace('`', "") } else { text };
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

fn clean_char(c: char) -> Option<char> {
    match c {
        '\n' | '\t' => Some(c),
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() || is_hidden(c) => None,
        c => Some(c),
    }
}

/// Whether a character shows nothing or changes the order in which others are shown.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

fn push(out: &mut Vec<Inline>, inline: Inline) {
    match inline {
        Inline::Text(text) => push_text(out, &text),
        Inline::Code(code) => {
            let code = fold(&code);
            let code = code.trim();
            match out.last_mut() {
                _ if code.is_empty() => {}
                Some(Inline::Code(last)) => last.push_str(code),
                _ => out.push(Inline::Code(code.to_owned())),
            }
        }
        Inline::Strong(inner) => push_wrapped(out, inner, Inline::Strong),
        Inline::Emphasis(inner) => push_wrapped(out, inner, Inline::Emphasis),
        Inline::Link { url, text } => {
            push_wrapped(out, without_links(text), |text| Inline::Link { url, text });
        }
    }
}

/// Running text in which links are their texts: Markdown has no link within a link.
fn without_links(inlines: Vec<Inline>) -> Vec<Inline> {
    let inside = inlines.into_iter().flat_map(|inline| match inline {
        Inline::Link { text, .. } => without_links(text),
        Inline::Strong(inner) => vec![Inline::Strong(without_links(inner))],
        Inline::Emphasis(inner) => vec![Inline::Emphasis(without_links(inner))],
        text => vec![text],
    });
    inside.collect()
}

fn push_text(out: &mut Vec<Inline>, text: &str) {
    let mut text = fold(text);
    if ends_with_space(out) && text.starts_with(' ') {
        text.remove(0);
    }
    if text.is_empty() {
        return;
    }
    match out.last_mut() {
        Some(Inline::Text(last)) => last.push_str(&text),
        _ => out.push(Inline::Text(text)),
    }
}

fn push_wrapped(
    out: &mut Vec<Inline>,
    inner: Vec<Inline>,
    wrap: impl FnOnce(Vec<Inline>) -> Inline,
) {
    let mut parts = Vec::new();
    for inline in inner {
        push(&mut parts, inline);
    }
    if trim_start(&mut parts) {
        push_text(out, " ");
    }
    let space_after = trim_end(&mut parts);
    if !parts.is_empty() {
        match (out.last_mut(), wrap(parts)) {
            (Some(Inline::Strong(last)), Inline::Strong(more))
            | (Some(Inline::Emphasis(last)), Inline::Emphasis(more)) => {
                for inline in more {
                    push(last, inline);
                }
            }
            (_, wrapped) => out.push(wrapped),
        }
    }
    if space_after {
        push_text(out, " ");
    }
}

fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        // Nearly all of a text is printable ASCII, which stays as it is.
        let plain = rest.bytes().take_while(u8::is_ascii_graphic).count();
        folded.push_str(&rest[..plain]);
        let mut others = rest[plain..].chars();
        let Some(c) = others.next() else { return folded };
        rest = others.as_str();
        match clean_char(c) {
            Some(' ' | '\n' | '\t') if !folded.ends_with(' ') => folded.push(' '),
            Some(' ' | '\n' | '\t') | None => {}
            Some(c) => folded.push(c),
        }
    }
}

fn ends_with_space(inlines: &[Inline]) -> bool {
    matches!(inlines.last(), Some(Inline::Text(text)) if text.ends_with(' '))
}

fn trim_start(inlines: &mut Vec<Inline>) -> bool {
    let Some(Inline::Text(text)) = inlines.first_mut() else { return false };
    let trimmed = text.starts_with(' ');
    if trimmed {
        text.remove(0);
    }
    if text.is_empty() {
        inlines.remove(0);
    }
    trimmed
}

fn trim_end(inlines: &mut Vec<Inline>) -> bool {
    let Some(Inline::Text(text)) = inlines.last_mut() else { return false };
    let trimmed = text.ends_with(' ');
    if trimmed {
        text.pop();
    }
    if text.is_empty() {
        inlines.pop();
    }
    trimmed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.into())
    }

    #[test]
    fn white_space_moves_out_of_marks_and_is_folded() {
        let read = vec![
            text(" \n"),
            Inline::Strong(vec![text("Feature: ")]),
            text("\n  AI\u{a0}Protection "),
        ];
        let expected = vec![Inline::Strong(vec![text("Feature:")]), text(" AI Protection")];
        assert_eq!(normalise(read), expected);
    }

    #[test]
    fn neighbours_are_joined_and_empty_pieces_dropped() {
        let read = vec![
            Inline::Strong(vec![text("a")]),
            Inline::Strong(vec![text(" ")]),
            Inline::Emphasis(vec![]),
            Inline::Code(" ".into()),
            text(" b"),
            text("c"),
            Inline::Code("d".into()),
            Inline::Code("e".into()),
        ];
        let expected =
            vec![Inline::Strong(vec![text("a")]), text(" bc"), Inline::Code("de".into())];
        assert_eq!(normalise(read), expected);
    }

    #[test]
    fn a_link_within_a_link_is_text() {
        let link = |text| Inline::Link { url: "https://a.example/".into(), text };
        let inner = Inline::Strong(vec![link(vec![text("b")])]);
        let expected = link(vec![text("a"), Inline::Strong(vec![text("b")])]);
        assert_eq!(normalise(vec![link(vec![text("a"), inner])]), vec![expected]);
    }

    #[test]
    fn characters_that_act_are_dropped() {
        let hidden = "a\u{202e}b\u{200b}c\u{1b}[31md\u{7}";
        assert_eq!(normalise(vec![text(hidden)]), vec![text("abc[31md")]);
        assert_eq!(clean_code_block("\nx {{y}}\u{2066}\r\n"), "x y");
        assert_eq!(clean_code_block("run `id-1` `{{id-2}}`"), "run id-1 id-2");
    }
}
