//! Where a JSON value ends, and where text stops being JSON: the grammar without the values.

use memchr::memchr3;

use super::{MAX_VALUES, Problem};

/// The deepest nesting that is read; serde's own reader stops there, too.
pub(super) const MAX_DEPTH: usize = 120;

/// So deep the end of a value is looked for that is nested too deeply.
const MAX_SKIPPED_DEPTH: usize = 1 << 16;

/// What a look at the bytes so far gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::finding) enum Scan {
    /// The value has that many bytes.
    Whole(usize),
    /// All bytes were looked at, and the value goes on.
    Unfinished,
    /// It is no JSON from that byte on.
    Broken(usize),
    /// It is nested so deeply that its end is not looked for.
    TooDeep(usize),
}

/// Looks for the end of one value, in as many steps as its bytes arrive.
#[derive(Debug)]
pub(in crate::finding) struct Scanner {
    /// The next byte to look at, counted from the first of the value.
    at: usize,
    expected: Expected,
    /// The objects and lists that are open.
    open: Vec<Open>,
    /// How many values have begun, those within others among them.
    values: usize,
    is_too_deep: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Object,
    List,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    /// Within a text; whether it is a key.
    Text(bool),
    /// Within a number, `true`, `false` or `null`.
    Word,
}

impl Scanner {
    /// For a value from its first byte on.
    pub(in crate::finding) fn new() -> Self {
        let (at, values) = (0, 0);
        Self { at, expected: Expected::Value, open: Vec::new(), values, is_too_deep: false }
    }

    /// For the rest of an object, behind one of its values.
    pub(super) fn within_object() -> Self {
        Self { expected: Expected::CommaOrEnd, open: vec![Open::Object], ..Self::new() }
    }

    /// How many values have begun so far, those within others among them.
    pub(in crate::finding) fn values(&self) -> usize {
        self.values
    }

    /// What there is too much of in the value, so that it is not read.
    pub(in crate::finding) fn excess(&self) -> Option<Problem> {
        if self.is_too_deep {
            Some(Problem::TooDeep)
        } else if self.values > MAX_VALUES {
            Some(Problem::TooManyValues(MAX_VALUES))
        } else {
            None
        }
    }

    /// Forgets the bytes that were looked at, and says how many; the next ones are given from there.
    pub(super) fn forget(&mut self) -> usize {
        std::mem::take(&mut self.at)
    }

    /// Goes on where the last look ended. `bytes` begin with the value, and `is_all` says that no
    /// more will come.
    pub(in crate::finding) fn scan(&mut self, bytes: &[u8], is_all: bool) -> Scan {
        while self.at < bytes.len() {
            let outcome = match self.expected {
                Expected::Text(is_key) => self.text(bytes, is_key),
                Expected::Word => self.word(bytes[self.at]),
                // Whether the next line is a part of it or another record is not known then.
                _ if bytes[self.at] == b'\n' && self.is_too_deep => Step::TooDeep,
                _ if is_space(bytes[self.at]) => Step::On,
                _ => self.token(bytes[self.at]),
            };
            match outcome {
                Step::On => self.at += 1,
                Step::Again => {}
                Step::Wait => return Scan::Unfinished,
                Step::End(length) => return Scan::Whole(length),
                Step::Broken => return Scan::Broken(self.at),
                Step::TooDeep => return Scan::TooDeep(self.at),
            }
        }
        let ends_here = is_all && self.expected == Expected::Word && self.open.is_empty();
        if ends_here { Scan::Whole(self.at) } else { Scan::Unfinished }
    }

    /// Within a text: to its end, or over an escape.
    fn text(&mut self, bytes: &[u8], is_key: bool) -> Step {
        let Some(found) = memchr3(b'"', b'\\', b'\n', &bytes[self.at..]) else {
            self.at = bytes.len();
            return Step::Again;
        };
        self.at += found;
        match bytes[self.at] {
            b'"' if is_key => self.then(Expected::Colon),
            b'"' => self.value_ends(self.at + 1),
            b'\n' => Step::Broken,
            _ if self.at + 1 == bytes.len() => Step::Wait,
            _ if bytes[self.at + 1] == b'\n' => Step::Broken,
            _ => {
                self.at += 1;
                Step::On
            }
        }
    }

    fn word(&mut self, byte: u8) -> Step {
        if byte.is_ascii_alphanumeric() || b"+-.".contains(&byte) {
            return Step::On;
        }
        match self.value_ends(self.at) {
            Step::On => Step::Again,
            end => end,
        }
    }

