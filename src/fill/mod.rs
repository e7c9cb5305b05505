//! Filling in: a runbook with the values of one finding.
//!
//! A placeholder (`<INSTANCE_ID>`) in code is replaced by the finding's own value where that value
//! keeps to the strict grammar of its type ([`ValueType`](crate::guidance::ValueType)): it has no
//! character with a meaning to a shell, so that it is harmless there however a person quoted the
//! placeholder. A bare one gets quotes all the same. Whatever has no such value stays a
//! placeholder, quoted in shell code, where `<` and `>` would open files. In a language that the
//! program does not know, only letters and digits take the place of a placeholder. What a value may mean
//! beyond the shell (a comment of SQL, a comma of the AWS CLI's shorthand), its place decides.

mod argument;
mod blocking;
mod here_document;
mod language;
mod place;
mod quotes;
pub(crate) mod region;
mod shell;
pub mod values;

use std::collections::BTreeMap;
use std::ops::Range;

use self::language::{Language, QUERIES};
use self::place::{Only, Place, Quoting, Takes};
use self::quotes::{JSON, Standing, Syntax};
use self::region::{Region, regions};
use self::values::{Open, Value, Values};
use crate::text::front_matter::front_matter_length;
use crate::text::sections::sections;

/// Blocks of code beyond this length, in bytes, are not taken apart: their placeholders stay open.
const LONGEST: usize = 32 << 10;

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
            Ok(value) => match refusal(value, region.language, &place) {
                Some(reason) => Err(reason),
                None => Ok(value),
            },
            open => open,
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
    // bash leaves null bytes out, and joins what they stand between.
    if code.len() > LONGEST || code.contains('\0') {
        return every_place(code, &Takes::only(Only::None));
    }
    match language {
        Language::Shell => shell::places(code),
        Language::Sql(dialect) => sql_places(code, dialect.syntaxes()),
        Language::Json => json_places(code),
        Language::Text => text_places(code),
        Language::Inline => inline_places(code),
        Language::Other => every_place(code, &Takes::only(Only::Words)),
        Language::Diagram => Vec::new(),
    }
}

fn sql_places(code: &str, syntaxes: &[Syntax]) -> Vec<Place> {
    let place = |(range, standing): (Range<usize>, Standing)| {
        let (quoting, only) = match standing {
            Standing::Bare if is_apart(code, &range) => (Quoting::Bare, Only::All),
            Standing::Quoted => (Quoting::Within, Only::All),
            Standing::Bare | Standing::Unclear => (Quoting::Within, Only::None),
        };
        Place { range, quoting, takes: Takes { only, in_query: true, ..Takes::default() } }
    };
    quotes::standings(code, syntaxes).into_iter().map(place).collect()
}

/// Whether nothing touches a place in SQL but a space or an operator. What is quoted there must not
/// become a part of a name (`#'a'`), of a text of another kind (`E'a'`) or of the next text.
fn is_apart(code: &str, range: &Range<usize>) -> bool {
    let is_end =
        |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || "(),;:=<>+-*/|%!".contains(c));
    is_end(code[..range.start].chars().next_back()) && is_end(code[range.end..].chars().next())
}

fn json_places(code: &str) -> Vec<Place> {
    let place = |(range, standing): (Range<usize>, Standing)| {
        let is_key = || quotes::is_json_key(&code[range.end..]);
        let is_bare_key = || code[range.end..].trim_start().starts_with(':');
        let (quoting, only) = match standing {
            Standing::Quoted if !is_key() => (Quoting::Within, Only::All),
            Standing::Bare if !is_bare_key() => (Quoting::Bare, Only::All),
            _ => (Quoting::Within, Only::None),
        };
        Place { range, quoting, takes: Takes::only(only) }
    };
    quotes::standings(code, &JSON).into_iter().map(place).collect()
}

