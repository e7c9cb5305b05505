//! What a runbook's file has beside Markdown: front matter at its top, and a word for the language
//! of each fenced block. Everything that reads runbooks reads these two in the same way.

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

/// The language that a fenced block names behind its fence, without what some renderers let follow
/// it: `bash` of `bash title="x"`, `bash:run.sh`, `bash{1,3}` and `{.bash #id}`. Empty where it names
/// none.
pub(crate) fn fence_language(info: &str) -> &str {
    let info = info.trim_start_matches([' ', '\t']);
    let info = info.strip_prefix("{.").or_else(|| info.strip_prefix('.')).unwrap_or(info);
    info.split([' ', '\t', ',', ';', ':', '=', '{', '}']).next().unwrap_or_default()
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
    fn a_language_is_one_word() {
        for (info, language) in [
            ("bash", "bash"),
            ("sql title", "sql"),
            ("sh,ignore", "sh"),
            ("mermaid{x}", "mermaid"),
            ("", ""),
            ("a\tb", "a"),
            ("bash:run.sh", "bash"),
            ("bash=1", "bash"),
            ("{.bash #id}", "bash"),
            ("{ .bash }", ""),
            ("{#id}", ""),
            ("c++", "c++"),
        ] {
            assert_eq!(fence_language(info), language, "{info}");
        }
    }
}
