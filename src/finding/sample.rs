//! Whether AWS made a finding up, to show what such a finding looks like.
//!
//! `CreateSampleFindings` marks what it makes twice: in `service.additionalInfo`, where the mark may
//! stand within JSON in a text, and at the beginning of the title.

use serde::Deserialize;
use serde_json::Value;

use super::path;

/// How titles of sample findings begin.
const TITLE: &str = "[SAMPLE]";

/// What says that a finding is a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SampleMark {
    AdditionalInfo,
    Title,
}

impl SampleMark {
    /// The mark of a finding, unless it is real.
    pub(crate) fn of(finding: &Value) -> Option<Self> {
        let title = path::first(finding, "title").and_then(Value::as_str);
        let info = path::first(finding, "service.additionalInfo");
        let field = |name| info.and_then(|info| info.get(name));
        Self::from(title, field("sample"), field("value").and_then(Value::as_str))
    }

    /// The mark by title and by the fields `sample` and `value` of `service.additionalInfo`.
    pub(crate) fn from(
        title: Option<&str>,
        sample: Option<&Value>,
        value: Option<&str>,
    ) -> Option<Self> {
        let is_marked = sample.is_some_and(is_set) || value.is_some_and(is_marked_within);
        let is_titled = title.is_some_and(|title| title.trim_start().starts_with(TITLE));
        if is_marked { Some(Self::AdditionalInfo) } else { is_titled.then_some(Self::Title) }
    }
}

/// Whether a mark says yes: `true`, or that as a text, which Security Hub makes of it.
pub(super) fn is_set(mark: &Value) -> bool {
    mark.as_bool().unwrap_or_else(|| {
        mark.as_str().is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    })
}

fn is_marked_within(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Inner {
        sample: Value,
    }
    let inner = || serde_json::from_str(text.contains("sample").then_some(text)?).ok();
    inner().is_some_and(|Inner { sample }| is_set(&sample))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mark_may_be_a_text_stand_within_json_or_in_the_title() {
        use SampleMark::{AdditionalInfo, Title};
        for (title, info, expected) in [
            ("T", json!({"sample": true}), Some(AdditionalInfo)),
            ("T", json!({"sample": "True"}), Some(AdditionalInfo)),
            ("T", json!({"value": r#"{"sample":"true"}"#}), Some(AdditionalInfo)),
            (" [SAMPLE] T", json!({"sample": false}), Some(Title)),
            ("[SAMPLE] T", json!("sample"), Some(Title)),
            ("T", json!({"sample": false, "value": r#"{"sample":true}"#}), Some(AdditionalInfo)),
            ("T", json!({"sample": "false", "value": r#"{"sample":"no"}"#}), None),
            ("T", json!({"sample": 1, "value": "sample"}), None),
            ("A [SAMPLE]", json!({}), None),
        ] {
            let finding = json!({"title": title, "service": {"additionalInfo": info}});
            assert_eq!(SampleMark::of(&finding), expected, "{finding}");
        }
    }
}