/// The placeholders in a block of text. People paste such blocks into consoles of queries.
fn text_places(code: &str) -> Vec<Place> {
    let place = |(range, standing)| {
        let only = if standing == Standing::Quoted { Only::All } else { Only::Words };
        Place { range, quoting: Quoting::Within, takes: Takes::only(only) }
    };
    quotes::standings(code, QUERIES).into_iter().map(place).collect()
}

/// The placeholders in running text, which need no quotes. Commands of the AWS CLI are copied from
/// there as well, and take what they take in a block.
fn inline_places(code: &str) -> Vec<Place> {
    let mut places = every_place(code, &Takes::default());
    if code.trim_matches('`').split_whitespace().any(|word| word == "aws") {
        let commands = shell::places(code.trim_end_matches('`'));
        for place in &mut places {
            if let Some(found) = commands.iter().find(|found| found.range == place.range) {
                place.takes = found.takes.clone();
            }
        }
    }
    places
}

fn every_place(code: &str, takes: &Takes) -> Vec<Place> {
    let place = |(range, _)| Place { range, quoting: Quoting::Within, takes: takes.clone() };
    quotes::standings(code, &[]).into_iter().map(place).collect()
}

/// Why a value may not stand in a place; none if it may.
fn refusal(value: &Value, language: Language, place: &Place) -> Option<Open> {
    // JSON has no numbers that begin with a zero.
    let is_odd = value.is_number && value.text.len() > 1 && value.text.starts_with('0');
    match (language, place.quoting) {
        (Language::Json, Quoting::Bare) if is_odd => Some(Open::MeansSomething),
        _ => place.takes.refusal(&value.text),
    }
}

