//! The folder of the tool's own files, as crashes, other programs and people may have left it:
//! manifest, journal of an interrupted run, pristine copy, its successor, and the runbook.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use guardduty_runbooks::fs;
use guardduty_runbooks::text::shape::Shaped;
use guardduty_runbooks::workspace::{
    Lock, Manifest, Mode, OnConflict, Origin, Plan, Rendered, STATE_FOLDER, Scope, Update,
    Upstream, Workspace,
};
use guardduty_runbooks_fuzz::parts;

const NAME: &str = "Trojan:EC2/X";
const FILE: &str = "trojan-ec2-x.md";
const UPSTREAM: &str = "---\nfinding_type: \"Trojan:EC2/X\"\nthreat_purpose: \"Trojan\"\n\
    protection_plan: \"none\"\nstatus: \"active\"\n---\n\n# Trojan:EC2/X\n\nNew words.\n";

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [mode, texts @ ..]: [String; 6] = parts(input);
    pure(&texts[0]);
    let folder = tempfile::tempdir().expect("there is room");
    let folder = folder.path();
    let names = ["manifest.json", "manifest.json.next", "pristine/", "pristine/.next", ""];
    for (name, text) in names.iter().zip(&texts).filter(|(_, text)| !text.is_empty()) {
        let path = match *name {
            "" => folder.join(FILE),
            "pristine/" => folder.join(STATE_FOLDER).join("pristine").join(FILE),
            "pristine/.next" => folder.join(STATE_FOLDER).join(format!("pristine/{FILE}.next")),
            own => folder.join(STATE_FOLDER).join(own),
        };
        fs::write(&path, text.as_bytes()).expect("it can be written");
    }
    let mode = mode_of(mode.bytes().next().unwrap_or_default());
    let before = fs::read(&folder.join(FILE)).ok();
    let Some(first) = run(folder, mode) else {
        assert_eq!(fs::read(&folder.join(FILE)).ok(), before, "a run that failed wrote");
        return;
    };
    kept(mode, before.as_deref(), &folder.join(FILE), &texts);
    let tree = tree(folder);
    let second = run(folder, mode).expect("what the tool wrote it can read");
    assert_eq!(tree, self::tree(folder), "the second run changed something\n{first:?}\n{second:?}");
});

/// What is read is written as it was read.
fn pure(text: &str) {
    if let Ok(manifest) = Manifest::read(text, Path::new("manifest.json")) {
        let again = Manifest::read(&manifest.to_json(), Path::new("manifest.json"));
        assert_eq!(again.expect("it was just written"), manifest);
    }
}

fn mode_of(byte: u8) -> Mode {
    let flag = |bit: u8| byte & bit != 0;
    if flag(1) {
        return Mode::Plain { overwrite: false, backup: false };
    }
    let on_conflict = if flag(2) { OnConflict::Inline } else { OnConflict::Keep };
    Mode::Update(Update { on_conflict, restore: flag(4), port_edits: flag(8) })
}

fn run(folder: &Path, mode: Mode) -> Option<Plan> {
    let _lock = Lock::take(folder).expect("nobody else is there");
    let workspace = Workspace::load(folder).ok()?;
    let plan = workspace.plan(&upstream(&workspace), mode).ok()?;
    let outcome = workspace.apply(&plan).expect("the disk works");
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    Some(plan)
}

fn upstream(workspace: &Workspace) -> Upstream {
    let finding_type = NAME.parse().expect("it is a finding type");
    let runbook = Rendered {
        finding_type,
        text: UPSTREAM.into(),
        origin: Origin::Aws,
        template: "runbook".to_owned(),
    };
    let active =
        [runbook.finding_type.clone()].into_iter().chain(workspace.tracked_types().cloned());
    Upstream {
        active: active.collect(),
        runbooks: vec![runbook],
        scope: Scope::Everything,
        retired: BTreeSet::new(),
        index_was_whole: true,
        failed: BTreeSet::new(),
        unnamed_templates: BTreeMap::new(),
        allow_shrink: true,
    }
}

/// A plain run replaces nothing but what the tool itself wrote; no run empties or removes a file.
fn kept(mode: Mode, before: Option<&[u8]>, path: &Path, texts: &[String]) {
    let Some(before) = before else { return };
    let after = fs::read(path).expect("no run removes a runbook");
    if matches!(mode, Mode::Plain { .. }) && after != before {
        let shape = |bytes: &[u8]| Shaped::read(bytes).map(|shaped| shaped.text);
        let written = [&texts[2], &texts[3]].map(|text| shape(text.as_bytes()));
        assert!(written.contains(&shape(before)), "an edited file was replaced by a plain run");
    }
}

fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut tree = BTreeMap::new();
    for place in ["", STATE_FOLDER, &format!("{STATE_FOLDER}/pristine")] {
        for name in fs::names_in(&folder.join(place)).expect("a folder").unwrap_or_default() {
            let path = folder.join(place).join(&name);
            if let Ok(bytes) = fs::read(&path) {
                tree.insert(format!("{place}/{name}"), bytes);
            }
        }
    }
    tree
}
