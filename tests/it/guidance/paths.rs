//! Every path into a finding's JSON exists in AWS's API model.

use guardduty_runbooks::finding::path;
use guardduty_runbooks::guidance::{Question, Step, library};

use super::assert_none;

/// `guidance/finding-paths.txt` has the paths of the model. What lies below
/// `service.additionalInfo` the model leaves open; the criteria by which findings can be filtered
/// (`guidance/filter-criteria.txt`) name it, but for what AWS's sample findings show.
fn known() -> Vec<&'static str> {
    let model = include_str!("../../../guidance/finding-paths.txt").lines();
    let criteria = include_str!("../../../guidance/filter-criteria.txt").lines();
    let open = criteria.filter(|line| line.starts_with("service.additionalInfo."));
    let in_samples =
        ["service.additionalInfo.portsScannedSample", "service.additionalInfo.unusualBehavior"];
    model.chain(open).chain(in_samples).collect()
}

/// Whether a path leads to a value, to an object, to a list, or to something that the model
/// leaves open (`.*`).
fn exists(path: &str, known: &[&str]) -> bool {
    let path = path.strip_suffix("[]").unwrap_or(path);
    known.iter().any(|one| {
        let below = one
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with("[]"));
        let open = one.strip_suffix(".*").and_then(|open| path.strip_prefix(open));
        below || open.is_some_and(|rest| rest.starts_with('.'))
    })
}

/// What looks like a path in running text: in a code span, beginning at the top of a finding.
fn paths_in(text: &str) -> impl Iterator<Item = &str> {
    let spans = text.split('`').skip(1).step_by(2);
    spans.filter(|span| {
        let top = span.starts_with("service.") || span.starts_with("resource.");
        top && span.chars().all(|c| c.is_ascii_alphanumeric() || ".[]".contains(c))
    })
}

#[test]
fn every_path_exists_in_the_model_of_the_api() {
    let known = known();
    let mut faults = Vec::new();
    for own in library().types.values() {
        let fields = own.fields.iter().map(|field| field.path.as_str());
        let questions = own.questions.iter().filter_map(|question| question.path.as_deref());
        let texts = own.questions.iter().map(Question::markdown);
        let texts = texts.chain(own.severity.clone()).chain([own.summary.clone()]);
        let texts: Vec<String> = texts.collect();
        let in_texts = texts.iter().flat_map(|text| paths_in(text));
        let named = fields.chain(questions).chain(in_texts);
        let unknown = named.filter(|path| !exists(path, &known));
        faults.extend(unknown.map(|path| format!("{}: {path}", own.finding_type)));
    }
    for family in library().families.values() {
        let questions = family.questions.iter().map(Question::markdown);
        let steps = family.investigate.iter().map(Step::markdown);
        let texts: Vec<String> = questions.chain(steps).collect();
        let named = texts.iter().flat_map(|text| paths_in(text));
        let unknown = named.filter(|path| !exists(path, &known));
        faults.extend(unknown.map(|path| format!("{}: {path}", family.id)));
    }
    for kind in library().kinds.values() {
        let texts: Vec<String> = kind.steps().map(Step::markdown).collect();
        let named = texts.iter().flat_map(|text| paths_in(text));
        let unknown = named.filter(|path| !exists(path, &known));
        faults.extend(unknown.map(|path| format!("{}: {path}", kind.id)));
    }
    for placeholder in library().placeholders.values() {
        let is_list = |path: &str| known.iter().any(|one| one.starts_with(&format!("{path}[]")));
        let from = placeholder.from.iter().map(|one| path::without_choices(&one.path, is_list));
        let named = from.chain(paths_in(&placeholder.what).map(str::to_owned));
        let unknown = named.filter(|path| !exists(path, &known));
        faults.extend(unknown.map(|path| format!("{}: {path}", placeholder.name)));
    }
    assert_none(&faults);
}

#[test]
fn a_path_exists_only_as_it_is_spelt() {
    let known = ["a.b[].c", "a.list[]", "a.open.*"];
    for path in ["a", "a.b", "a.b[]", "a.b[].c", "a.list", "a.list[]", "a.open.x", "a.open"] {
        assert!(exists(path, &known), "{path}");
    }
    for path in ["b", "a.b.c", "a.b[].d", "a.bc", "a.lis", "a.openx", "A.b"] {
        assert!(!exists(path, &known), "{path}");
    }
}
