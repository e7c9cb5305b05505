//! Placeholders: the values of a finding, or of a step, that guidance leaves open.

use std::collections::BTreeMap;
use std::iter::successors;

use memchr::{memchr_iter, memmem};
use serde::Deserialize;

use super::GuidanceError;
use super::needs::{ArnPrefix, Needs, Owner};
use super::origin::Origin;
use super::value_type::ValueType;

/// A value that a command or a sentence leaves open. In the data files it is written
/// `{{ instance_id }}`, in a runbook it reads `<INSTANCE_ID>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// Its name: `instance_id`.
    pub name: String,
    /// What kind of value it stands for.
    pub value_type: ValueType,
    /// Where a finding has the value, the likeliest place first. Empty where no finding has it.
    pub from: Vec<Origin>,
    /// What the object has to be that gives the value.
    pub needs: Needs,
    /// What the value is, and where it comes from if the finding does not have it.
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    #[serde(rename = "type")]
    value_type: ValueType,
    from: Vec<Origin>,
    owner: Option<Owner>,
    arn: Option<ArnPrefix>,
    same_object_as: Option<String>,
    #[serde(default)]
    blocked: bool,
    what: String,
}

impl Placeholder {
    /// How it reads in a runbook: `<INSTANCE_ID>`.
    pub fn shown(&self) -> String {
        format!("<{}>", self.name.to_ascii_uppercase())
    }
}

/// Reads the declarations of a file. What a placeholder needs has to be said of each that a finding
/// can fill.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Placeholder>, GuidanceError> {
    let declared: BTreeMap<String, Declaration> =
        toml::from_str(text).map_err(|error| GuidanceError::toml(file, text, 1, &error))?;
    if let Some(reason) = declared.iter().find_map(|(name, one)| one.fault(name, &declared)) {
        return Err(GuidanceError::new(file, 1, reason));
    }
    Ok(declared.into_iter().map(|(name, declaration)| declaration.named(name)).collect())
}

impl Declaration {
    /// What is wrong with it, if anything is.
    fn fault(&self, name: &str, all: &BTreeMap<String, Self>) -> Option<String> {
        if !is_name(name) {
            return Some(format!("{name:?} is no name: lower case letters, digits and `_`"));
        }
        if self.owner.is_some() == self.from.is_empty() {
            return Some(format!(
                "{name}: `owner` stands with places in `from`, and only with them"
            ));
        }
        // Each names one before it, so that none ends up waiting for itself.
        let next = |name: &String| all.get(name).and_then(|one| one.same_object_as.clone());
        let others: Vec<String> =
            successors(self.same_object_as.clone(), next).take(all.len() + 1).collect();
        if let Some(other) = others.iter().find(|other| !all.contains_key(*other)) {
            return Some(format!("{name}: there is no placeholder {other:?}"));
        }
        (others.len() > all.len()).then(|| format!("{name}: `same_object_as` goes in a circle"))
    }

    fn named(self, name: String) -> Placeholder {
        let Self { value_type, from, owner, arn, same_object_as, blocked, what } = self;
        let needs = Needs { owner, arn, same_object_as, is_blocked: blocked };
        Placeholder { name, value_type, from, needs, what }
    }
}

/// A text of a data file as runbooks have it: `{{ instance_id }}` becomes `<INSTANCE_ID>`. Lines
/// stay where they are.
pub(super) fn show(file: &str, text: &str) -> Result<String, GuidanceError> {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    let marks = memmem::Finder::new("{{");
    while let Some(at) = marks.find(rest.as_bytes()) {
        shown.push_str(&rest[..at]);
        let name = rest[at..].strip_prefix("{{ ").and_then(|name| name.split_once(" }}"));
        let Some((name, after)) = name.filter(|(name, _)| is_name(name)) else {
            let line = text[..text.len() - rest.len() + at].matches('\n').count() + 1;
            let reason = "`{{` begins a placeholder, which is written `{{ instance_id }}`";
            return Err(GuidanceError::new(file, line, reason));
        };
        shown.push('<');
        shown.extend(name.chars().map(|c| c.to_ascii_uppercase()));
        shown.push('>');
        rest = after;
    }
    shown.push_str(rest);
    Ok(shown)
}

