//! The signals of an attack sequence.

use std::collections::HashMap;

use serde_json::Value;

use super::rows::SIGNAL;
use super::{Detail, Field, read};
use crate::finding::path;
use crate::moment::Moment;

const SEQUENCE: &str = "service.detection.sequence";

/// The signals, first seen first; actors, resources and endpoints by their names.
pub(super) fn of(finding: &Value) -> Vec<Detail> {
    let names = [
        ("actors", names(finding, "actors", "id", "user.name|process.name|session.uid")),
        ("resources", names(finding, "resources", "uid", "name")),
        ("endpoints", names(finding, "endpoints", "id", "ip|domain")),
    ];
    let mut signals: Vec<&Value> = read::bases(&SIGNAL, finding).collect();
    signals.sort_by_cached_key(|signal| first_seen(signal));
    let signal = |signal: &Value| {
        let mut fields = read::fields(&SIGNAL, signal);
        fields.retain(|field| !field.name.starts_with("indicators"));
        for (field, names) in &names {
            let affected = fields.iter_mut().filter(|one| one.name == *field);
            affected.for_each(|one| name(&mut one.values, names));
        }
        let severity = signal.get("severity").and_then(read::severity).unwrap_or_default();
        fields.extend(severity.into_iter().filter(|field| field.name == "level"));
        let indicators = indicators(signal);
        if !indicators.is_empty() {
            fields.push(Field { name: "indicators", values: indicators, is_list: true });
        }
        Detail::Fields(fields)
    };
    signals.into_iter().map(signal).filter(|one| *one != Detail::Fields(Vec::new())).collect()
}

/// When a signal was first seen. Those without a time that can be read come last.
fn first_seen(signal: &Value) -> (bool, Option<Moment>) {
    let seen = ["firstSeenAt", "createdAt"].iter().find_map(|name| signal.get(name));
    let moment = seen.and_then(Moment::of);
    (moment.is_none(), moment)
}

/// The names of the actors, resources or endpoints, by their ids.
fn names(finding: &Value, kind: &str, id: &str, name: &str) -> HashMap<String, String> {
    let all = path::all(finding, &format!("{SEQUENCE}.{kind}[]")).into_iter();
    let named = all.filter_map(|one| {
        let id = read::text(one.get(id)?)?;
        Some((id, read::texts(one, name).into_iter().next()?))
    });
    named.collect()
}

fn name(ids: &mut Vec<String>, names: &HashMap<String, String>) {
    for id in ids.iter_mut() {
        if let Some(name) = names.get(id) {
            id.clone_from(name);
        }
    }
    let mut seen = Vec::new();
    ids.retain(|id| {
        let new = !seen.contains(id);
        seen.push(id.clone());
        new
    });
}

/// What is suspicious about a signal: `ATTACK_TACTIC: Discovery, Persistence`.
fn indicators(signal: &Value) -> Vec<String> {
    let indicator = |one: &Value| {
        let title = read::texts(one, "title|key").into_iter().next()?;
        let values = read::texts(one, "values[]").join(", ");
        Some(if values.is_empty() { title } else { format!("{title}: {values}") })
    };
    path::all(signal, "signalIndicators[]").into_iter().filter_map(indicator).collect()
}
