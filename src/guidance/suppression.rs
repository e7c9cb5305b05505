//! Rules that suppress findings, and searches for findings: both go by criteria.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::common::Common;
use super::finding_type_guidance::TypeSuppression;
use super::kind::Criterion;
use super::step::Step;
use crate::finding_type::FindingType;

/// Whether findings of a type may be suppressed, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// What to bear in mind before, as Markdown.
    pub caution: Option<String>,
    /// Why they may not be, as Markdown.
    pub never: Option<String>,
    /// When a rule is right, as Markdown.
    pub when: Option<String>,
    /// How the rule is made.
    pub rule: Option<Step>,
}

impl Suppression {
    /// What a type's own guidance and its family's words of caution come to. A type without
    /// guidance of its own has no rule: the type alone is never enough.
    pub(super) fn new(
        finding_type: &FindingType,
        own: Option<&TypeSuppression>,
        caution: Option<&str>,
        common: &Common,
    ) -> Self {
        let caution = caution.map(str::to_owned);
        match own {
            Some(TypeSuppression::Rule { criterion, when }) => {
                let criteria = criteria(Some(finding_type), Some(criterion));
                let rule = common.suppression.with("<FINDING_CRITERIA>", &criteria);
                Self { caution, never: None, when: Some(sentence(when)), rule: Some(rule) }
            }
            Some(TypeSuppression::Never(reason)) => {
                Self { caution, never: Some(sentence(reason)), when: None, rule: None }
            }
            None => {
                let reason =
                    "Nothing is known that tells harmless findings of this type from others.";
                Self { caution, never: Some(reason.to_owned()), when: None, rule: None }
            }
        }
    }
}

/// The value of `--finding-criteria`: findings of the account, of a type, that meet a criterion.
pub(super) fn criteria(finding_type: Option<&FindingType>, also: Option<&Criterion>) -> String {
    let mut criterion = Map::new();
    let mut equals = |name: &str, value: &str| {
        criterion.insert(name.to_owned(), json!({ "Equals": [value] }));
    };
    if let Some(finding_type) = finding_type {
        equals("type", finding_type.as_str());
    }
    equals("accountId", "<ACCOUNT_ID>");
    if let Some(Criterion { criterion, placeholder }) = also {
        equals(criterion, &format!("<{}>", placeholder.to_ascii_uppercase()));
    }
    json!({ "Criterion": Value::Object(criterion) }).to_string()
}

/// A text of the data files as a sentence.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_name_type_account_and_value() {
        let finding_type: FindingType = "Recon:EC2/Portscan".parse().unwrap();
        let criterion = Criterion { criterion: "a.b".into(), placeholder: "vpc_id".into() };
        assert_eq!(
            criteria(Some(&finding_type), Some(&criterion)),
            r#"{"Criterion":{"type":{"Equals":["Recon:EC2/Portscan"]},"accountId":{"Equals":["<ACCOUNT_ID>"]},"a.b":{"Equals":["<VPC_ID>"]}}}"#
        );
        assert_eq!(sentence("you run\u{e4}"), "You run\u{e4}.");
        assert_eq!(sentence("Done!"), "Done!");
    }
}
