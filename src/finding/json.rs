//! JSON as values, within bounds, and lossily where it is damaged.
//!
//! A value costs far more memory than its text: an object of nine bytes some four hundred. So values
//! are counted before they are made. And whoever can put one bad byte into a finding must not hide it
//! with that: what no text can hold becomes U+FFFD, which no value in a command may hold.

use memchr::memmem;
use serde_json::Value;

use super::damage::MAX_VALUES;
use super::read::{MAX_RECORD, Scan, Scanner};

/// Stands where something could not be read.
pub(crate) const REPLACEMENT: char = '\u{fffd}';

/// How far an escape with a number goes: `\u` and four digits.
const ESCAPE: usize = 6;

/// A text of JSON as a value. Where it is damaged, it is read with U+FFFD for what is damaged.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(bytes).or_else(|error| match Mending::of(bytes) {
        Some(mended) => serde_json::from_str(&mended).map_err(|_| error),
        None => Err(error),
    })
}

/// JSON that is a text within JSON has more values than there is room for.
pub(super) struct TooMany;

/// A text that is JSON, as a value; none where it is no JSON. `left` is how many values there may be,
/// and then how many there may still be.
pub(super) fn within(text: &str, left: &mut usize) -> Result<Option<Value>, TooMany> {
    let bytes = text.trim_ascii().as_bytes();
    let mut scanner = Scanner::new();
    let is_whole =
        matches!(scanner.scan(bytes, true), Scan::Whole(length) if length == bytes.len());
    match left.checked_sub(scanner.values()) {
        None => Err(TooMany),
        Some(_) if !is_whole || scanner.excess().is_some() => Ok(None),
        Some(still) => {
            *left = still;
            Ok(parse(bytes).ok())
        }
    }
}

/// A text of a finding that is JSON, as a value; none where it is no JSON, or has more values than a
/// finding may have.
pub(super) fn of_finding(text: &str) -> Option<Value> {
    let mut left = MAX_VALUES;
    within(text, &mut left).ok().flatten()
}

/// A text of JSON, unless it may hold something that becomes U+FFFD, or that character itself. Errs on
/// the side of damage: a backslash before an escape is not told from one that begins it.
pub(crate) fn undamaged(bytes: &[u8]) -> Option<&str> {
    let mut buffer = [0; 4];
    let replacement = REPLACEMENT.encode_utf8(&mut buffer).as_bytes();
    let text = std::str::from_utf8(bytes).ok()?;
    let is_damaged = memmem::find(bytes, replacement).is_some() || has_damaged_escape(bytes);
    (!is_damaged).then_some(text)
}

fn has_damaged_escape(bytes: &[u8]) -> bool {
    let mut second_half = None;
    memmem::find_iter(bytes, b"\\u").any(|at| match unit(&bytes[at..]) {
        _ if second_half == Some(at) => false,
        Some(0xd800..=0xdbff) if is_second_half(&bytes[at + ESCAPE..]) => {
            second_half = Some(at + ESCAPE);
            false
        }
        Some(0xd800..=0xdfff | 0xfffd) | None => true,
        Some(_) => false,
    })
}

/// The UTF-16 code unit of an escape, with which these bytes begin.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    // A sign is no digit.
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| is_number)
}

fn is_second_half(bytes: &[u8]) -> bool {
    matches!(unit(bytes), Some(0xdc00..=0xdfff))
}

/// JSON, with U+FFFD for what its texts cannot hold: bytes that are no UTF-8, halves of surrogate
/// pairs, control characters, escapes that do not exist.
#[derive(Default)]
struct Mending {
    mended: String,
    is_within_text: bool,
}

impl Mending {
    /// The mended text; none where it would be larger than a record may be.
    fn of(bytes: &[u8]) -> Option<String> {
        let mut mending = Self::default();
        for chunk in bytes.utf8_chunks() {
            mending.text(chunk.valid());
            if !chunk.invalid().is_empty() {
                mending.mended.push(REPLACEMENT);
            }
            if mending.mended.len() > MAX_RECORD {
                return None;
            }
        }
        Some(mending.mended)
    }

