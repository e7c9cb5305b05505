//! Whole findings that mean harm, through the program: every text in them is hostile, or nothing is
//! what it should be.

use serde_json::{Value, json};

use super::commands::{run, shell_blocks};
use super::hostile::HOSTILE;
use super::port_probe;
use crate::reader;
use crate::sandbox::Sandbox;

/// The finding with every text replaced, but for its type, its id, and what its times are.
fn with_texts(finding: &Value, text: &dyn Fn() -> Value) -> Value {
    const KEPT: [&str; 4] = ["type", "schemaVersion", "eventFirstSeen", "eventLastSeen"];
    match finding {
        Value::String(_) => text(),
        Value::Array(members) => members.iter().map(|one| with_texts(one, text)).collect(),
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| {
                let is_kept = KEPT.contains(&key.as_str());
                (key.clone(), if is_kept { value.clone() } else { with_texts(value, text) })
            };
            members.iter().map(member).collect::<serde_json::Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn case(finding: &Value) -> String {
    let sandbox = Sandbox::new().write("finding.json", &finding.to_string());
    sandbox.run("fill finding.json --outdir nowhere").expect_exit(0).stdout()
}

/// A case that has no values: what is left of the commands are placeholders.
fn without_values() -> String {
    let nothing = with_texts(&port_probe(), &|| json!(""));
    case(&nothing)
}

#[test]
fn hostile_texts_stay_text_in_the_facts_and_out_of_the_commands() {
    let calm = without_values();
    for hostile in HOSTILE {
        let case = case(&with_texts(&port_probe(), &|| json!(hostile)));
        assert_eq!(shell_blocks(&case), shell_blocks(&calm), "{hostile:?}");
        assert_eq!(reader::raw_html(&case), [""; 0], "{hostile:?}");
        assert_eq!(reader::odd_addresses(&case), reader::odd_addresses(&calm), "{hostile:?}");
        assert!(!case.contains(['\u{1b}', '\u{202e}', '\0']), "{hostile:?}");
    }
    assert!(!run(&calm).files.contains_key("hit"));
}

#[test]
fn long_texts_are_cut_in_the_facts() {
    let long = "x".repeat(1 << 17);
    let case = case(&with_texts(&port_probe(), &|| json!(long)));
    assert!(case.len() < 100_000, "{} bytes", case.len());
    assert!(case.contains("(131,072 bytes)"));
}

#[test]
fn values_of_other_kinds_than_expected_are_left_out() {
    let calm = without_values();
    let deep = (0..100).fold(json!("x"), |inner, _| json!([inner]));
    for odd in [json!(true), json!(null), json!([]), json!({"a": "b"}), deep] {
        let case = case(&with_texts(&port_probe(), &|| odd.clone()));
        assert_eq!(shell_blocks(&case), shell_blocks(&calm), "{odd}");
    }
}

#[test]
fn numbers_in_place_of_texts_stay_one_argument() {
    let shape = |case: &str| -> Vec<usize> { run(case).calls.iter().map(Vec::len).collect() };
    let calm = shape(&without_values());
    for odd in [json!(7), json!(7.5), json!(-1), json!(1e300)] {
        let case = case(&with_texts(&port_probe(), &|| odd.clone()));
        let (mut shape, mut calm) = (shape(&case), calm.clone());
        shape.sort_unstable();
        calm.sort_unstable();
        assert_eq!(shape, calm, "{odd}");
    }
}
