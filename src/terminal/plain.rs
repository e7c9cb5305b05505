//! Texts from pages, findings, files and paths must not act on the terminal.

use std::fmt::Display;

use crate::page::is_hidden;

/// The text with U+FFFD in place of every character that could act on a terminal, reorder what
/// stands beside it, or hide: see [`is_plain`].
pub fn plain(text: impl Display) -> String {
    let replaced = |c: char| if is_plain(c) { c } else { char::REPLACEMENT_CHARACTER };
    text.to_string().chars().map(replaced).collect()
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
    fn what_shows_itself_stays() {
        let text = "Zürich — 東京 «x» é 🙂 <ACCOUNT_ID>\n";
        assert_eq!(plain(text), text);
    }
}
