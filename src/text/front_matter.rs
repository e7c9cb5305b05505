//! The YAML at the top of a runbook. Everything that reads runbooks reads it in the same way.

/// The YAML between two lines of `---` at the beginning of a text, without these lines. White space
/// behind the marks counts for nothing.
pub(crate) fn front_matter(text: &str) -> Option<&str> {
    split(text).map(|(yaml, _)| yaml)
}

/// The text below the front matter.
pub(crate) fn without_front_matter(text: &str) -> &str {
    &text[front_matter_length(text)..]
}

/// The length of the front matter, with its marks; 0 where there is none.
pub(crate) fn front_matter_length(text: &str) -> usize {
    split(text).map_or(0, |(_, length)| length)
}

/// The value of a top-level key of the front matter, without quotes.
pub(crate) fn value<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let line = front_matter(text)?.lines().find_map(|line| {
        line.strip_prefix(key)?
            .strip_prefix(':')
            .filter(|rest| rest.is_empty() || rest.starts_with(' '))
    })?;
    let value = line.trim();
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|&quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)));
    Some(unquoted.unwrap_or(value))
}

fn split(text: &str) -> Option<(&str, usize)> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().filter(|line| is_mark(line) && line.ends_with('\n'))?;
    let mut end = first.len();
    for line in lines {
        if is_mark(line) {
            return Some((&text[first.len()..end], end + line.len()));
        }
        end += line.len();
    }
    None
}

fn is_mark(line: &str) -> bool {
    line.trim_end() == "---"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_ends_at_the_first_mark() {
        for (text, yaml, rest) in [
            ("---\na: 1\n---\n\n# T\n", Some("a: 1\n"), "\n# T\n"),
            ("---\r\na: 1\r\n--- \r\nx", Some("a: 1\r\n"), "x"),
            ("---\n---\nx\n\n---\ny\n", Some(""), "x\n\n---\ny\n"),
            ("---\na: 1\n---", Some("a: 1\n"), ""),
            ("---\na: 1\n", None, "---\na: 1\n"),
            ("---", None, "---"),
            ("# T\n---\na\n---\n", None, "# T\n---\na\n---\n"),
            ("", None, ""),
        ] {
            assert_eq!((front_matter(text), without_front_matter(text)), (yaml, rest), "{text:?}");
        }
    }

    #[test]
    fn a_key_is_not_taken_for_another_that_begins_like_it() {
        let text = "---\nstatus_note: x\nstatus: active\nempty:\n---\n";
        assert_eq!(value(text, "status"), Some("active"));
        assert_eq!(value(text, "empty"), Some(""));
        assert_eq!(value(text, "none"), None);
        assert_eq!(value("status: active\n", "status"), None);
    }
}
