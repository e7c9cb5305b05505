//! A layer for the ATT&CK Navigator: which techniques finding types cover, and how severe they are.
//!
//! The format is 4.5
//! (<https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md>).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ExportFile, RunbookLinks};
use crate::catalogue::Finding;
use crate::guidance::{AttackEntry, library};
use crate::guide::GuideUrl;
use crate::severity::SeverityLevel;

/// The version of ATT&CK that guidance names techniques of.
const ATTACK_VERSION: &str = "18";

/// A technique's colour, by its score: from low to critical, and readable under black text.
const COLOURS: [&str; 4] = ["#fff2b3", "#ffcc66", "#ff9966", "#ff6666"];

/// The layer of these findings. Techniques link to runbooks where links are absolute, to AWS's
/// documentation otherwise: a layer may be opened anywhere.
pub fn file(findings: &[&Finding], links: &RunbookLinks, guide: &GuideUrl) -> ExportFile {
    let mut covered: BTreeMap<&str, (&AttackEntry, Vec<&Finding>)> = BTreeMap::new();
    for finding in findings {
        for entry in library().attack(&finding.finding_type).1 {
            covered.entry(&entry.id).or_insert((entry, Vec::new())).1.push(finding);
        }
    }
    let technique = |(entry, findings): &(&AttackEntry, Vec<&Finding>)| {
        technique(entry, findings, links, guide)
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
    entry: &AttackEntry,
    findings: &[&Finding],
    links: &RunbookLinks,
    guide: &GuideUrl,
) -> Technique {
    let link = |finding: &&Finding| Link {
        label: finding.finding_type.as_str().to_owned(),
        url: if links.are_absolute() {
            links.link(&finding.finding_type.slug())
        } else {
            guide.link(&finding.place)
        },
    };
    let is_counted = |level| move |finding: &&&Finding| highest(finding) == level;
    let count = |level| findings.iter().filter(is_counted(level)).count();
    let levels = SeverityLevel::ALL.map(|level| (level.as_str(), count(Some(level))));
    let levels = levels.into_iter().rev().chain([("Variable", count(None))]);
    let counted = levels.filter(|(_, count)| *count > 0);
    let counted = counted.map(|(name, count)| Pair { name, value: count.to_string() });
    let score = findings.iter().filter_map(|finding| highest(finding)).max();
    let names: Vec<&str> = findings.iter().map(|finding| finding.finding_type.as_str()).collect();
    Technique {
        technique_id: entry.id.clone(),
        // Where AWS gives no level at all, the middle of the scale.
        score: score.unwrap_or(SeverityLevel::Medium) as u8 + 1,
        enabled: true,
        comment: names.join("\n"),
        metadata: counted.collect(),
        links: findings.iter().map(link).collect(),
        show_subtechniques: entry.id.contains('.'),
    }
}

/// The highest level that a finding of the type has by default; none where AWS names no level.
fn highest(finding: &Finding) -> Option<SeverityLevel> {
    let signals = finding.signals.iter().map(|signal| signal.severity);
    let own = finding.severity.as_ref().and_then(|severity| severity.level);
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