    fn token(&mut self, byte: u8) -> Step {
        use Expected::{Colon, CommaOrEnd, Key, KeyOrEnd, Value, ValueOrEnd};
        match (byte, self.expected) {
            (b'{', Value | ValueOrEnd) => self.opens(Open::Object, KeyOrEnd),
            (b'[', Value | ValueOrEnd) => self.opens(Open::List, ValueOrEnd),
            (b'"', Value | ValueOrEnd) => self.begins(Expected::Text(false)),
            (b'"', Key | KeyOrEnd) => self.then(Expected::Text(true)),
            (b',', CommaOrEnd) if self.open.last() == Some(&Open::Object) => self.then(Key),
            (b':', Colon) | (b',', CommaOrEnd) => self.then(Value),
            (b'}', KeyOrEnd | CommaOrEnd) => self.closes(Open::Object),
            (b']', ValueOrEnd | CommaOrEnd) => self.closes(Open::List),
            (b'-' | b'0'..=b'9' | b't' | b'f' | b'n', Value | ValueOrEnd) => {
                self.begins(Expected::Word)
            }
            _ => Step::Broken,
        }
    }

    fn then(&mut self, expected: Expected) -> Step {
        self.expected = expected;
        Step::On
    }

    /// At the first byte of a value.
    fn begins(&mut self, expected: Expected) -> Step {
        self.values += 1;
        self.then(expected)
    }

    fn opens(&mut self, open: Open, expected: Expected) -> Step {
        self.is_too_deep |= self.open.len() == MAX_DEPTH;
        if self.open.len() == MAX_SKIPPED_DEPTH {
            return Step::TooDeep;
        }
        self.open.push(open);
        self.begins(expected)
    }

    fn closes(&mut self, open: Open) -> Step {
        if self.open.pop() == Some(open) { self.value_ends(self.at + 1) } else { Step::Broken }
    }

    fn value_ends(&mut self, at: usize) -> Step {
        self.expected = Expected::CommaOrEnd;
        if self.open.is_empty() { Step::End(at) } else { Step::On }
    }
}

/// What comes after a byte.
enum Step {
    On,
    Again,
    /// More bytes are needed to tell.
    Wait,
    /// The value ends, with that length.
    End(usize),
    Broken,
    TooDeep,
}

/// White space, and the mark that JSON text sequences (RFC 7464) put before each value.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x1e)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn scan(text: &str) -> Scan {
        Scanner::new().scan(text.as_bytes(), true)
    }

    #[test]
    fn a_value_ends_where_it_ends() {
        for (text, length) in [
            (r#"{"a":[1,{"b":"}\"]"}],"c":null}{"#, 31),
            (r#"["x"] trailing"#, 5),
            ("12 34", 2),
            (r#""a\\"b"#, 5),
            ("true", 4),
            ("{}", 2),
        ] {
            assert_eq!(scan(text), Scan::Whole(length), "{text}");
        }
    }

    #[test]
    fn text_that_stops_being_json_is_told_where() {
        for (text, at) in [
            ("{\"a\":1,\n{\"b\":2}", 8),
            ("{\"a\":\"cut\n{\"b\":2}", 9),
            ("{\"a\" 1}", 5),
            ("[1 2]", 3),
            ("{]", 1),
            ("<html>", 0),
        ] {
            assert_eq!(scan(text), Scan::Broken(at), "{text}");
        }
        assert_eq!(scan("{\"a\":"), Scan::Unfinished);
    }

    #[test]
    fn the_end_of_what_is_too_deep_is_looked_for_on_its_line() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        for (depth, is_too_deep) in [(MAX_DEPTH, false), (MAX_DEPTH + 1, true)] {
            let mut scanner = Scanner::new();
            let text = nested(depth) + ",1";
            assert_eq!(scanner.scan(text.as_bytes(), false), Scan::Whole(2 * depth));
            assert_eq!(scanner.excess().is_some(), is_too_deep);
            assert_eq!(scanner.values(), depth);
        }
        let lines = "[".repeat(MAX_DEPTH + 1) + "\n[";
        assert_eq!(scan(&lines), Scan::TooDeep(MAX_DEPTH + 1));
        let endless = "[".repeat(MAX_SKIPPED_DEPTH + 9);
        assert_eq!(scan(&endless), Scan::TooDeep(MAX_SKIPPED_DEPTH));
    }

    proptest! {
        #[test]
        fn it_agrees_with_serde_and_steps_do_not_matter(
            text in "[\\[\\]{}:,\"a1 \\\\n-]{0,24}", cut in 0_usize..24
        ) {
            let whole = scan(&text);
            if serde_json::from_str::<Value>(&text).is_ok() {
                prop_assert_eq!(whole, Scan::Whole(text.trim_end().len()));
            }
            let cut = cut.min(text.len());
            let mut steps = Scanner::new();
            let first = steps.scan(&text.as_bytes()[..cut], false);
            let second = match first {
                Scan::Unfinished => steps.scan(text.as_bytes(), true),
                found => found,
            };
            prop_assert_eq!(whole, second);
        }
    }
}
