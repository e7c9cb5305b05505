//! A folder of the Python tool is taken over and goes on with the guide.

use std::collections::BTreeMap;

use guardduty_runbooks::finding_type::FindingType;
use guardduty_runbooks::fs;
use guardduty_runbooks::guide::GUIDE_URL;
use guardduty_runbooks::runbook::{Renderer, Template};
use guardduty_runbooks::workspace::{ActionKind, Bases, Conflict, LeftReason};

use super::edits::{self, Edit};
use super::{Folder, update, upstream};
use crate::real;

/// What the Python tool wrote, with two of its faults: a link that is left relative, a name with
/// another dash.
fn written_by_the_python_tool() -> Option<BTreeMap<String, String>> {
    let golden = real::data()?.join("golden/2025-12");
    let names = fs::names_in(&golden).unwrap().unwrap();
    let texts = names.into_iter().enumerate().map(|(number, name)| {
        let text = fs::read_to_string(&golden.join(&name)).unwrap();
        let relative =
            text.rfind(GUIDE_URL).filter(|at| number % 7 == 0 && text[..*at].ends_with("]("));
        let text = match relative {
            Some(at) => format!("{}./{}", &text[..at], &text[at + GUIDE_URL.len()..]),
            None => text,
        };
        let name = if number % 50 == 1 { name.replace(".md", "-.md") } else { name };
        (name, text)
    });
    Some(texts.collect())
}

#[test]
fn ten_edited_files_keep_their_edits_through_adoption_and_update() {
    let Some(written) = written_by_the_python_tool() else { return };
    let folder = Folder::new();
    let mut edited = Vec::new();
    for (number, (name, text)) in written.iter().enumerate() {
        if number % 19 == 3 && edited.len() < 10 {
            let edit = [Edit::Sentence, Edit::Section, Edit::Paragraph][number % 3];
            let done = edits::apply(edit, text, number, &format!("person-{number}"));
            folder.write(name, &done.text);
            edited.push((name.clone(), done));
        } else {
            folder.write(name, text);
        }
    }
    let catalogue = real::state("2025-12-html").unwrap().catalogue;
    let renderer = Renderer::new(Template::Classic, BTreeMap::new(), false).unwrap();
    let classic: BTreeMap<FindingType, String> = (catalogue.entries.iter())
        .map(|finding| {
            (finding.finding_type.clone(), renderer.render(finding, &catalogue).unwrap())
        })
        .collect();
    let workspace = folder.load();
    let todays = Bases { classic, ..Bases::default() };
    let adoption = workspace.plan_adoption(&todays);
    assert_eq!((adoption.plan.actions.len(), adoption.left.len()), (185, 10));
    assert!(adoption.left.iter().all(|left| left.reason == LeftReason::BaseUnknown));

    let originals = Folder::new();
    for (name, text) in &written {
        originals.write(name, text);
    }
    let bases = Bases::read(&folder.path(), workspace.state(), Some(&originals.path())).unwrap();
    let adoption = workspace.plan_adoption(&bases);
    assert_eq!((adoption.plan.actions.len(), adoption.left.len()), (195, 0));
    let renamed =
        adoption.plan.actions.iter().filter(|action| {
            matches!(&action.kind, ActionKind::Adopt { renamed_from: Some(_), .. })
        });
    assert_eq!(renamed.count(), 4);
    assert!(workspace.apply(&adoption.plan).unwrap().failures.is_empty());

    let source = upstream("2026-html", Template::Classic).unwrap();
    let (plan, _) = folder.run(&source, update());
    let in_conflict: Vec<String> = (plan.actions.iter())
        .filter(|action| matches!(action.kind, ActionKind::Conflict(Conflict::Kept(_))))
        .map(|action| action.slug.file_name())
        .collect();
    assert_eq!(in_conflict, [""; 0]);
    for (name, edit) in &edited {
        let text = folder.read(&name.replace("-.md", ".md"));
        assert!(edit.added.iter().all(|added| text.contains(added)), "{name}:\n{text}");
    }
    let names: Vec<String> = edited.iter().map(|(name, _)| name.replace("-.md", ".md")).collect();
    for rendered in &source.runbooks {
        let name = rendered.finding_type.slug().file_name();
        if !names.contains(&name) {
            assert_eq!(folder.read(&name), *rendered.text, "{name}");
        }
    }
}
