//! What Python modules of exports know of finding types.

use serde::Serialize;

use super::brief;
use super::template::render;
use crate::catalogue::CatalogueEntry;
use crate::guidance::{Kind, Origin, Part, library};
use crate::severity::SeverityLevel;

/// A text as a Python string. JSON's quoting is Python's, too.
pub(super) fn string(text: &str) -> String {
    // The only escapes of JSON that Python reads otherwise are surrogates, which are never written.
    serde_json::to_string(text).expect("a text can always be written")
}

/// Python code that defines `RUNBOOKS`, `RESOURCE_PATHS` and the like.
pub(super) fn known(entries: &[&CatalogueEntry]) -> String {
    let entries: Vec<KnownType> = entries.iter().map(|entry| known_type(entry)).collect();
    let is_used = |paths: &KindPaths| entries.iter().any(|entry| entry.kind == paths.kind);
    let kinds = library().kinds.values().filter_map(kind_paths).filter(is_used).collect();
    let unknown = string(&brief::first_move_of_unknown());
    let template = include_str!("templates/python/known.py.jinja");
    render(template, Known { unknown, kinds, entries }).trim_end().to_owned()
}

/// What the template sees; texts are Python strings.
#[derive(Serialize)]
struct Known {
    unknown: String,
    kinds: Vec<KindPaths>,
    entries: Vec<KnownType>,
}

/// A finding type.
#[derive(Serialize)]
struct KnownType {
    name: String,
    slug: String,
    severity: String,
    kind: String,
    steps: Vec<String>,
}

/// Where a finding names the resource of a kind.
#[derive(Serialize)]
struct KindPaths {
    kind: String,
    paths: Vec<String>,
}

fn kind_paths(kind: &Kind) -> Option<KindPaths> {
    let placeholder = library().placeholders.get(&kind.alone.as_ref()?.placeholder)?;
    // In attack sequences, resources are many, and told from each other by their type.
    let is_plain =
        |origin: &&Origin| origin.part == Part::Whole && origin.path.starts_with("resource.");
    let origins = placeholder.from.iter().filter(is_plain);
    let paths: Vec<String> = origins.map(|origin| string(&origin.path)).collect();
    (!paths.is_empty()).then(|| KindPaths { kind: string(&kind.id), paths })
}

fn known_type(entry: &CatalogueEntry) -> KnownType {
    let name = &entry.finding_type;
    // Where AWS gives no level, the middle: a finding says its own.
    let level = entry.severity.as_ref().and_then(|severity| severity.level);
    let level = level.unwrap_or(SeverityLevel::Medium);
    KnownType {
        name: string(name.as_str()),
        slug: string(name.slug().as_str()),
        severity: string(&level.as_str().to_ascii_lowercase()),
        kind: string(library().guidance(name).kind.unwrap_or_default()),
        steps: brief::steps(name).iter().map(|step| string(step)).collect(),
    }
}
