//! A folder of runbooks over the recorded states of the guide.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod adoption;
mod edits;
mod random;
mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use guardduty_runbooks::catalogue::Catalogue;
use guardduty_runbooks::finding_type::FindingType;
use guardduty_runbooks::fs;
use guardduty_runbooks::runbook::{Renderer, Template};
use guardduty_runbooks::workspace::{
    Mode, Origin, Outcome, Plan, Rendered, STATE_FOLDER, Scope, Update, Upstream, Workspace,
};

use crate::real;

pub(crate) const PLAIN: Mode = Mode::Plain { overwrite: false, backup: false };

pub(crate) fn update() -> Mode {
    Mode::Update(Update::default())
}

/// What a run from that state of the guide knows, rendered through one template.
pub(crate) fn upstream(state: &str, template: Template) -> Option<Upstream> {
    let catalogue = real::state(state)?.catalogue;
    Some(from_catalogue(&catalogue, template))
}

fn from_catalogue(catalogue: &Catalogue, template: Template) -> Upstream {
    let name = if matches!(template, Template::Classic) { "classic" } else { "runbook" };
    let renderer = Renderer::new(template, BTreeMap::new(), true).unwrap();
    let runbook = |finding: &guardduty_runbooks::catalogue::CatalogueEntry| Rendered {
        finding_type: finding.finding_type.clone(),
        text: renderer.render(finding, catalogue).unwrap().into(),
        origin: if finding.text.is_some() { Origin::Aws } else { Origin::Builtin },
        template: name.to_owned(),
    };
    let types = catalogue.entries.iter().map(|finding| finding.finding_type.clone());
    Upstream {
        runbooks: catalogue.entries.iter().map(runbook).collect(),
        scope: Scope::Everything,
        active: types.collect::<BTreeSet<FindingType>>(),
        retired: catalogue.retired.clone(),
        index_was_whole: true,
        failed: catalogue.failed.clone(),
        unnamed_templates: BTreeMap::new(),
        allow_shrink: false,
    }
}

/// A folder of runbooks that is removed when the test ends.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("runbooks")
    }

    pub(crate) fn run(&self, upstream: &Upstream, mode: Mode) -> (Plan, Outcome) {
        let workspace = self.load();
        let plan = workspace.plan(upstream, mode).unwrap();
        let outcome = workspace.apply(&plan).unwrap();
        assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
        (plan, outcome)
    }

    pub(crate) fn load(&self) -> Workspace {
        Workspace::load(&self.path()).unwrap()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(&self.path().join(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(&self.path().join(name), text.as_bytes()).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove(&self.path().join(name)).unwrap();
    }

    /// Every file, the tool's own included, with what it holds.
    pub(crate) fn tree(&self) -> BTreeMap<String, String> {
        let mut tree = BTreeMap::new();
        for folder in ["", STATE_FOLDER, &format!("{STATE_FOLDER}/pristine")] {
            let path = self.path().join(folder);
            for name in fs::names_in(&path).unwrap().unwrap_or_default() {
                if path.join(&name).is_file() {
                    let text = fs::read_to_string(&path.join(&name)).unwrap();
                    tree.insert(format!("{folder}/{name}"), text);
                }
            }
        }
        tree
    }
}
