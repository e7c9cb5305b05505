//! Paths into a finding's JSON, as guidance writes them:
//! `resource.instanceDetails.networkInterfaces[].vpcId`.

use serde_json::Value;

/// Every value that a path leads to, in the order of the JSON.
///
/// `[]` stands for each member of a list, `[type=pods]` for each member whose field says so; behind
/// the name of an object, the latter goes on only if the object itself says so. A path that leads
/// through something else than objects and lists leads nowhere.
pub fn all<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![value];
    for step in path.split('.') {
        let (name, choices) = step.split_at(step.find('[').unwrap_or(step.len()));
        found = found.into_iter().filter_map(|value| value.get(name)).collect();
        for choice in choices.split_inclusive(']') {
            let choice = choice.trim_start_matches('[').trim_end_matches(']');
            found = choose(found, choice);
        }
    }
    found.retain(|value| !value.is_null());
    found
}

/// The first value that a path leads to.
pub fn first<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    all(value, path).into_iter().next()
}

/// The path as the API's model spells it: every choice is `[]` behind a list, nothing behind an
/// object. `is_list` says which is which.
pub fn without_choices(path: &str, is_list: impl Fn(&str) -> bool) -> String {
    let mut plain = String::with_capacity(path.len());
    for (at, step) in path.split('.').enumerate() {
        let (name, choices) = step.split_at(step.find('[').unwrap_or(step.len()));
        plain.push_str(if at == 0 { "" } else { "." });
        plain.push_str(name);
        if !choices.is_empty() && is_list(&plain) {
            plain.push_str("[]");
        }
    }
    plain
}

fn choose<'v>(found: Vec<&'v Value>, choice: &str) -> Vec<&'v Value> {
    let Some((field, wanted)) = choice.split_once('=') else {
        return found.into_iter().filter_map(Value::as_array).flatten().collect();
    };
    let says_so = |value: &&Value| value.get(field).and_then(Value::as_str) == Some(wanted);
    let members = found.into_iter().flat_map(|value| match value {
        Value::Array(members) => members.iter().collect(),
        other => vec![other],
    });
    members.filter(says_so).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_are_walked_through_and_what_is_missing_is_skipped() {
        let finding = json!({"a": [{"b": 1}, {"c": 2}, {"b": null}, {"b": [3, 4]}], "d": "x"});
        assert_eq!(all(&finding, "a[].b"), [&json!(1), &json!([3, 4])]);
        assert_eq!(all(&finding, "d"), [&json!("x")]);
        assert_eq!(first(&finding, "a[].c"), Some(&json!(2)));
        for nowhere in ["d.e", "d[]", "a.b", "", "a[].b[].c"] {
            assert!(all(&finding, nowhere).is_empty(), "{nowhere}");
        }
    }

    #[test]
    fn members_are_chosen_by_what_a_field_says() {
        let finding = json!({
            "all": [{"kind": "A", "id": 1}, {"kind": "B", "id": 2}, {"kind": "A", "id": 3}, "A"],
            "one": {"kind": "A", "id": 4},
        });
        assert_eq!(all(&finding, "all[kind=A].id"), [&json!(1), &json!(3)]);
        assert_eq!(all(&finding, "one[kind=A].id"), [&json!(4)]);
        for nowhere in ["one[kind=B].id", "all[kind=C].id", "all[id=1].id", "all[kind=a].id"] {
            assert!(all(&finding, nowhere).is_empty(), "{nowhere}");
        }
    }

    #[test]
    fn without_choices_a_path_is_one_of_the_model() {
        let is_list = |path: &str| path == "a.list";
        assert_eq!(without_choices("a.list[kind=A].b", is_list), "a.list[].b");
        assert_eq!(without_choices("a.one[kind=A].b", is_list), "a.one.b");
        assert_eq!(without_choices("a.list[]", is_list), "a.list[]");
    }
}
