//! A layer for the ATT&CK Navigator: which techniques finding types cover, and how severe they are.
//!
//! The format is 4.5
//! (<https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md>).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ExportFile, RunbookLinks};
use crate::catalogue::CatalogueEntry;
use crate::guidance::{AttackEntry, library};
use crate::guide::GuideUrl;
use crate::severity::SeverityLevel;

/// The version of ATT&CK that guidance names techniques of.
const ATTACK_VERSION: &str = "18";

/// A technique's colour, by its score: from low to critical, and readable under black text.
const COLOURS: [&str; 4] = ["#fff2b3", "#ffcc66", "#ff9966", "#ff6666"];

/// The layer of these finding types. Techniques link to runbooks where links are absolute, to AWS's
/// documentation otherwise: a layer may be opened anywhere.
pub fn file(entries: &[&CatalogueEntry], links: &RunbookLinks, guide: &GuideUrl) -> ExportFile {
    let mut covered: BTreeMap<&str, (&AttackEntry, Vec<&CatalogueEntry>)> = BTreeMap::new();
    for entry in entries {
        for technique in library().attack(&entry.finding_type).1 {
            covered.entry(&technique.id).or_insert((technique, Vec::new())).1.push(entry);
        }
    }
    let technique = |(attack, entries): &(&AttackEntry, Vec<&CatalogueEntry>)| {
        technique(attack, entries, links, guide)
    };
    let layer = Layer {
        name: "Amazon GuardDuty",
        versions: Versions { attack: ATTACK_VERSION, navigator: "5.1.0", layer: "4.5" },
        domain: "enterprise-attack",
        description: "Techniques that Amazon GuardDuty's finding types cover. The score is the \
                      highest severity among them: 4 critical, 3 high, 2 medium, 1 low.",
        filters: Filters { platforms: ["IaaS", "Containers", "Linux", "Windows"] },
        sorting: 3,
        layout: Layout { layout: "side", show_id: true, show_name: true },
        hide_disabled: false,
        techniques: covered.values().map(technique).collect(),
        gradient: Gradient { colors: COLOURS, min_value: 1, max_value: 4 },
        legend_items: SeverityLevel::ALL.into_iter().zip(COLOURS).map(legend).collect(),
        show_tactic_row_background: false,
        select_techniques_across_tactics: true,
        select_subtechniques_with_parent: false,
    };
    let text = serde_json::to_string_pretty(&layer).expect("the layer holds texts and numbers");
    ExportFile::new("guardduty-navigator.json", format!("{text}\n"))
}

fn technique(
    attack: &AttackEntry,
    entries: &[&CatalogueEntry],
    links: &RunbookLinks,
    guide: &GuideUrl,
) -> Technique {
    let link = |entry: &&CatalogueEntry| Link {
        label: entry.finding_type.as_str().to_owned(),
        url: if links.are_absolute() {
            links.link(&entry.finding_type.slug())
        } else {
            guide.link(&entry.place)
        },
    };
    let is_counted = |level| move |entry: &&&CatalogueEntry| highest(entry) == level;
    let count = |level| entries.iter().filter(is_counted(level)).count();
    let levels = SeverityLevel::ALL.map(|level| (level.as_str(), count(Some(level))));
    let levels = levels.into_iter().rev().chain([("Variable", count(None))]);
    let counted = levels.filter(|(_, count)| *count > 0);
    let counted = counted.map(|(name, count)| Pair { name, value: count.to_string() });
    let score = entries.iter().filter_map(|entry| highest(entry)).max();
    let names: Vec<&str> = entries.iter().map(|entry| entry.finding_type.as_str()).collect();
    Technique {
        technique_id: attack.id.clone(),
        // Where AWS gives no level at all, the middle of the scale.
        score: score.unwrap_or(SeverityLevel::Medium) as u8 + 1,
        enabled: true,
        comment: names.join("\n"),
        metadata: counted.collect(),
        links: entries.iter().map(link).collect(),
        show_subtechniques: attack.id.contains('.'),
    }
}

/// The highest level that a finding of the type has by default; none where AWS names no level.
fn highest(entry: &CatalogueEntry) -> Option<SeverityLevel> {
    let signals = entry.signals.iter().map(|signal| signal.severity);
    let own = entry.severity.as_ref().and_then(|severity| severity.level);
    own.into_iter().chain(signals).max()
}

fn legend((level, color): (SeverityLevel, &'static str)) -> LegendItem {
    LegendItem { label: level.as_str(), color }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    name: &'static str,
    versions: Versions,
    domain: &'static str,
    description: &'static str,
    filters: Filters,
    sorting: u8,
    layout: Layout,
    hide_disabled: bool,
    techniques: Vec<Technique>,
    gradient: Gradient,
    legend_items: Vec<LegendItem>,
    show_tactic_row_background: bool,
    select_techniques_across_tactics: bool,
    select_subtechniques_with_parent: bool,
}

#[derive(Serialize)]
struct Versions {
    attack: &'static str,
    navigator: &'static str,
    layer: &'static str,
}

#[derive(Serialize)]
struct Filters {
    platforms: [&'static str; 4],
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "they are the names of the format")]
struct Layout {
    layout: &'static str,
    #[serde(rename = "showID")]
    show_id: bool,
    #[serde(rename = "showName")]
    show_name: bool,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "they are the names of the format")]
#[serde(rename_all = "camelCase")]
struct Technique {
    #[serde(rename = "techniqueID")]
    technique_id: String,
    score: u8,
    enabled: bool,
    comment: String,
    metadata: Vec<Pair>,
    links: Vec<Link>,
    show_subtechniques: bool,
}

#[derive(Serialize)]
struct Pair {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Link {
    label: String,
    url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Gradient {
    colors: [&'static str; 4],
    min_value: u8,
    max_value: u8,
}

#[derive(Serialize)]
struct LegendItem {
    label: &'static str,
    color: &'static str,
}
