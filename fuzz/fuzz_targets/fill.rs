//! A runbook, edited by whomever, that is filled in with the values of a finding.
#![no_main]

use guardduty_runbooks::fill::fill;
use guardduty_runbooks::fill::values::Values;
use guardduty_runbooks::finding::read;
use guardduty_runbooks::guidance::library;
use guardduty_runbooks_fuzz::{findings, parts};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [runbook, finding] = parts(input);
    let given =
        [("instance_id", "i-0123456789abcdef0"), ("remote_port", "4444"), ("region", "no'")];
    let values = match read(finding.as_bytes()).next() {
        Some(Ok(event)) => Values::of(&event, library()),
        _ => Values::given(given, library()),
    };
    let filled = fill(&runbook, &values);
    let lines = |text: &str| text.matches('\n').count();
    assert_eq!(lines(&filled.text), lines(&runbook), "lines came or went");
    for value in filled.used.values() {
        assert!(filled.text.contains(&value.text), "{value:?} was not filled in");
    }
    // What stays open gets quotes at most.
    let unfilled = fill(&runbook, &Values::default());
    assert_eq!(unfilled.text.replace('\'', ""), runbook.replace('\'', ""));
    assert!(unfilled.used.is_empty());
    findings::shows_plain(&filled.text);
});
