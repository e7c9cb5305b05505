use super::super::fixture::*;
use super::super::{KeepReason, Mode, Rendered, Update};
use super::*;

const X: &str = "Backdoor:EC2/X.B";
const Y: &str = "Trojan:EC2/Y";
const X_FILE: &str = "backdoor-ec2-x-b.md";

/// What the Python tool wrote for a type.
fn python(name: &str, body: &str) -> String {
    format!("{name}\n{}\n\n### A sentence.\n\n{body}\n", "-".repeat(name.len()))
}

/// What the `classic` template gives now.
fn classic(name: &str, body: &str) -> Rendered {
    let text = python(name, body) + "\n---\n\nCC BY-SA 4.0\n";
    Rendered { text: text.into(), template: "classic".into(), ..aws(name, body) }
}

fn bases(texts: &[(&str, &str)]) -> Bases {
    let classic = texts.iter().map(|(name, body)| (finding_type(name), python(name, body)));
    Bases { classic: classic.collect(), ..Bases::default() }
}

fn adopt(folder: &Folder, bases: &Bases) -> Adoption {
    let workspace = folder.load();
    let adoption = workspace.plan_adoption(bases);
    let outcome = workspace.apply(&adoption.plan).unwrap();
    assert!(outcome.failures.is_empty());
    assert_eq!(outcome.counts.adopted, adoption.plan.actions.len());
    adoption
}

#[test]
fn an_untouched_file_is_known_by_todays_text_white_space_and_links_apart() {
    let folder = Folder::new();
    folder.write(X_FILE, python(X, "Look at  [it](./a.html#b)."));
    let today = format!("Look at [it]({GUIDE_URL}a.html#b).");
    let adoption = adopt(&folder, &bases(&[(X, &today)]));
    let kind = &adoption.plan.actions[0].kind;
    assert_eq!(*kind, ActionKind::Adopt { renamed_from: None, base: Base::TodaysText });
    assert_eq!(folder.load().recorded_template(&finding_type(X).slug()), Some("classic"));
    let source = upstream(&[classic(X, &today)]);
    folder.run(&source, Mode::Update(Update::default()));
    assert_eq!(folder.read(X_FILE), *source.runbooks[0].text);
}

#[test]
fn edits_survive_adoption_and_update() {
    let folder = Folder::new();
    let edited = python(X, "The text.\n\nThe end.") + "\nOur words.\n";
    folder.write(X_FILE, &edited);
    let history = BTreeMap::from([(X_FILE.to_owned(), python(X, "The text.\n\nThe end."))]);
    let adoption = adopt(&folder, &Bases { history, ..Bases::default() });
    let kind = &adoption.plan.actions[0].kind;
    assert_eq!(*kind, ActionKind::Adopt { renamed_from: None, base: Base::History });
    assert_eq!(folder.read(X_FILE), edited);
    let source = upstream(&[classic(X, "The new text.\n\nThe end.")]);
    folder.run(&source, Mode::Update(Update::default()));
    let merged = folder.read(X_FILE);
    assert!(merged.contains("The new text.") && merged.contains("Our words."), "{merged}");
}

#[test]
fn names_are_mended_where_the_title_proves_the_type_and_the_name_is_free() {
    let folder = Folder::new();
    folder.write("backdoor-ec2-x-b-.md", python(X, "text"));
    folder.write(".md", python(Y, "text"));
    folder.write("trojan-ec2-y-.md", python(Y, "other"));
    folder.write("notes.md", "Notes\n-----\n\ntext\n");
    let adoption = adopt(&folder, &bases(&[(X, "text"), (Y, "text")]));
    assert_eq!(folder.read(X_FILE), python(X, "text"));
    assert_eq!(folder.read("trojan-ec2-y.md"), python(Y, "text"));
    assert_eq!(folder.read("trojan-ec2-y-.md"), python(Y, "other"));
    assert!(!folder.tree().contains_key(".md"));
    let reason = LeftReason::NameTaken("trojan-ec2-y.md".into());
    let file = "trojan-ec2-y-.md".to_owned();
    assert_eq!(adoption.left, [LeftAlone { file, finding_type: finding_type(Y), reason }]);
    let (plan, _) = folder.run(&upstream(&[classic(X, "text"), classic(Y, "text")]), PLAIN);
    assert_eq!(*kind(&plan, X), ActionKind::Keep(KeepReason::PlainRun));
}

#[test]
fn a_file_of_unknown_base_stays_and_is_listed() {
    let folder = Folder::new();
    folder.write(X_FILE, python(X, "edited"));
    let before = folder.tree();
    let adoption = adopt(&folder, &bases(&[(X, "text")]));
    assert_eq!(adoption.left[0].reason, LeftReason::BaseUnknown);
    assert_eq!(folder.tree(), before);
    let other = BTreeMap::from([(X_FILE.to_owned(), python(Y, "another type"))]);
    let adoption = adopt(&folder, &Bases { history: other, ..Bases::default() });
    assert_eq!(adoption.left.len(), 1);
}

#[test]
fn a_named_folder_goes_before_history() {
    let folder = Folder::new();
    folder.write(X_FILE, python(X, "edited"));
    let original = folder.path().join("../original");
    fs::write(&original.join("backdoor-ec2-x-b-.md"), python(X, "text").as_bytes()).unwrap();
    fs::write(&original.join("README.md"), b"read me\n").unwrap();
    let workspace = folder.load();
    let bases = Bases::read(&folder.path(), workspace.state(), Some(&original)).unwrap();
    let adoption = adopt(&folder, &bases);
    let kind = &adoption.plan.actions[0].kind;
    assert_eq!(*kind, ActionKind::Adopt { renamed_from: None, base: Base::Folder });
    let missing = folder.path().join("none");
    let error = Bases::read(&folder.path(), workspace.state(), Some(&missing)).unwrap_err();
    assert!(error.to_string().contains("none"));
}

#[test]
fn adopting_twice_changes_nothing() {
    let folder = Folder::new();
    folder.write("backdoor-ec2-x-b-.md", python(X, "text"));
    adopt(&folder, &bases(&[(X, "text")]));
    let before = folder.tree();
    let adoption = adopt(&folder, &bases(&[(X, "text")]));
    assert_eq!((adoption.plan.actions.len(), adoption.left.len()), (0, 0));
    assert_eq!(folder.tree(), before);
}