/// The names of the placeholders in a text of a runbook, in their order, as often as they occur.
pub fn names_in(text: &str) -> impl Iterator<Item = String> {
    shown_in(text).map(str::to_ascii_lowercase)
}

/// The same names in capitals, as the text has them.
pub(super) fn shown_in(text: &str) -> impl Iterator<Item = &str> {
    memchr_iter(b'<', text.as_bytes()).filter_map(|at| at_start(&text[at..]))
}

/// The name of the placeholder that a text begins with, in capitals.
pub(crate) fn at_start(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('<')?;
    let is_of_name = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    let (name, after) = rest.split_at(rest.bytes().take_while(is_of_name).count());
    let is_upper = name.starts_with(|c: char| c.is_ascii_uppercase());
    (is_upper && after.starts_with('>')).then_some(name)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_shown_in_capitals_and_found_again() {
        let shown =
            show("f", "aws x --id '{{ instance_id }}' \\\n  --to '{{ vpc_id }}/{{ a1 }}'").unwrap();
        assert_eq!(shown, "aws x --id '<INSTANCE_ID>' \\\n  --to '<VPC_ID>/<A1>'");
        assert_eq!(names_in(&shown).collect::<Vec<_>>(), ["instance_id", "vpc_id", "a1"]);
        assert_eq!(names_in("a < b, <em>, x <Y").count(), 0);
    }

    #[test]
    fn a_placeholder_is_capitals_digits_and_underscores() {
        assert_eq!(at_start("<VPC_ID2>x"), Some("VPC_ID2"));
        for text in ["<vpc>", "<>", "<1A>", "<_A>", "<A", "<A b>", "A>", " <A>", "<Ä>"] {
            assert_eq!(at_start(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_placeholder_is_refused_with_its_line() {
        for text in ["a\n{{instance_id}}", "\n{{ Instance }}", "\n{{ x", "\n{{ .Image }}"] {
            let error = show("kinds/x.md", text).unwrap_err().to_string();
            assert!(error.starts_with("guidance/kinds/x.md:2: `{{` begins"), "{error}");
        }
    }

    #[test]
    fn declarations_are_strict() {
        let read = |text| read("placeholders.toml", text);
        let one = "[a]\ntype = \"vpc-id\"\nowner = \"this-region\"\nfrom = [\"x.y\"]\nwhat = \"w\"";
        let one = &read(one).unwrap()[0];
        assert_eq!((one.shown().as_str(), one.value_type), ("<A>", ValueType::VpcId));
        let error = read("[a]\ntype = \"vpc-id\"\nfrom = []\nwhat = \"w\"\n\n[b]\ntype = \"vpn\"");
        let error = error.unwrap_err().to_string();
        assert!(
            error.starts_with("guidance/placeholders.toml:7: unknown variant `vpn`"),
            "{error}"
        );
        let error = read("[a]\ntype = \"vpc-id\"\nfrom = [\n\"x | y\"]\nwhat = \"w\"");
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with("guidance/placeholders.toml:3: \"y\" is no part"), "{error}");
        let error =
            read("[A]\ntype = \"vpc-id\"\nfrom = []\nwhat = \"w\"").unwrap_err().to_string();
        assert!(error.contains("\"A\" is no name"), "{error}");
        let error = read("[a]\ntype = \"vpc-id\"\nfrom = [\"x\"]\nwhat = \"w\"").unwrap_err();
        assert!(error.to_string().contains("a: `owner` stands with"), "{error}");
        let error = read("[a]\ntype = \"vpc-id\"\nfrom = []\nsame_object_as = \"b\"\nwhat = \"w\"")
            .unwrap_err();
        assert!(error.to_string().contains("no placeholder \"b\""), "{error}");
        let circle = |one, other| {
            format!(
                "[{one}]\ntype = \"vpc-id\"\nfrom = []\nsame_object_as = \"{other}\"\nwhat = \"w\"\n"
            )
        };
        let error = super::read("f", &(circle("a", "b") + &circle("b", "a"))).unwrap_err();
        assert!(error.to_string().contains("a: `same_object_as` goes in a circle"), "{error}");
    }
}