/// What takes the place of a placeholder. What `stands_alone` needs no quotes in SQL and JSON.
fn written(text: &str, stands_alone: bool, language: Language, quoting: Quoting) -> String {
    match (language, quoting) {
        (Language::Shell, Quoting::Bare) => format!("'{text}'"),
        (Language::Sql(_), Quoting::Bare) if !stands_alone => format!("'{text}'"),
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
    fn a_language_that_is_not_known_takes_letters_and_digits() {
        for info in ["fish", "powershell", "bash-like", "yaml", "{r}"] {
            let runbook = format!("```{info}\nx <INSTANCE_ID> '<OBJECT_KEY>' <REMOTE_PORT>\n```\n");
            let (text, open) = filled(&runbook);
            assert_eq!(text, runbook.replace("<REMOTE_PORT>", "4444"));
            let left = ["instance_id", "object_key"];
            assert_eq!(open, left.map(|name| (name.to_owned(), Open::WithoutRules)));
        }
    }

    #[test]
    fn nothing_is_filled_into_a_block_with_null_bytes() {
        let runbook = "```bash\nx $'\\u\0\0<REMOTE_PORT>' <INSTANCE_ID>\n```\n";
        let left =
            ["instance_id", "remote_port"].map(|name| (name.to_owned(), Open::MeansSomething));
        assert_eq!(filled(runbook), (runbook.to_owned(), left.to_vec()));
    }

    #[test]
    fn html_keeps_its_placeholders_and_prompts_are_part_of_commands() {
        for html in [
            "<pre>\nx <INSTANCE_ID>\n</pre>\n",
            "<!-- x <INSTANCE_ID> -->\n",
            "a <code>x <INSTANCE_ID></code>\n",
        ] {
            assert_eq!(filled(html), (html.to_owned(), Vec::new()));
        }
        let console =
            "1. a\n\n   ~~~ {.console title=\"x\"}\n   $ aws x <INSTANCE_ID>\n   ok\n   ~~~\n";
        let console = console.replace("~~~ {", "~~~{");
        assert!(filled(&console).0.contains("$ aws x 'i-0123456789abcdef0'\n"));
    }

    #[test]
    fn a_value_does_not_end_a_here_document() {
        let values = Values::given([("object_key", "EOF"), ("remote_port", "22")], library());
        let runbook = "```sh\nx <<EOF\n<OBJECT_KEY>\n<REMOTE_PORT>\nEOF\n```\n";
        let Filled { text, open, .. } = fill(runbook, &values);
        assert_eq!(text, runbook.replace("<REMOTE_PORT>", "22"));
        assert_eq!(open["object_key"], Open::MeansSomething);
    }

    #[test]
    fn a_block_of_any_length_costs_little_time_and_stays_open_beyond_a_bound() {
        for (open, piece) in
            [("json", "<A>"), ("sql", "<A>"), ("text", "'a'"), ("sh", "${"), ("sh", "$(")]
        {
            let code = format!("\"'{}<INSTANCE_ID>", piece.repeat(LONGEST / piece.len()));
            let runbook = format!("```{open}\n{code}\n```\n");
            assert_eq!(filled(&runbook).0, runbook);
        }
    }

    #[test]
    fn what_touches_a_word_or_a_quote_stays_open_in_sql() {
        for code in ["E<OBJECT_KEY>", "x#<OBJECT_KEY>", "<OBJECT_KEY>'x'", "@<OBJECT_KEY>"] {
            for word in ["sql", "postgresql", "trino", "tsql"] {
                let runbook = format!("```{word}\nSELECT {code}\n```\n");
                let values = Values::given([("object_key", "a/b")], library());
                let Filled { text, open, .. } = fill(&runbook, &values);
                assert_eq!((text, open.len()), (runbook, 1), "{word} {code}");
            }
        }
    }

    #[test]
    fn text_takes_values_in_quotes() {
        let (text, open) =
            filled("```text\n| filter x = \"<INSTANCE_ID>\" or y = <OBJECT_KEY>\n```\n");
        assert!(text.contains("x = \"i-0123456789abcdef0\" or y = <OBJECT_KEY>\n"), "{text}");
        assert_eq!(open, [("object_key".to_owned(), Open::WithoutRules)]);
    }

    #[test]
    fn json_keeps_its_keys_and_its_numbers() {
        for code in
            ["{\"<INSTANCE_ID>\": 1}", "{<INSTANCE_ID>: 1}", "{\"a\": \"\\u00<REMOTE_PORT>\"}"]
        {
            let runbook = format!("```json\n{code}\n```\n");
            let (text, open) = filled(&runbook);
            assert_eq!((text, open[0].1), (runbook, Open::MeansSomething));
        }
        let values = Values::given([("remote_port", "0443")], library());
        assert_eq!(
            fill("```json\n[<REMOTE_PORT>]\n```", &values).text,
            "```json\n[<REMOTE_PORT>]\n```"
        );
        assert_eq!(fill("```sql\n= <REMOTE_PORT>\n```", &values).text, "```sql\n= 0443\n```");
    }

    #[test]
    fn what_begins_a_comment_stays_out_of_sql() {
        let values = Values::given([("object_key", "a--b")], library());
        for code in ["sql\nx = '<OBJECT_KEY>'", "mysql\nx = <OBJECT_KEY>"] {
            let runbook = format!("```{code}\n```");
            let Filled { text, open, .. } = fill(&runbook, &values);
            assert_eq!((text, open["object_key"]), (runbook, Open::MeansSomething));
        }
        let bucket = "```sh\naws x --bucket <OBJECT_KEY>\n```";
        assert!(fill(bucket, &values).open.is_empty());
    }

    #[test]
    fn commas_stay_out_of_the_shorthand_of_the_aws_cli() {
        let (text, open) =
            filled("```sh\naws x --f Name=k,Values='<OBJECT_KEY>' '<OBJECT_KEY>'\n```\n");
        assert_eq!(text, "```sh\naws x --f Name=k,Values='<OBJECT_KEY>' 'a,b=c'\n```\n");
        assert_eq!(open, [("object_key".to_owned(), Open::MeansSomething)]);
        for command in [
            "aws x --filters=Name=k,Values=<OBJECT_KEY>",
            "aws x --f=\"Name=k,Values=<OBJECT_KEY>\"",
        ] {
            let inline = format!("`{command}`");
            assert_eq!(filled(&inline), (inline, open.clone()));
        }
    }
}
