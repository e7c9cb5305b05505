//! A page in HTML.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    guardduty_runbooks_fuzz::pages::check(guardduty_runbooks::page::html::read, input);
});
