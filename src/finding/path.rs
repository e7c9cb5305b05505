//! Paths into a finding's JSON, as guidance writes them:
//! `resource.instanceDetails.networkInterfaces[].vpcId`.

use serde_json::Value;

/// A value, and the place in the finding where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Located<'v> {
    /// The value.
    pub value: &'v Value,
    /// The path to it, with the number of each member of a list: `resource.s3BucketDetails[0].name`.
    pub at: String,
    /// Whether each object on the way says what the path chooses it by. Members of a list that do not
    /// are other objects, and are not here.
    pub is_chosen: bool,
}

/// Every value that a path leads to, in the order of the JSON.
///
/// `[]` stands for each member of a list, `[type=pods]` for each member whose field says so; behind
/// the name of an object, the latter goes on only if the object itself says so. A path that leads
/// through something else than objects and lists leads nowhere.
pub fn all<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let found = walk(value, path, ()).into_iter();
    found.filter(|one| one.is_chosen).map(|one| one.value).collect()
}

/// The first value that a path leads to.
pub fn first<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    all(value, path).into_iter().next()
}

/// Every value that a path leads to, with its place; also through an object that says something else
/// than the path chooses it by.
pub fn located<'v>(value: &'v Value, path: &str) -> Vec<Located<'v>> {
    let found = walk(value, path, String::new()).into_iter();
    found.map(|Found { value, at, is_chosen }| Located { value, at, is_chosen }).collect()
}

/// A value on the way, and what was noted of the way.
struct Found<'v, P> {
    value: &'v Value,
    at: P,
    is_chosen: bool,
}

fn walk<'v, P: Trace>(value: &'v Value, path: &str, at: P) -> Vec<Found<'v, P>> {
    let mut found = vec![Found { value, at, is_chosen: true }];
    for step in path.split('.') {
        let (name, choices) = step.split_at(step.find('[').unwrap_or(step.len()));
        found = found.into_iter().filter_map(|one| one.field(name)).collect();
        for choice in choices.split_inclusive(']') {
            let choice = choice.trim_start_matches('[').trim_end_matches(']');
            found = found.into_iter().flat_map(|one| one.members(choice)).collect();
        }
    }
    found.retain(|one| !one.value.is_null());
    found
}

/// What is noted on the way to a value.
trait Trace {
    fn field(&self, name: &str) -> Self;
    fn member(&self, number: usize) -> Self;
}

/// Nothing, where only the values count.
impl Trace for () {
    fn field(&self, _name: &str) {}
    fn member(&self, _number: usize) {}
}

/// The place.
impl Trace for String {
    fn field(&self, name: &str) -> Self {
        if self.is_empty() { name.to_owned() } else { format!("{self}.{name}") }
    }

    fn member(&self, number: usize) -> Self {
        format!("{self}[{number}]")
    }
}

/// The value at a place that [`located`] gave.
pub fn at<'v>(value: &'v Value, place: &str) -> Option<&'v Value> {
    place.split('.').try_fold(value, |value, step| {
        let mut parts = step.split('[');
        let field = value.get(parts.next().unwrap_or_default())?;
        parts.try_fold(field, |list, number| {
            list.get(number.trim_end_matches(']').parse::<usize>().ok()?)
        })
    })
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

impl<P: Trace> Found<'_, P> {
    fn field(self, name: &str) -> Option<Self> {
        let value = self.value.get(name)?;
        Some(Self { value, at: self.at.field(name), is_chosen: self.is_chosen })
    }

    /// The members of a list that a choice means, or the object itself.
    fn members(self, choice: &str) -> Vec<Self> {
        let condition = choice.split_once('=');
        let Self { value, at, is_chosen } = self;
        let says_so = |value: &Value| {
            condition.is_none_or(|(field, wanted)| {
                value.get(field).and_then(Value::as_str) == Some(wanted)
            })
        };
        match value {
            Value::Array(members) => {
                let members = members.iter().enumerate().filter(|(_, value)| says_so(value));
                let member = |(number, value)| Self { value, at: at.member(number), is_chosen };
                members.map(member).collect()
            }
            _ if condition.is_none() => Vec::new(),
            value => vec![Self { value, at, is_chosen: is_chosen && says_so(value) }],
        }
    }
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
    fn places_have_numbers_and_an_object_of_another_kind_is_marked() {
        let finding = json!({
            "all": [{"kind": "B", "id": 1}, {"kind": "A", "id": 2}],
            "one": {"kind": "A", "id": 3},
        });
        let places = |path| -> Vec<(String, bool)> {
            located(&finding, path).into_iter().map(|one| (one.at, one.is_chosen)).collect()
        };
        assert_eq!(places("all[kind=A].id"), [("all[1].id".to_owned(), true)]);
        assert_eq!(places("all[].id").len(), 2);
        assert_eq!(places("one[kind=A].id"), [("one.id".to_owned(), true)]);
        assert_eq!(places("one[kind=B].id"), [("one.id".to_owned(), false)]);
        assert_eq!(places("one[].id"), []);
        assert_eq!(at(&finding, "all[1].id"), Some(&json!(2)));
        assert_eq!(at(&finding, "one.id"), Some(&json!(3)));
        assert!(
            ["all[2].id", "all[x].id", "one[0]", "none"]
                .iter()
                .all(|place| at(&finding, place).is_none())
        );
    }

    #[test]
    fn without_choices_a_path_is_one_of_the_model() {
        let is_list = |path: &str| path == "a.list";
        assert_eq!(without_choices("a.list[kind=A].b", is_list), "a.list[].b");
        assert_eq!(without_choices("a.one[kind=A].b", is_list), "a.one.b");
        assert_eq!(without_choices("a.list[]", is_list), "a.list[]");
    }
}
