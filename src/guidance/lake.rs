//! Queries over CloudTrail for teams that have it in CloudTrail Lake rather than in Athena.
//!
//! Both speak Trino's SQL, over tables that differ: in an event data store, `eventtime` is a
//! timestamp and bounds the query in place of a partition, `readonly` is a boolean, and parameters
//! are maps from text to text rather than JSON
//! (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html>).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::step::{Block, Step};

/// The clause that bounds a query over AWS's Athena table of CloudTrail, and what bounds one over
/// an event data store to the same days.
const BOUNDS: (&str, &str) = (
    "\"timestamp\" BETWEEN '<WINDOW_START_DAY>' AND '<WINDOW_END_DAY>'",
    "eventtime >= date_parse('<WINDOW_START_DAY>', '%Y/%m/%d') \
     AND eventtime < date_parse('<WINDOW_END_DAY>', '%Y/%m/%d') + INTERVAL '1' DAY",
);
const TABLE: (&str, &str) = ("<CLOUDTRAIL_TABLE>", "<EVENT_DATA_STORE_ID>");
/// An event data store can hold a whole organization: rows say whose they are.
const ROWS: (&str, &str) = ("SELECT eventtime, ", "SELECT eventtime, recipientaccountid, ");
const READONLY: (&str, &str) = ("readonly = 'false'", "readonly = false");
/// Moments with which `eventtime` is compared.
const MOMENTS: [(&str, &str); 2] = [
    ("'<WINDOW_START>'", "from_iso8601_timestamp('<WINDOW_START>')"),
    ("'<WINDOW_END>'", "from_iso8601_timestamp('<WINDOW_END>')"),
];
/// Columns that are JSON in the one table and maps in the other.
const MAPS: [&str; 3] = ["requestparameters", "responseelements", "additionaleventdata"];

/// The steps that have such queries, each put for an event data store when it is first asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Lake(BTreeMap<String, OnceLock<Step>>);

impl Lake {
    /// The queries of these steps, which are told apart by their ids.
    pub(super) fn new<'s>(steps: impl Iterator<Item = &'s Step>) -> Self {
        let with_queries = steps.filter(|step| queries(step).next().is_some());
        Self(with_queries.map(|step| (step.id.clone(), OnceLock::new())).collect())
    }

    /// The step for an event data store; none where it has no such query.
    pub(super) fn step(&self, step: &Step) -> Option<&Step> {
        let made = self.0.get(&step.id)?;
        Some(made.get_or_init(|| for_event_data_store(step)))
    }
}

/// The queries over Athena's table of CloudTrail.
fn queries(step: &Step) -> impl Iterator<Item = &str> {
    let code = step.code().filter(|(language, text)| *language == "sql" && text.contains(TABLE.0));
    code.map(|(_, text)| text)
}

/// The step with its queries over Athena's table of CloudTrail put as ones over an event data
/// store.
fn for_event_data_store(step: &Step) -> Step {
    let put = |text| Block::Code { language: "sql".to_owned(), text: query(text) };
    let blocks = queries(step).map(put).collect::<Vec<_>>().into();
    Step { id: format!("{}-lake", step.id), title: step.title.clone(), blocks }
}

fn query(athena: &str) -> String {
    let mut query = athena.to_owned();
    for (from, to) in [BOUNDS, TABLE, ROWS, READONLY].into_iter().chain(MOMENTS) {
        query = query.replace(from, to);
    }
    for column in MAPS {
        query = query.replace(
            &format!("{column} LIKE"),
            &format!("json_format(CAST({column} AS json)) LIKE"),
        );
        query = members(&query, column);
    }
    query
}

/// The query with each `json_extract_scalar(column, '$.member')` read from a map. What lies deeper
/// is JSON in the map's value.
fn members(query: &str, column: &str) -> String {
    let call = format!("json_extract_scalar({column}, '$");
    let mut pieces = query.split(&call);
    let mut translated = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (path, rest) = piece.split_once("')").unwrap_or((piece, ""));
        let path = path.trim_start_matches('.').trim_start_matches("[\"").trim_end_matches("\"]");
        translated.push_str(&match path.split_once('.') {
            None => format!("element_at({column}, '{path}')"),
            Some((member, below)) => {
                format!("json_extract_scalar(element_at({column}, '{member}'), '$.{below}')")
            }
        });
        translated.push_str(rest);
    }
    translated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_put_for_an_event_data_store() {
        let athena = "SELECT eventtime, json_extract_scalar(requestparameters, '$.key') AS key, \
            json_extract_scalar(responseelements, '$.credentials.accessKeyId') AS new_key, \
            json_extract_scalar(requestparameters, '$[\"x-amz-copy-source\"]')\n\
            FROM <CLOUDTRAIL_TABLE>\nWHERE \"timestamp\" BETWEEN '<WINDOW_START_DAY>' AND \
            '<WINDOW_END_DAY>' AND eventtime >= '<WINDOW_START>' AND readonly = 'false' \
            AND requestparameters LIKE '%userData%'";
        let lake = "SELECT eventtime, recipientaccountid, element_at(requestparameters, 'key') AS key, \
            json_extract_scalar(element_at(responseelements, 'credentials'), '$.accessKeyId') AS new_key, \
            element_at(requestparameters, 'x-amz-copy-source')\n\
            FROM <EVENT_DATA_STORE_ID>\nWHERE eventtime >= date_parse('<WINDOW_START_DAY>', '%Y/%m/%d') \
            AND eventtime < date_parse('<WINDOW_END_DAY>', '%Y/%m/%d') + INTERVAL '1' DAY \
            AND eventtime >= from_iso8601_timestamp('<WINDOW_START>') AND readonly = false \
            AND json_format(CAST(requestparameters AS json)) LIKE '%userData%'";
        assert_eq!(query(athena), lake);
    }

    #[test]
    fn only_queries_over_cloudtrail_are_taken() {
        let code = |language: &str, text: &str| Block::Code {
            language: language.to_owned(),
            text: text.to_owned(),
        };
        let prose = Block::Prose("Athena over CloudTrail.".to_owned());
        let step = |blocks: Vec<Block>| {
            let (id, title) = ("a".to_owned(), "What it did".to_owned());
            Step { id, title, blocks: blocks.into() }
        };
        let flows = code("sql", "SELECT 1 FROM <VPC_FLOW_TABLE>");
        let mixed = vec![prose, flows.clone(), code("sql", "SELECT 1 FROM <CLOUDTRAIL_TABLE>")];
        let (mixed, flows) = (step(mixed), Step { id: "b".to_owned(), ..step(vec![flows]) });
        let lake = Lake::new([&mixed, &flows].into_iter());
        assert_eq!(lake.step(&flows), None);
        let lake = lake.step(&mixed).unwrap();
        assert_eq!((lake.id.as_str(), lake.title.as_str()), ("a-lake", "What it did"));
        assert_eq!(*lake.blocks, [code("sql", "SELECT 1 FROM <EVENT_DATA_STORE_ID>")]);
    }
}
