//! A template of the user's own, and an overlay of a team's own steps.
#![no_main]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use guardduty_runbooks::catalogue::{Catalogue, builtin};
use guardduty_runbooks::runbook::{Overlays, Renderer, Template};
use guardduty_runbooks_fuzz::parts;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    let catalogue = CATALOGUE.get_or_init(builtin::catalogue);
    let [text, overlay] = parts(input);
    let vars = BTreeMap::from([("pager".to_owned(), "555-0100".into())]);
    let template = Template::Own { name: "own.md".to_owned(), text };
    let mut overlays = Overlays::default();
    overlays.add("all.md", "overlays/all.md", &overlay).expect("all.md is for all findings");
    let renderer =
        Renderer::new(template, vars, true).and_then(|renderer| renderer.with_overlays(&overlays));
    let rendered = renderer.and_then(|renderer| {
        let once = renderer.render(&catalogue.entries[0], catalogue);
        assert_eq!(once, renderer.render(&catalogue.entries[0], catalogue), "it is a function");
        once
    });
    match rendered {
        Ok(text) => {
            assert!(text.ends_with('\n') && !text.starts_with("\n\n"), "{text:?}");
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.contains("own.md") || message.contains("all.md"), "{message}");
            let _ = error.hint();
        }
    }
});
