//! What a runbook's text says it is about: finding type, severity, status.

use super::front_matter::{front_matter, value, without_front_matter};
use crate::finding_type::FindingType;

/// The finding type that a runbook says it is for: by its front matter, else by its title.
pub(crate) fn finding_type(text: &str) -> Option<FindingType> {
    if let Some(named) = value(text, "finding_type") {
        return named.parse().ok();
    }
    let body = without_front_matter(text);
    let title = body.lines().map(str::trim).find(|line| !line.is_empty())?;
    match title.strip_prefix("# ") {
        Some(title) => title.parse().ok(),
        None => setext_title(body),
    }
}

/// The finding type that a setext title names, as the Python tool writes it: the name in the first
/// line that is not blank, a line of `-` or `=` below.
pub(crate) fn setext_title(text: &str) -> Option<FindingType> {
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
    let title = lines.next()?;
    let underline = lines.next()?.trim_end();
    let is_underline = |mark: char| underline.len() >= 3 && underline.chars().all(|c| c == mark);
    (is_underline('-') || is_underline('=')).then(|| unescape(title).parse().ok())?
}

/// The severity that a runbook names: in its front matter, else as AWS's `Default severity`.
pub(crate) fn severity(text: &str) -> Option<&str> {
    value(text, "severity").or_else(|| {
        let line = text.lines().find(|line| line.contains("Default severity:"))?;
        let (_, value) = line.split_once("Default severity:")?;
        Some(value.trim().trim_matches('*').trim()).filter(|value| !value.is_empty())
    })
}

/// The text with `status: retired` in its front matter; none where no status is there to change.
pub(crate) fn with_status_retired(text: &str) -> Option<String> {
    let matter = front_matter(text)?;
    let is_status = |line: &&str| line.starts_with("status:");
    let line = matter.lines().find(is_status)?;
    if value(text, "status") != Some("active") {
        return None;
    }
    let changed = matter.replacen(line, &line.replacen("active", "retired", 1), 1);
    Some(text.replacen(matter, &changed, 1))
}

/// Markdown's backslash escapes, which a title may hold in front of `_`, `!` and the like.
fn unescape(title: &str) -> String {
    title.replace('\\', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_read_from_front_matter_or_title() {
        let read = |text| finding_type(text).map(|t| t.as_str().to_owned());
        let expected = Some("Backdoor:EC2/XORDDOS".to_owned());
        assert_eq!(
            read("---\ntitle: x\nfinding_type: Backdoor:EC2/XORDDOS\n---\n\n# other\n"),
            expected
        );
        assert_eq!(read("---\nfinding_type: \"Backdoor:EC2/XORDDOS\"\n---\n"), expected);
        assert_eq!(read("---\ntitle: x\n---\n\n# Backdoor:EC2/XORDDOS\n"), expected);
        assert_eq!(read("# Backdoor:EC2/XORDDOS\n"), expected);
        assert_eq!(read("\nBackdoor:EC2/XORDDOS \n-----\n\ntext\n"), expected);
        assert_eq!(read("Backdoor:EC2/XORDDOS\n\ntext\n"), None);
        assert_eq!(read("# How we work\n"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn the_severity_is_read_from_both_templates() {
        assert_eq!(severity("---\nseverity: \"High\"\n---\n"), Some("High"));
        assert_eq!(severity("x\n\n**Default severity: Low***\n"), Some("Low"));
        assert_eq!(severity("* Default severity: Critical\n"), Some("Critical"));
        assert_eq!(severity("nothing\n"), None);
    }

    #[test]
    fn only_the_status_changes() {
        let text = "---\ntitle: x\nstatus: active\n---\n\nstatus: active\n";
        let retired = with_status_retired(text).unwrap();
        assert_eq!(retired, "---\ntitle: x\nstatus: retired\n---\n\nstatus: active\n");
        assert_eq!(with_status_retired(&retired), None);
        let quoted = "---\nstatus: \"active\"\n---\n";
        assert_eq!(with_status_retired(quoted).unwrap(), "---\nstatus: \"retired\"\n---\n");
        assert_eq!(with_status_retired("status: active\n"), None);
    }
}
