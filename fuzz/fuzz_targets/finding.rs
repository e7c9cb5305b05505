//! Findings as JSON, in any shape, one or many, compressed or not.
#![no_main]

use guardduty_runbooks::finding::read;
use guardduty_runbooks_fuzz::findings;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut records = 0;
    for record in read(input) {
        records += 1;
        match record {
            Ok(event) => findings::check(&event),
            Err(bad) => {
                let _ = (bad.to_string(), bad.problem.hint());
                // A place may lie behind what was compressed.
                assert!(bad.place.line >= 1);
            }
        }
    }
    assert!(records > 0, "an input without any record is told as such");
});