    fn text(&mut self, mut rest: &str) {
        let may_be_damaged = |c: char| matches!(c, '"' | '\\') || c.is_ascii_control();
        while let Some(at) = rest.find(may_be_damaged) {
            let (good, from) = rest.split_at(at);
            self.mended.push_str(good);
            let (length, is_good) = match from.as_bytes()[0] {
                b'"' => {
                    self.is_within_text = !self.is_within_text;
                    (1, true)
                }
                b'\\' if self.is_within_text => escape(from),
                _ => (1, !self.is_within_text),
            };
            let (this, behind) = from.split_at(length);
            if is_good {
                self.mended.push_str(this);
            } else {
                self.mended.push(REPLACEMENT);
            }
            rest = behind;
        }
        self.mended.push_str(rest);
    }
}

/// The length of the escape with which a text begins, and whether JSON has it.
fn escape(text: &str) -> (usize, bool) {
    let bytes = text.as_bytes();
    match (bytes.get(1), unit(bytes)) {
        (_, Some(0xd800..=0xdbff)) if is_second_half(&bytes[ESCAPE..]) => (2 * ESCAPE, true),
        (_, Some(0xd800..=0xdfff)) => (ESCAPE, false),
        (_, Some(_)) => (ESCAPE, true),
        (Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'), None) => (2, true),
        _ => (1, false),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_text_can_hold_becomes_a_replacement_character() {
        for (damaged, expected) in [
            (&br#"["a\ud800b"]"#[..], "a\u{fffd}b"),
            (br#"["a\udc00b"]"#, "a\u{fffd}b"),
            (br#"["\ud800\u0041"]"#, "\u{fffd}A"),
            (br#"["\ud83d\ude00\ud83d"]"#, "\u{1f600}\u{fffd}"),
            (br#"["\\ud800\x"]"#, "\\ud800\u{fffd}x"),
            (br#"["\u12"]"#, "\u{fffd}u12"),
            (br#"["\u+123"]"#, "\u{fffd}u+123"),
            (b"[\"a\xffb\"]", "a\u{fffd}b"),
            (b"[\"a\x00\tb\"]", "a\u{fffd}\u{fffd}b"),
            (b"[\n\t\"a\\\xff\"]", "a\u{fffd}\u{fffd}"),
        ] {
            let value = parse(damaged).unwrap();
            assert_eq!(value, json!([expected]), "{}", String::from_utf8_lossy(damaged));
            assert!(!damaged.contains(&0xff) || undamaged(damaged).is_none());
        }
        assert_eq!(parse(br#"{"k\ud800":1}"#).unwrap(), json!({"k\u{fffd}": 1}));
        assert!(parse(b"[1,\xff]").is_err());
        assert!(parse(br#"{"a":1e999}"#).is_err());
    }

    #[test]
    fn json_within_json_is_counted_before_it_is_read() {
        let mut left = 5;
        assert_eq!(
            within(r#" {"a":[0,0]} "#, &mut left).ok().flatten(),
            Some(json!({"a": [0, 0]}))
        );
        assert_eq!(left, 1);
        assert!(within("[0]", &mut left).is_err());
        assert_eq!(within("a text", &mut left).ok().flatten(), None);
        assert_eq!(within(r#""a"b"#, &mut left).ok().flatten(), None);
        assert_eq!(left, 1);
    }

    proptest! {
        #[test]
        fn whatever_is_damaged_is_suspected(text in r#"[\\uUdDfFcC8a"0-]{0,16}"#, byte in any::<u8>()) {
            let json = [b"[\"", text.as_bytes(), &[byte], b"\"]"].concat();
            if let Ok(value) = parse(&json) && value.to_string().contains(REPLACEMENT) {
                prop_assert!(serde_json::from_slice::<Value>(&json).is_err() || undamaged(&json).is_none());
            }
        }

        #[test]
        fn whole_json_is_read_as_it_is(text in "\\PC{0,12}") {
            let json = json!({ text.clone(): [text] });
            let written = json.to_string();
            prop_assert_eq!(Mending::of(written.as_bytes()), Some(written.clone()));
            prop_assert_eq!(parse(written.as_bytes()).unwrap(), json);
        }
    }
}
