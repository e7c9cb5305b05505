//! Running text with styles, and how it is broken into lines.

use std::mem;

use anstyle::Style;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::plain::plain;

/// A piece of running text in one style. A `\n` in it ends the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    text: String,
    style: Style,
}

impl Span {
    /// A piece of a text from outside, which loses whatever could act on the terminal.
    pub(super) fn new(text: &str, style: Style) -> Self {
        Self { text: plain(text.replace('\t', " ")), style }
    }

    /// What it says.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// What happens to a word that is wider than the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LongWords {
    /// It stays whole, so that it can be copied; the terminal breaks it.
    Stay,
    /// It is cut: in the cell of a table the line must not grow.
    Cut,
}

/// A line that is not painted yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    spans: Vec<Span>,
    /// In columns of the terminal.
    pub(super) width: usize,
}

impl Line {
    fn push(&mut self, text: &str, style: Style) {
        self.width += text.width();
        match self.spans.last_mut() {
            Some(last) if last.style == style => last.text.push_str(text),
            _ => self.spans.push(Span { text: text.to_owned(), style }),
        }
    }

    fn append(&mut self, other: &Self) {
        other.spans.iter().for_each(|span| self.push(&span.text, span.style));
    }

    /// The text with its styles.
    pub(super) fn paint(&self) -> String {
        self.spans.iter().map(|span| paint(&span.text, span.style)).collect()
    }
}

/// A text in a style.
pub(super) fn paint(text: &str, style: Style) -> String {
    format!("{style}{text}{style:#}")
}

/// The width of the widest line, and of the widest word.
pub(super) fn widths(spans: &[Span]) -> (usize, usize) {
    let words = words(spans);
    let widest = words.iter().map(|word| word.line.width).max().unwrap_or(0);
    let lines = fill(&words, usize::MAX, LongWords::Stay);
    (lines.iter().map(|line| line.width).max().unwrap_or(0), widest)
}

/// Breaks a text into lines of a width, between words. Without text there is no line.
pub(super) fn wrap(spans: &[Span], width: usize, long_words: LongWords) -> Vec<Line> {
    fill(&words(spans), width, long_words)
}

/// Something that stays on one line, with what stands before it there.
#[derive(Default)]
struct Word {
    /// White space, which goes where the line is broken.
    before: Line,
    line: Line,
    /// Whether it begins a new line in any case.
    is_first: bool,
}

/// Words end at white space, and beside characters of double width, which scripts without white
/// space have.
fn words(spans: &[Span]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word::default();
    for span in spans {
        for grapheme in span.text.graphemes(true) {
            let is_space = grapheme.chars().all(char::is_whitespace);
            if !word.line.spans.is_empty() && (is_space || grapheme.width() > 1) {
                words.push(mem::take(&mut word));
            }
            if grapheme == "\n" {
                word = Word { is_first: true, ..Word::default() };
            } else if is_space {
                word.before.push(grapheme, span.style);
            } else {
                word.line.push(grapheme, span.style);
                if grapheme.width() > 1 {
                    words.push(mem::take(&mut word));
                }
            }
        }
    }
    if !word.line.spans.is_empty() {
        words.push(word);
    }
    words
}

fn fill(words: &[Word], width: usize, long_words: LongWords) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line::default();
    for word in words {
        let needed = line.width.saturating_add(word.before.width + word.line.width);
        let is_begun = !line.spans.is_empty();
        if is_begun && (word.is_first || needed > width) {
            lines.push(mem::take(&mut line));
        } else if is_begun {
            line.append(&word.before);
        }
        if long_words == LongWords::Cut && word.line.width > width {
            cut(&word.line, width, &mut line, &mut lines);
        } else {
            line.append(&word.line);
        }
    }
    lines.push(line);
    lines.retain(|line| !line.spans.is_empty());
    lines
}

/// Adds a word that is wider than the line, broken wherever a line is full.
fn cut(word: &Line, width: usize, line: &mut Line, lines: &mut Vec<Line>) {
    for span in &word.spans {
        for grapheme in span.text.graphemes(true) {
            if line.width + grapheme.width() > width && line.width > 0 {
                lines.push(mem::take(line));
            }
            line.push(grapheme, span.style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, width: usize, long_words: LongWords) -> Vec<String> {
        let lines = wrap(&[Span::new(text, Style::new())], width, long_words);
        lines.iter().map(Line::paint).collect()
    }

    #[test]
    fn lines_break_between_words_and_where_the_text_says() {
        assert_eq!(
            wrapped("one two three\nfour", 8, LongWords::Stay),
            ["one two", "three", "four"]
        );
        assert_eq!(wrapped("  a  b ", 9, LongWords::Stay), ["a  b"]);
        assert_eq!(wrapped(" \n ", 9, LongWords::Stay), [""; 0]);
    }

    #[test]
    fn a_long_word_stays_or_is_cut() {
        assert_eq!(wrapped("a 0123456 b", 4, LongWords::Stay), ["a", "0123456", "b"]);
        assert_eq!(wrapped("a 0123456 b", 4, LongWords::Cut), ["a", "0123", "456", "b"]);
    }

    #[test]
    fn wide_characters_count_twice_and_need_no_white_space() {
        assert_eq!(wrapped("東京都 x", 4, LongWords::Stay), ["東京", "都 x"]);
        assert_eq!(widths(&[Span::new("東京 ab", Style::new())]), (7, 2));
    }

    #[test]
    fn a_style_never_crosses_a_line() {
        let lines = wrap(&[Span::new("ab cd", Style::new().bold())], 2, LongWords::Stay);
        let painted: Vec<String> = lines.iter().map(Line::paint).collect();
        assert_eq!(painted, ["\u{1b}[1mab\u{1b}[0m", "\u{1b}[1mcd\u{1b}[0m"]);
    }
}
