//! The flattened fields of a finding in Security Hub: `aws/guardduty/service/action/…` as keys,
//! `.0_` behind a name for a member of a list, texts as values.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

const PREFIX: &str = "aws/guardduty/";

/// Deeper than any path of the model.
const MAX_STEPS: usize = 24;

/// A tree whose lists are not whole yet.
enum Tree {
    Leaf(Value),
    Branches(BTreeMap<Step, Tree>),
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Name(String),
    Member(usize),
}

/// The fields that GuardDuty gave to Security Hub, as a tree: `{"service": {…}}`.
pub(super) fn unflatten(fields: &Map<String, Value>) -> Value {
    let mut root = Tree::Branches(BTreeMap::new());
    for (key, value) in fields {
        if let Some(steps) = key.strip_prefix(PREFIX).and_then(steps) {
            root.insert(steps, value.clone());
        }
    }
    root.into_value()
}

/// The steps of a path; none where it is longer than any real one.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (step, behind) = match rest.split_once('/') {
            // The names below are those of resources.
            Some(("affectedResources", resource)) => {
                steps.push(Step::Name("affectedResources".to_owned()));
                (resource, "")
            }
            Some(split) => split,
            None => (rest, ""),
        };
        push(step, &mut steps);
        rest = behind;
        if steps.len() > MAX_STEPS {
            return None;
        }
    }
    (!steps.is_empty()).then_some(steps)
}

/// One step, with the members of lists that it names: `portProbeDetails.0_`.
fn push(step: &str, steps: &mut Vec<Step>) {
    let mut members = Vec::new();
    let mut name = step;
    while members.len() <= MAX_STEPS
        && let Some((before, number)) =
            name.strip_suffix('_').and_then(|name| name.rsplit_once('.'))
        && let Ok(number) = number.parse()
    {
        members.push(Step::Member(number));
        name = before;
    }
    steps.push(Step::Name(name.to_owned()));
    steps.extend(members.into_iter().rev());
}

impl Tree {
    fn insert(&mut self, steps: Vec<Step>, value: Value) {
        let mut tree = self;
        for step in steps {
            // A path that goes on behind a value takes its place: `affectedResources` is an empty
            // text where there are none.
            if !matches!(tree, Self::Branches(_)) {
                *tree = Self::Branches(BTreeMap::new());
            }
            let Self::Branches(branches) = tree else { return };
            tree = branches.entry(step).or_insert_with(|| Self::Branches(BTreeMap::new()));
        }
        let is_free = matches!(tree, Self::Branches(branches) if branches.is_empty());
        if is_free {
            *tree = Self::Leaf(value);
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Leaf(value) => value,
            Self::Branches(branches) => {
                let is_list = branches.keys().any(|step| matches!(step, Step::Member(_)));
                if is_list {
                    return branches.into_values().map(Self::into_value).collect();
                }
                let fields = branches.into_iter().filter_map(|(step, tree)| match step {
                    Step::Name(name) => Some((name, tree.into_value())),
                    Step::Member(_) => None,
                });
                Value::Object(fields.collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn unflattened(fields: Value) -> Value {
        let Value::Object(fields) = fields else { panic!("an object") };
        unflatten(&fields)
    }

    #[test]
    fn paths_become_objects_and_lists() {
        let fields = json!({
            "aws/guardduty/service/count": "3",
            "aws/guardduty/service/ports.10_": "c", "aws/guardduty/service/ports.2_": "b",
            "aws/guardduty/service/ports.0_": "a",
            "aws/guardduty/service/probes.0_/local/port": "22",
            "aws/guardduty/service/probes.1_/local/port": "23",
            "aws/guardduty/service/affectedResources/AWS::S3::Bucket": "arn:aws:s3:::a/b",
            "aws/guardduty/service/affectedResources": "",
            "aws/securityhub/CompanyName": "Amazon",
        });
        let tree = json!({"service": {
            "count": "3", "ports": ["a", "b", "c"],
            "probes": [{"local": {"port": "22"}}, {"local": {"port": "23"}}],
            "affectedResources": {"AWS::S3::Bucket": "arn:aws:s3:::a/b"},
        }});
        assert_eq!(unflattened(fields), tree);
    }

    #[test]
    fn hostile_paths_cost_nothing() {
        let deep = format!("aws/guardduty/{}", "a/".repeat(100_000));
        let indices = format!("aws/guardduty/a{}", ".0_".repeat(100_000));
        let fields = json!({deep: "x", indices: "x", "aws/guardduty/a.99999999999_": "y",
            "aws/guardduty/a.99999999999999999999999_": "z", "aws/guardduty/": "w"});
        let tree = unflattened(fields).to_string();
        assert!(tree.len() < 200 + 300_000, "{}", tree.len());
    }
}
