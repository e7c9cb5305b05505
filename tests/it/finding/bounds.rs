//! How much of an input is held in memory: what is larger is a bad record, and the records behind it
//! are read.

use guardduty_runbooks::finding;

fn finding(id: &str, more: &str) -> String {
    format!(
        r#"{{"id":"{id}","type":"Recon:EC2/Portscan","severity":5,"resource":{{}},"service":{{{more}}}}}"#
    )
}

/// The id of each finding, and what is said about each bad record.
fn read(input: &str) -> Vec<String> {
    let said = finding::read(input.as_bytes()).map(|record| match record {
        Ok(event) => event.json["id"].as_str().unwrap_or("no id").to_owned(),
        Err(bad) => bad.problem.to_string(),
    });
    said.collect()
}

/// Text that is JSON, as a text in JSON.
fn quoted(json: &str) -> String {
    serde_json::to_string(json).unwrap()
}

#[test]
fn what_is_too_large_costs_no_record_behind_it() {
    let values = "0,".repeat(100_000) + "0";
    let many = format!(r#""a":[{values}]"#);
    let long = format!(r#""a":"{}""#, "x".repeat(4 << 20));
    let deep = format!(r#""a":{}{}"#, "[".repeat(200), "]".repeat(200));
    let (a, c) = (finding("a", ""), finding("c", ""));
    for (more, problem) in [
        (&many, "it holds more than 100000 values"),
        (&long, "the finding has more than 4 MiB of text"),
        (&deep, "the JSON is nested too deeply (more than 120 levels)"),
    ] {
        let b = finding("b", more);
        for stream in [
            format!("{a}\n{b}\n{c}"),
            format!("[{a},{b},{c}]"),
            format!("{a}{b}{c}"),
            format!(r#"{{"Findings":[{a},{b},{c}]}}"#),
        ] {
            assert_eq!(read(&stream), ["a", problem, "c"]);
        }
    }
}

#[test]
fn a_record_has_a_bound_for_its_values_with_those_in_texts() {
    let (a, c) = (finding("a", ""), finding("c", ""));
    let many = format!(r#"{{"detail":[{}0]}}"#, "0,".repeat(1_000_000));
    let problem = "it holds more than 1000000 values";
    assert_eq!(read(&format!("[{a},{many},{c}]")), ["a", problem, "c"]);
    // Each message alone keeps to the bound, both together do not.
    let message = format!(r#"{{"detail":[{}{a}]}}"#, "0,".repeat(600_000));
    let message = format!(r#"{{"Message":{}}}"#, quoted(&message));
    let both = format!(r#"{{"detail":[{message},{message},{c}]}}"#);
    let read = read(&both);
    assert_eq!(read.iter().filter(|said| *said == "a").count(), 1);
    assert_eq!(read[read.len() - 2..], [problem, "c"]);
}

#[test]
fn a_large_batch_is_read_member_by_member() {
    let member = finding("a", &format!(r#""a":[{}0]"#, "0,".repeat(999)));
    for name in ["Findings", "Records", "Messages"] {
        let batch = format!(r#"{{"{name}":[{}{member}]}}"#, (member.clone() + ",").repeat(1_999));
        assert!(finding::read(batch.as_bytes()).all(|record| record.is_ok()));
        assert_eq!(finding::read(batch.as_bytes()).count(), 2_000);
    }
}
