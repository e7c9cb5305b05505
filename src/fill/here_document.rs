//! What placeholders take in a here-document: to the shell it is text, to the program that reads it
//! a query, YAML, or JSON.

use std::ops::Range;

use super::language::QUERIES;
use super::place::{Only, Place};
use super::quotes::{Standing, standings};

/// Restricts the places in a here-document to what is harmless there. `body` is its place in the
/// code, whose places come in their order.
pub(super) fn restrict(code: &str, body: Range<usize>, places: &mut [Place]) {
    let from = places.partition_point(|place| place.range.start < body.start);
    let mut places = places[from..].iter_mut().peekable();
    for (range, standing) in standings(&code[body.clone()], QUERIES) {
        let start = body.start + range.start;
        while places.next_if(|place| place.range.start < start).is_some() {}
        let is_there =
            |place: &&mut Place| place.range.start == start && place.takes.delimiter.is_some();
        let Some(place) = places.next_if(is_there) else { continue };
        let only = match standing {
            Standing::Quoted => Only::All,
            _ if is_field(code, &place.range) => Only::Scalars,
            _ => Only::Words,
        };
        place.takes.only = place.takes.only.max(only);
        place.takes.in_query = true;
    }
}

/// Whether a placeholder is the whole value of a field in YAML: `name: <X>`.
fn is_field(code: &str, range: &Range<usize>) -> bool {
    let line = code[..range.start].rsplit('\n').next().unwrap_or_default();
    let rest = code[range.end..].split('\n').next().unwrap_or_default();
    let line = line.trim_start_matches([' ', '\t']);
    let line = line.strip_prefix("- ").unwrap_or(line);
    let key = line.trim_end_matches(' ').strip_suffix(':').unwrap_or_default();
    let is_key = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    rest.trim().is_empty() && line.ends_with(' ') && !key.is_empty() && key.chars().all(is_key)
}
