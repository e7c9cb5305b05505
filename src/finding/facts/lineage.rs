//! The ancestors of a process.

use serde_json::Value;

use super::rows::Row;
use super::{Detail, Field, read};
use crate::finding::path;

/// What says whose parent a process is, besides the fields that are shown; for the test that walks
/// the model.
#[cfg(test)]
pub(super) const LINKS: [&str; 3] = ["parentUuid", "lineage[].uuid", "lineage[].parentUuid"];

/// The ancestors of a process, its parent first. Their ids tell the order; ancestors that the chain
/// does not reach follow in the finding's order.
pub(super) fn of(row: &Row, process: &Value) -> Vec<Detail> {
    let mut rest: Vec<&Value> = path::all(process, "lineage[]");
    let mut ordered = Vec::with_capacity(rest.len());
    let mut parent = id(process, "parentUuid");
    while let Some(at) =
        parent.and_then(|id_| rest.iter().position(|one| id(one, "uuid") == Some(id_)))
    {
        let ancestor = rest.remove(at);
        parent = id(ancestor, "parentUuid");
        ordered.push(ancestor);
    }
    ordered.extend(rest);
    let detail = |ancestor: &Value| {
        let field = |&(name, path): &(&'static str, &'static str)| {
            let values = read::texts(ancestor, path.strip_prefix("lineage[].").unwrap_or(path));
            (!values.is_empty()).then_some(Field { name, values, is_list: false })
        };
        row.parts.iter().filter_map(field).collect::<Vec<Field>>()
    };
    let details = ordered.into_iter().map(detail).filter(|fields| !fields.is_empty());
    details.map(Detail::Fields).collect()
}

fn id<'v>(process: &'v Value, name: &str) -> Option<&'v str> {
    process.get(name).and_then(Value::as_str)
}
