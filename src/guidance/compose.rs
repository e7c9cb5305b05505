//! The guidance of one finding type, composed of what its kind, its family and itself have to say.

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;

use super::attack::AttackEntry;
use super::common::Common;
use super::family::Family;
use super::finding_type_guidance::{Field, FindingTypeGuidance};
use super::kind::{Kind, Lookup};
use super::library::Library;
use super::placeholder::{self, Placeholder};
use super::step::{Question, Step};
use super::suppression::{Suppression, criteria};
use super::value_type::ValueType;
use crate::finding_type::FindingType;

/// The guidance of one finding type. Texts are Markdown, in which placeholders read
/// `<INSTANCE_ID>`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Guidance<'l> {
    /// Why the steps are not this type's own: a sentence where the program does not know the type.
    pub foreign: Option<String>,
    /// The id of the kind of resource.
    pub kind: Option<&'l str>,
    /// The id of the threat family.
    pub family: Option<&'l str>,
    /// What GuardDuty saw and why it matters.
    pub summary: Option<&'l str>,
    /// What decides the severity, where it varies.
    pub severity: Option<&'l str>,
    /// What to do before anything else.
    pub first_move: &'l str,
    /// The decisions as a picture, in Mermaid.
    pub flow: Option<&'l str>,
    /// What the finding itself tells.
    pub fields: &'l [Field],
    /// What to find out: the type's own questions first.
    pub questions: Vec<&'l Question>,
    /// How to see what else was found on the resource and in the account.
    pub alone: &'l Step,
    /// How to see that `kubectl` talks to the right cluster, where a step uses it.
    pub cluster: Option<&'l Step>,
    /// What shows what the resource is.
    pub scope: &'l [Step],
    /// Where to look: the type's own steps first.
    pub investigate: Vec<&'l Step>,
    /// What keeps evidence, before anything is changed.
    pub collect: &'l [Step],
    /// How to see that commands go to the right account.
    pub account: &'l str,
    /// What stops the damage.
    pub contain: Vec<&'l Step>,
    /// What removes the cause.
    pub eradicate: &'l [Step],
    /// What brings the resource back.
    pub recover: &'l [Step],
    /// What else it can be.
    pub benign: Vec<&'l str>,
    /// Whether its findings may be suppressed.
    pub suppression: Suppression,
    /// When to call others.
    pub escalate: &'l [String],
    /// What to see to before the case is closed.
    pub close: &'l [String],
    /// How the case is closed.
    pub close_steps: &'l [Step],
    /// What asks the same as the queries where the logs are not in Athena: in CloudTrail Lake, in
    /// CloudWatch Logs.
    pub elsewhere: Vec<&'l Step>,
    /// ATT&CK tactics.
    pub tactics: Vec<&'l AttackEntry>,
    /// ATT&CK techniques.
    pub techniques: Vec<&'l AttackEntry>,
    /// Ids of MITRE ATLAS.
    pub atlas: &'l [String],
    /// Why there is no tactic.
    pub no_attack: Option<&'l str>,
}

/// What is known of a finding type.
struct Layers<'l> {
    own: Option<&'l FindingTypeGuidance>,
    kind: Option<&'l Kind>,
    family: Option<&'l Family>,
}

