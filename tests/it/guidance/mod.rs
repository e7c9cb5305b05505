//! The guidance as a whole: every data file, and every finding type of the catalogue.

mod complete;
mod needs;
mod paths;
mod placeholders;
mod rendered;
mod steps;

use guardduty_runbooks::catalogue::builtin;
use guardduty_runbooks::guidance::{Guidance, TypeSuppression, library};

/// The guidance of every finding type that the library has.
fn all() -> Vec<(String, Guidance<'static>)> {
    let types = library().types.keys();
    types.map(|name| (name.to_string(), library().guidance(name))).collect()
}

/// The names of all finding types.
fn finding_types() -> Vec<String> {
    let findings = builtin::catalogue().entries;
    findings.iter().map(|finding| finding.finding_type.to_string()).collect()
}

/// All texts of the guidance, with where they are from.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let common = &library().common;
    texts.extend(common.steps().map(|step| (step.id.clone(), step.markdown())));
    let rest = [&common.first_move, &common.account].into_iter().chain(&common.escalate);
    texts.extend(rest.map(|text| ("common.md".to_owned(), text.clone())));
    for kind in library().kinds.values() {
        texts.extend(kind.steps().map(|step| (step.id.clone(), step.markdown())));
        texts.extend(kind.close.iter().map(|text| (kind.id.clone(), text.clone())));
        texts.push((kind.id.clone(), kind.title.clone()));
    }
    for family in library().families.values() {
        texts.extend(family.investigate.iter().map(|step| (step.id.clone(), step.markdown())));
        texts.extend(family.questions.iter().map(|q| (q.id.clone(), q.markdown())));
        let rest = [&family.first_move, &family.suppression].into_iter().chain(&family.flow);
        let rest = rest.chain(&family.benign);
        texts.extend(rest.map(|text| (family.id.clone(), text.clone())));
    }
    for own in library().types.values() {
        let name = own.finding_type.to_string();
        texts.extend(own.investigate.iter().map(|step| (step.id.clone(), step.markdown())));
        texts.extend(own.questions.iter().map(|q| (q.id.clone(), q.markdown())));
        let rest = [&own.summary].into_iter().chain(&own.first_move).chain(&own.severity);
        let rest = rest.chain(&own.benign).chain(own.fields.iter().map(|field| &field.tells));
        texts.extend(rest.map(|text| (name.clone(), text.clone())));
        texts.push((
            name,
            match &own.suppression {
                TypeSuppression::Rule { when, .. } => when.clone(),
                TypeSuppression::Never(reason) => reason.clone(),
            },
        ));
    }
    texts
}

/// Fails with everything that is wrong, each on a line.
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
