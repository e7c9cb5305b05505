//! A folder of runbooks for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{
    Action, ActionKind, Mode, Origin, Outcome, Plan, Rendered, Scope, Upstream, Workspace,
};
use crate::finding_type::FindingType;
use crate::fs::{self, Kind};

pub(crate) const PLAIN: Mode = Mode::Plain { overwrite: false, backup: false };

pub(crate) fn finding_type(name: &str) -> FindingType {
    name.parse().unwrap()
}

/// A runbook with AWS's text in the usual template.
pub(crate) fn aws(name: &str, body: &str) -> Rendered {
    let text = format!("---\nfinding_type: {name}\nstatus: active\n---\n\n# {name}\n\n{body}\n");
    let template = "runbook".to_owned();
    Rendered { finding_type: finding_type(name), text: text.into(), origin: Origin::Aws, template }
}

/// A runbook from the built-in catalogue.
pub(crate) fn builtin(name: &str, body: &str) -> Rendered {
    Rendered { origin: Origin::Builtin, ..aws(name, body) }
}

/// What a source says that lists exactly these runbooks.
pub(crate) fn upstream(runbooks: &[Rendered]) -> Upstream {
    Upstream {
        runbooks: runbooks.to_vec(),
        scope: Scope::Everything,
        active: runbooks.iter().map(|runbook| runbook.finding_type.clone()).collect(),
        retired: BTreeSet::new(),
        index_was_whole: true,
        failed: BTreeSet::new(),
        unnamed_templates: BTreeMap::new(),
        allow_shrink: false,
    }
}

/// A folder that is removed when the test ends.
pub(crate) struct Folder {
    folder: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("runbooks")
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        fs::write(&self.path().join(name), text.as_ref()).unwrap();
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(&self.path().join(name)).unwrap()
    }

    pub(crate) fn remove(&self, name: &str) -> &Self {
        fs::remove(&self.path().join(name)).unwrap();
        self
    }

    pub(crate) fn load(&self) -> Workspace {
        Workspace::load(&self.path()).unwrap()
    }

    pub(crate) fn plan(&self, upstream: &Upstream, mode: Mode) -> Plan {
        self.load().plan(upstream, mode).unwrap()
    }

    pub(crate) fn run(&self, upstream: &Upstream, mode: Mode) -> (Plan, Outcome) {
        let workspace = self.load();
        let plan = workspace.plan(upstream, mode).unwrap();
        let outcome = workspace.apply(&plan).unwrap();
        (plan, outcome)
    }

    /// Every file below the folder with what it holds.
    pub(crate) fn tree(&self) -> BTreeMap<String, String> {
        let mut tree = BTreeMap::new();
        collect(&self.path(), "", &mut tree);
        tree
    }

    /// A copy of the folder as it is now.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new();
        for (name, bytes) in self.tree() {
            copy.write(&name, bytes);
        }
        copy
    }
}

fn collect(folder: &Path, prefix: &str, tree: &mut BTreeMap<String, String>) {
    for name in fs::names_in(folder).unwrap().unwrap_or_default() {
        let path = folder.join(&name);
        if fs::kind(&path).unwrap() == Kind::Folder {
            collect(&path, &format!("{prefix}{name}/"), tree);
        } else {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            tree.insert(format!("{prefix}{name}"), text);
        }
    }
}

/// What a plan does to a finding type.
pub(crate) fn action<'p>(plan: &'p Plan, name: &str) -> &'p Action {
    let slug = finding_type(name).slug();
    plan.actions.iter().find(|action| action.slug == slug).expect("an action for the type")
}

pub(crate) fn kind<'p>(plan: &'p Plan, name: &str) -> &'p ActionKind {
    &action(plan, name).kind
}
