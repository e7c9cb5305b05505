//! Texts from pages, findings, files and paths must not act on the terminal.

use std::fmt::Display;

use crate::page::is_hidden;

/// The text with U+FFFD in place of every character that could act on a terminal, reorder what
/// stands beside it, or hide: see [`is_plain`].
pub fn plain(text: impl Display) -> String {
    let replaced = |c: char| if is_plain(c) { c } else { char::REPLACEMENT_CHARACTER };
    text.to_string().chars().map(replaced).collect()
}

/// JSON with an escape in place of every such character: to a program it is the same JSON.
pub fn plain_json(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    for c in json.chars() {
        if is_plain(c) {
            plain.push(c);
        } else {
            let units = c.encode_utf16(&mut [0; 2]).to_vec();
            plain.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    plain
}

/// Whether a character only shows itself. Control characters other than newline and tab do not, nor
/// do line separators, bidirectional controls, and characters without width.
pub fn is_plain(c: char) -> bool {
    let ends_line = matches!(c, '\u{2028}' | '\u{2029}');
    matches!(c, '\n' | '\t') || !(c.is_control() || is_hidden(c) || ends_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_on_the_terminal() {
        assert_eq!(plain("a\u{1b}[31m\u{202e}b\n\tc"), "a\u{fffd}[31m\u{fffd}b\n\tc");
        assert_eq!(plain("\r\u{9b}31m\u{7f}\0"), "\u{fffd}\u{fffd}31m\u{fffd}\u{fffd}");
        assert_eq!(plain("a\u{200b}m\u{feff}i\u{2066}"), "a\u{fffd}m\u{fffd}i\u{fffd}");
    }

    #[test]
    fn json_stays_the_same_to_a_program() {
        let json = serde_json::json!({"a\u{202e}": "\u{1b}]0;x\u{7} \u{9b} \u{e0041} é\n"});
        let shown = plain_json(&json.to_string());
        assert!(shown.chars().all(is_plain) && shown.contains("\\udb40\\udc41"), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), json);
    }

    #[test]
    fn what_shows_itself_stays() {
        let text = "Zürich — 東京 «x» é 🙂 <ACCOUNT_ID>\n";
        assert_eq!(plain(text), text);
    }
}
