//! Filling in: a runbook with the values of one finding.
//!
//! A placeholder (`<INSTANCE_ID>`) in code is replaced by the finding's own value where that value
//! keeps to the strict grammar of its type ([`ValueType`](crate::guidance::ValueType)): it has no
//! character with a meaning to a shell, to SQL or to JSON, so that it is harmless however a person
//! quoted the placeholder. A bare one gets quotes all the same. Whatever has no such value stays a
//! placeholder, quoted in shell code, where `<` and `>` would open files.

mod blocking;
mod data;
mod place;
pub(crate) mod region;
mod shell;
pub mod values;

use std::collections::BTreeMap;
use std::ops::Range;

use self::place::{Place, Quoting};
use self::region::{Language, Region, regions};
use self::values::{Open, Value, Values};
use crate::markdown_file::front_matter_length;
use crate::workspace::sections::sections;

/// A runbook with a finding's values in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The runbook.
    pub text: String,
    /// The values that were filled in, by the name of their placeholder.
    pub used: BTreeMap<String, Value>,
    /// The placeholders that stayed, by name, with the reason.
    pub open: BTreeMap<String, Open>,
}

/// Fills values into the code of a runbook, whoever wrote it. Running text, front matter and
/// diagrams stay as they are.
pub fn fill(runbook: &str, values: &Values) -> Filled {
    let mut filled = Filled { text: String::new(), used: BTreeMap::new(), open: BTreeMap::new() };
    let mut done = 0;
    let legend = legend(runbook);
    let is_code =
        |region: &Region| region.pieces.iter().all(|piece| !legend.contains(&piece.start));
    for region in regions(runbook).into_iter().filter(is_code) {
        for (range, replacement) in edits(runbook, &region, values, &mut filled) {
            filled.text.push_str(&runbook[done..range.start]);
            filled.text.push_str(&replacement);
            done = range.end;
        }
    }
    filled.text.push_str(&runbook[done..]);
    filled
}

/// Where the section is that explains the placeholders, which keep their names there.
fn legend(runbook: &str) -> Range<usize> {
    let below = front_matter_length(runbook);
    let legend = sections(runbook).into_iter().find(|section| section.title == "Placeholders");
    legend.map_or(0..0, |section| section.place.start + below..section.place.end + below)
}

/// The replacements in one region, in their order. What is used and what stays open is noted.
fn edits(
    runbook: &str,
    region: &Region,
    values: &Values,
    filled: &mut Filled,
) -> Vec<(Range<usize>, String)> {
    let mut edits = Vec::new();
    let code: String = region.pieces.iter().map(|piece| &runbook[piece.clone()]).collect();
    for place in places(region.language, &code) {
        let shown = &code[place.range.clone()];
        let name = shown[1..shown.len() - 1].to_ascii_lowercase();
        let value = match values.get(&name) {
            Ok(value) if place.in_shorthand && value.text.contains([',', '=']) => {
                Err(Open::MeansSomething)
            }
            found => found,
        };
        let replacement = match &value {
            Ok(value) => written(&value.text, value.is_number, region.language, place.quoting),
            Err(_) => written(shown, true, region.language, place.quoting),
        };
        match value {
            Ok(value) => drop(filled.used.entry(name).or_insert_with(|| value.clone())),
            Err(reason) => drop(filled.open.insert(name, reason)),
        }
        if replacement != shown {
            edits.push((in_source(region, &place.range), replacement));
        }
    }
    edits
}

fn places(language: Language, code: &str) -> Vec<Place> {
    match language {
        Language::Shell => shell::places(code),
        Language::Sql => data::sql_places(code),
        Language::Json => data::json_places(code),
        Language::Text => data::text_places(code),
        Language::Diagram => Vec::new(),
    }
}

/// What takes the place of a placeholder. What `stands_alone` needs no quotes in SQL and JSON.
fn written(text: &str, stands_alone: bool, language: Language, quoting: Quoting) -> String {
    match (language, quoting) {
        (Language::Shell, Quoting::Bare) => format!("'{text}'"),
        (Language::Sql, Quoting::Bare) if !stands_alone => format!("'{text}'"),
        (Language::Json, Quoting::Bare) if !stands_alone => format!("\"{text}\""),
        _ => text.to_owned(),
    }
}

