//! The word for the language of a fenced block. Everything that reads runbooks reads it in the same way.

/// The language that a fenced block names behind its fence, without what some renderers let follow
/// it: `bash` of `bash title="x"`, `bash:run.sh`, `bash{1,3}` and `{.bash #id}`. Empty where it names
/// none.
pub(crate) fn fence_language(info: &str) -> &str {
    let info = info.trim_start_matches([' ', '\t']);
    let info = info.strip_prefix("{.").or_else(|| info.strip_prefix('.')).unwrap_or(info);
    info.split([' ', '\t', ',', ';', ':', '=', '{', '}']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

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
