//! Paths into a finding's JSON, as guidance writes them:
//! `resource.instanceDetails.networkInterfaces[].vpcId`.

use serde_json::Value;

/// Every value that a path leads to, in the order of the JSON. `[]` stands for each member of a
/// list; a path that leads through something else than objects and lists leads nowhere.
pub fn all<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![value];
    for step in path.split('.') {
        let name = step.trim_end_matches("[]");
        found = found.into_iter().filter_map(|value| value.get(name)).collect();
        for _ in 0..(step.len() - name.len()) / 2 {
            found = found.into_iter().filter_map(Value::as_array).flatten().collect();
        }
    }
    found.retain(|value| !value.is_null());
    found
}

/// The first value that a path leads to.
pub fn first<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    all(value, path).into_iter().next()
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
}
