//! The shape of a text file that a person keeps: byte-order mark, line endings, final newline.
//!
//! Texts are compared and merged in one shape (UTF-8 without a mark, `\n`, a final newline); what
//! is written back has the shape of the file it replaces.

use memchr::memchr;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How a file is written, apart from what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    byte_order_mark: bool,
    /// For each line that ends, whether it ends in `\r\n`; empty when none does.
    carriage_returns: Vec<bool>,
    final_newline: bool,
}

impl Shape {
    /// The shape in which the tool itself writes.
    pub const OWN: Self =
        Self { byte_order_mark: false, carriage_returns: Vec::new(), final_newline: true };

    /// Whether most lines end in `\r\n`.
    fn prefers_carriage_returns(&self) -> bool {
        let with = self.carriage_returns.iter().filter(|with| **with).count();
        with * 2 > self.carriage_returns.len()
    }

    /// Gives a text this shape. `came_from` tells for each of its lines which line of the shaped
    /// file it was, if any; such a line keeps its own ending, the others get the usual one.
    pub fn apply(&self, text: &str, came_from: impl Fn(usize) -> Option<usize>) -> String {
        let mut shaped = String::with_capacity(text.len() + 64);
        if self.byte_order_mark {
            shaped.push_str(BYTE_ORDER_MARK);
        }
        let usual = self.prefers_carriage_returns();
        let last = text.split_terminator('\n').count().saturating_sub(1);
        for (number, line) in text.split_terminator('\n').enumerate() {
            shaped.push_str(line);
            if number == last && !self.final_newline {
                break;
            }
            let own = came_from(number).and_then(|line| self.carriage_returns.get(line).copied());
            shaped.push_str(if own.unwrap_or(usual) { "\r\n" } else { "\n" });
        }
        shaped
    }

    /// Gives this shape to a text that replaces the whole file.
    pub fn apply_to_new(&self, text: &str) -> String {
        self.apply(text, |_| None)
    }
}

/// A text in the one shape, with the shape that the file has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shaped {
    /// Without a byte-order mark; lines end in `\n`, the last one too, unless the text is empty.
    pub text: String,
    /// How the file is written.
    pub shape: Shape,
}

impl Shaped {
    /// Reads a file; none where its bytes are no UTF-8.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let whole = std::str::from_utf8(bytes).ok()?;
        let unmarked = whole.strip_prefix(BYTE_ORDER_MARK);
        let body = unmarked.unwrap_or(whole);
        let mut text = String::with_capacity(body.len() + 1);
        let mut carriage_returns = Vec::new();
        if memchr(b'\r', body.as_bytes()).is_none() {
            text.push_str(body);
            if !(body.is_empty() || body.ends_with('\n')) {
                text.push('\n');
            }
        } else {
            for line in body.split_inclusive('\n') {
                let content = match line.strip_suffix('\n') {
                    Some(ended) => {
                        let without = ended.strip_suffix('\r');
                        carriage_returns.push(without.is_some());
                        without.unwrap_or(ended)
                    }
                    None => line,
                };
                text.push_str(content);
                text.push('\n');
            }
            if !carriage_returns.contains(&true) {
                carriage_returns.clear();
            }
        }
        let final_newline = body.is_empty() || body.ends_with('\n');
        let shape = Shape { byte_order_mark: unmarked.is_some(), carriage_returns, final_newline };
        Some(Self { text, shape })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mark_endings_and_missing_newline_come_back() {
        let file = "\u{feff}one\r\ntwo\r\nthree";
        let shaped = Shaped::read(file.as_bytes()).unwrap();
        assert_eq!(shaped.text, "one\ntwo\nthree\n");
        assert_eq!(shaped.shape.apply_to_new("a\nb\n"), "\u{feff}a\r\nb");
    }

    #[test]
    fn a_file_with_both_endings_keeps_each_line_as_it_was() {
        let file = "one\r\ntwo\nthree\r\n";
        let shaped = Shaped::read(file.as_bytes()).unwrap();
        assert_eq!(shaped.shape.apply(&shaped.text, Some), file);
        assert_eq!(shaped.shape.apply("new\ntwo\n", |n| (n == 1).then_some(1)), "new\r\ntwo\n");
    }

    proptest! {
        #[test]
        fn reading_and_shaping_again_gives_the_same_bytes(file in "\u{feff}?([a-z \r]{0,5}\r?\n){0,6}[a-z\r]{0,3}") {
            let shaped = Shaped::read(file.as_bytes()).unwrap();
            prop_assert_eq!(shaped.shape.apply(&shaped.text, Some), file);
        }

        #[test]
        fn our_own_texts_have_our_own_shape(text in "([a-z ]{0,5}\n){0,6}") {
            let shaped = Shaped::read(text.as_bytes()).unwrap();
            prop_assert_eq!(&shaped.text, &text);
            prop_assert_eq!(Shape::OWN.apply_to_new(&text), text);
        }
    }
}