impl Library {
    /// The guidance of a finding type. Of one that the library does not have, kind and family
    /// are told by its name.
    pub fn guidance(&self, finding_type: &FindingType) -> Guidance<'_> {
        let layers = self.layers(finding_type);
        let Layers { own, kind, family } = layers;
        let steps = |steps: fn(&Kind) -> &Vec<Step>| kind.map_or(&[][..], |kind| steps(kind));
        let own_questions = own.map_or(&[][..], |own| &own.questions);
        let family_questions = family.map_or(&[][..], |family| &family.questions);
        let own_steps = own.map_or(&[][..], |own| &own.investigate);
        let family_steps = family.map_or(&[][..], |family| &family.investigate);
        let benign = family.map_or(&[][..], |family| &family.benign).iter();
        let own_benign = own.map_or(&[][..], |own| &own.benign).iter();
        let own_first_move = own.and_then(|own| own.first_move.as_deref());
        let family_first_move = family.map(|family| family.first_move.as_str());
        let (tactics, techniques) = self.attack(finding_type);
        let uses_kubectl = |step: &Step| step.blocks.uses_kubectl();
        let first_look = self.first_look(kind);
        let has_cluster = kind.is_some_and(|kind| kind.steps().any(uses_kubectl))
            || own_steps.iter().chain(family_steps).any(uses_kubectl);
        let mut guidance = Guidance {
            foreign: layers.foreign(finding_type),
            kind: kind.map(|kind| kind.id.as_str()),
            family: family.map(|family| family.id.as_str()),
            summary: own.map(|own| own.summary.as_str()),
            severity: own.and_then(|own| own.severity.as_deref()),
            first_move: own_first_move.or(family_first_move).unwrap_or(&self.common.first_move),
            flow: family.and_then(|family| family.flow.as_deref()),
            fields: own.map_or(&[], |own| &own.fields),
            questions: own_questions.iter().chain(family_questions).collect(),
            alone: &first_look.alone,
            cluster: has_cluster.then_some(&self.common.cluster),
            scope: &first_look.scope,
            investigate: own_steps.iter().chain(family_steps).collect(),
            collect: steps(|kind| &kind.collect),
            account: &self.common.account,
            contain: steps(|kind| &kind.contain).iter().chain(self.shared(kind)).collect(),
            eradicate: steps(|kind| &kind.eradicate),
            recover: steps(|kind| &kind.recover),
            benign: own_benign.chain(benign).map(String::as_str).collect(),
            suppression: Suppression::new(
                finding_type,
                own.map(|own| &own.suppression),
                family.map(|family| family.suppression.as_str()),
                &self.common,
            ),
            escalate: &self.common.escalate,
            close: kind.map_or(&[], |kind| &kind.close),
            close_steps: &self.common.close,
            elsewhere: Vec::new(),
            tactics,
            techniques,
            atlas: own.map_or(&[], |own| &own.atlas),
            no_attack: own.and_then(|own| own.no_attack.as_deref()),
        };
        guidance.elsewhere = self.elsewhere(&guidance);
        guidance
    }

    /// The ATT&CK tactics and techniques of a finding type, in the order of its guidance.
    pub fn attack(&self, finding_type: &FindingType) -> (Vec<&AttackEntry>, Vec<&AttackEntry>) {
        let Some(own) = self.types.get(finding_type) else { return (Vec::new(), Vec::new()) };
        let named = &self.attack_names;
        let tactics = own.tactics.iter().filter_map(|id| named.tactics.get(id));
        let techniques = own.techniques.iter().filter_map(|id| named.techniques.get(id));
        (tactics.collect(), techniques.collect())
    }

    /// The ATT&CK tactics that finding types have, by id.
    pub fn tactics(&self) -> impl Iterator<Item = &AttackEntry> {
        self.attack_names.tactics.values()
    }

    /// The ATT&CK techniques that finding types have, by id.
    pub fn techniques(&self) -> impl Iterator<Item = &AttackEntry> {
        self.attack_names.techniques.values()
    }

    fn layers(&self, finding_type: &FindingType) -> Layers<'_> {
        let own = self.types.get(finding_type);
        if let Some(FindingTypeGuidance { kind, family, .. }) = own {
            return Layers { own, kind: self.kinds.get(kind), family: self.families.get(family) };
        }
        let has = |names: &[String], name| names.iter().any(|one| one == name);
        let (resource, purpose) = (finding_type.resource(), finding_type.threat_purpose());
        Layers {
            own,
            kind: self.kinds.values().find(|kind| has(&kind.resources, resource)),
            family: self.families.values().find(|family| has(&family.purposes, purpose)),
        }
    }

    fn first_look(&self, kind: Option<&Kind>) -> &FirstLook {
        let look = kind.and_then(|kind| self.first_looks.get(&kind.id));
        look.unwrap_or(&self.first_look_anywhere)
    }

    /// The shared steps that a kind names, in its order.
    fn shared<'l>(&'l self, kind: Option<&'l Kind>) -> impl Iterator<Item = &'l Step> {
        let ids = kind.map_or(&[][..], |kind| &kind.shared).iter();
        ids.filter_map(|id| self.common.shared.iter().find(|step| step.id == *id))
    }

    /// The queries over CloudTrail put for an event data store; what stands in CloudWatch Logs for
    /// each table of Athena that a query reads.
    fn elsewhere(&self, guidance: &Guidance) -> Vec<&Step> {
        let lake: Vec<&Step> = guidance.steps().filter_map(|step| self.lake.step(step)).collect();
        let how = (!lake.is_empty()).then_some(&self.common.lake);
        let has_query = |step: &&Step| step.code().any(|(language, _)| language == "sql");
        let tables: BTreeSet<&str> =
            guidance.steps().filter(has_query).flat_map(|step| self.tables(step)).collect();
        let stands_for = |step: &&Step| self.tables(step).any(|one| tables.contains(one));
        let insights = self.common.insights.iter().filter(stands_for);
        how.into_iter().chain(lake).chain(insights).collect()
    }

    /// The tables of Athena that a step names, as placeholders.
    fn tables<'s>(&self, step: &'s Step) -> impl Iterator<Item = &'s str> {
        step.blocks.placeholders().filter(|shown| {
            let placeholder = self.placeholders.get(&shown.to_ascii_lowercase());
            placeholder.is_some_and(|one| one.value_type == ValueType::TableName)
        })
    }
}