/// The bytes of the Markdown text behind bytes of the code, which lie in one piece: a placeholder
/// has no line ends.
fn in_source(region: &Region, range: &Range<usize>) -> Range<usize> {
    let mut before = 0;
    for piece in &region.pieces {
        if range.start < before + piece.len() {
            let start = piece.start + range.start - before;
            return start..start + range.len();
        }
        before += piece.len();
    }
    unreachable!("the code was put together of these pieces")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guidance::library;

    fn filled(runbook: &str) -> (String, Vec<(String, Open)>) {
        let given = [
            ("instance_id", "i-0123456789abcdef0"),
            ("remote_port", "4444"),
            ("object_key", "a,b=c"),
            ("region", "'; rm -rf /"),
        ];
        let Filled { text, open, .. } = fill(runbook, &Values::given(given, library()));
        (text, open.into_iter().collect())
    }

    #[test]
    fn the_section_that_explains_the_placeholders_keeps_their_names() {
        let legend = "## Placeholders\n\n| `<INSTANCE_ID>` | `<REGION>` |\n| --- | --- |\n";
        let runbook = format!(
            "---\na: b\n---\n\n# T\n\n`<INSTANCE_ID>`\n\n{legend}\n## More\n\n`<INSTANCE_ID>`\n"
        );
        let (text, open) = filled(&runbook);
        assert!(text.contains(legend), "{text}");
        assert_eq!(text.matches("`i-0123456789abcdef0`").count(), 2, "{text}");
        assert_eq!(open, []);
    }

    #[test]
    fn values_take_the_place_of_placeholders_with_the_quotes_that_they_need() {
        for (runbook, expected) in [
            ("`<INSTANCE_ID>`", "`i-0123456789abcdef0`"),
            (
                "```sh\nx <INSTANCE_ID> '<INSTANCE_ID>'\n```",
                "```sh\nx 'i-0123456789abcdef0' 'i-0123456789abcdef0'\n```",
            ),
            (
                "```sql\nx = <REMOTE_PORT> AND y = <INSTANCE_ID>\n```",
                "```sql\nx = 4444 AND y = 'i-0123456789abcdef0'\n```",
            ),
            (
                "```json\n{\"x\": <REMOTE_PORT>, \"y\": <INSTANCE_ID>}\n```",
                "```json\n{\"x\": 4444, \"y\": \"i-0123456789abcdef0\"}\n```",
            ),
            (
                "> ```sh\n> x \\\n>   <INSTANCE_ID>\n> ```",
                "> ```sh\n> x \\\n>   'i-0123456789abcdef0'\n> ```",
            ),
            ("| a |\n| - |\n| `<INSTANCE_ID>` |\n", "| a |\n| - |\n| `i-0123456789abcdef0` |\n"),
        ] {
            assert_eq!(filled(runbook).0, expected);
        }
    }

    #[test]
    fn text_outside_code_stays() {
        let runbook =
            "---\nx: `<INSTANCE_ID>`\n---\n\n# <INSTANCE_ID>\n\n```mermaid\n<INSTANCE_ID>\n```\n";
        assert_eq!(filled(runbook), (runbook.to_owned(), Vec::new()));
    }

    #[test]
    fn what_has_no_harmless_value_stays_a_placeholder_and_is_named() {
        let (text, open) =
            filled("```sh\nx <REGION> '<REGION>' <VPC_ID> <OURS>\n```\n`<REGION>`\n");
        assert_eq!(text, "```sh\nx '<REGION>' '<REGION>' '<VPC_ID>' '<OURS>'\n```\n`<REGION>`\n");
        let open: Vec<_> = open.iter().map(|(name, open)| (name.as_str(), *open)).collect();
        assert_eq!(
            open,
            [("ours", Open::Unknown), ("region", Open::Unfit), ("vpc_id", Open::Unknown)]
        );
    }

    #[test]
    fn commas_stay_out_of_the_shorthand_of_the_aws_cli() {
        let (text, open) =
            filled("```sh\naws x --f Name=k,Values='<OBJECT_KEY>' '<OBJECT_KEY>'\n```\n");
        assert_eq!(text, "```sh\naws x --f Name=k,Values='<OBJECT_KEY>' 'a,b=c'\n```\n");
        assert_eq!(open, [("object_key".to_owned(), Open::MeansSomething)]);
    }
}