/// The first look at a resource of a kind, which all finding types of the kind have in common.
#[derive(Clone, Debug)]
pub(super) struct FirstLook {
    /// How to see what else was found on the resource and in the account.
    alone: Step,
    /// What shows what the resource is; its first commands end with a look at CloudTrail's event
    /// history.
    pub(super) scope: Vec<Step>,
}

impl FirstLook {
    pub(super) fn new(common: &Common, kind: Option<&Kind>) -> Self {
        let criterion = kind.and_then(|kind| kind.alone.as_ref());
        let alone = common.alone.with("<FINDING_CRITERIA>", &criteria(None, criterion));
        let mut scope = kind.map_or_else(Vec::new, |kind| kind.scope.clone());
        if let Some(Lookup { attribute, value }) = kind.and_then(|kind| kind.lookup.as_ref()) {
            let attribute = format!("AttributeKey={attribute},AttributeValue='{value}'");
            let trail = common.trail.with("<LOOKUP_ATTRIBUTE>", &attribute);
            match scope.first_mut() {
                Some(first) => *first = first.joined_by(&trail),
                None => scope.push(trail),
            }
        }
        Self { alone, scope }
    }
}

impl Layers<'_> {
    /// The sentence for a type that the library does not have.
    fn foreign(&self, finding_type: &FindingType) -> Option<String> {
        if self.own.is_some() {
            return None;
        }
        let kind = self.kind.map(|kind| format!("the resource ({})", kind.title));
        let family = self.family.map(|family| format!("the threat purpose ({})", family.title));
        let basis: Vec<String> = kind.into_iter().chain(family).collect();
        let basis = match basis.as_slice() {
            [] => "are those of any finding".to_owned(),
            basis => format!("follow from {}", basis.join(" and ")),
        };
        Some(format!(
            "This program has no guidance of its own for `{finding_type}`; the steps {basis}."
        ))
    }
}

impl Guidance<'_> {
    /// All its steps, in the order of the runbook.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.sections().into_iter().flat_map(|(_, steps)| steps)
    }

    /// All its steps by section, in the order of the runbook.
    pub fn sections(&self) -> [(&'static str, Vec<&Step>); 8] {
        let look = [self.alone].into_iter().chain(self.cluster).chain(self.scope);
        [
            ("investigate", look.chain(self.investigate.iter().copied()).collect()),
            ("collect", self.collect.iter().collect()),
            ("contain", self.contain.clone()),
            ("eradicate", self.eradicate.iter().collect()),
            ("recover", self.recover.iter().collect()),
            ("suppress", self.suppression.rule.iter().collect()),
            ("close", self.close_steps.iter().collect()),
            ("elsewhere", self.elsewhere.clone()),
        ]
    }

    /// The placeholders in it, in alphabetical order.
    pub fn placeholders<'p>(&self, library: &'p Library) -> Vec<&'p Placeholder> {
        let mut shown = HashSet::new();
        let mut add = |text| shown.extend(placeholder::shown_in(text));
        let suppression = &self.suppression;
        let single = [Some(self.first_move), Some(self.account), self.summary, self.severity];
        let cautions = [&suppression.caution, &suppression.never, &suppression.when];
        single.into_iter().flatten().for_each(&mut add);
        cautions.into_iter().flatten().for_each(|text| add(text));
        self.benign.iter().for_each(|text| add(text));
        self.escalate.iter().chain(self.close).for_each(|text| add(text));
        self.questions.iter().for_each(|question| add(&question.ask));
        shown.extend(self.questions.iter().flat_map(|question| question.answers.placeholders()));
        shown.extend(self.steps().flat_map(|step| step.blocks.placeholders()));
        // What is to be put in the place of one may name another one.
        let mut found = Vec::new();
        let mut new: Vec<&str> = shown.iter().copied().collect();
        while let Some(shown_one) = new.pop() {
            let name = shown_one.to_ascii_lowercase();
            let Some(placeholder) = library.placeholders.get(&name) else { continue };
            found.push(placeholder);
            new.extend(placeholder::shown_in(&placeholder.what).filter(|name| shown.insert(name)));
        }
        found.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        found
    }
}
