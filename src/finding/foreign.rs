//! What JSON, or text, looks like that is no finding of GuardDuty.

use std::fmt;

use serde_json::{Map, Value};

/// Something else than a finding of GuardDuty, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// No byte at all.
    Nothing,
    /// Only white space, or a list of findings without a finding.
    NoRecords,
    /// A record of CloudTrail, and the API call that it is about.
    CloudTrail(String),
    /// Something of AWS Config.
    Config,
    /// A notification of S3 about an object, which may hold findings.
    S3Object {
        /// The bucket.
        bucket: String,
        /// The key of the object.
        key: String,
    },
    /// A finding of another product in Security Hub.
    SecurityHub(String),
    /// An event of OCSF of another product or class.
    Ocsf {
        /// The product that it comes from.
        product: String,
        /// Its class.
        class: String,
    },
    /// An event of EventBridge from another source.
    EventBridge {
        /// Who sent it.
        source: String,
        /// What it is about.
        detail_type: String,
    },
    /// A message that proves that notifications arrive, or a template of the Lambda console.
    Test,
    /// A message by which SNS asks to confirm a subscription.
    Subscription,
    /// Ids of findings, as `list-findings` gives them.
    Ids,
    /// Records of a stream, whose data are encoded.
    Stream,
    /// Numbers about findings, as `get-findings-statistics` gives them.
    Statistics,
    /// The answer of an API that refused.
    Refusal(String),
    /// A page.
    Html,
    /// UTF-16, as some shells write files.
    Utf16,
    /// A compressed or packed file other than gzip, and what it is.
    Packed(&'static str),
    /// Text, and its beginning.
    Text(String),
    /// A finding within more envelopes than are opened.
    TooManyEnvelopes,
    /// An object, and its first fields.
    Object(Vec<String>),
}

impl Foreign {
    /// What to give instead.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Ids => {
                "get the findings: `aws guardduty get-findings --detector-id ID --finding-ids …`"
            }
            Self::S3Object { .. } => "give what the object holds: `aws s3 cp s3://BUCKET/KEY -`",
            Self::Stream => "decode the data of its records first (`base64 --decode`)",
            Self::Utf16 => "save the file as UTF-8",
            Self::Packed(_) => "unpack it first; of the packed formats only gzip is read",
            Self::Refusal(_) => "see to the request that was refused",
            _ => {
                "accepted are findings of GuardDuty as JSON, gzip or not: of its S3 export, of \
                 `aws guardduty get-findings`, of EventBridge (also within SNS or SQS), and of \
                 Security Hub (ASFF or OCSF); one, a list, or one after another"
            }
        }
    }

    /// What a text is that is no JSON, told by its beginning.
    pub(super) fn of_text(head: &str) -> Self {
        let trimmed = head.trim_start();
        let lower = trimmed.get(..trimmed.len().min(20)).unwrap_or_default().to_ascii_lowercase();
        if trimmed.is_empty() {
            Self::NoRecords
        } else if lower.starts_with("<!doctype") || lower.starts_with("<html") {
            Self::Html
        } else if let Some((_, name)) = PACKED.iter().find(|(magic, _)| trimmed.starts_with(magic))
        {
            Self::Packed(name)
        } else if trimmed.contains('\0') && trimmed.chars().filter(|&c| c == '\0').count() > 4 {
            Self::Utf16
        } else {
            Self::Text(quoted(trimmed))
        }
    }

    pub(super) fn of_object(object: &Map<String, Value>) -> Self {
        Self::Object(object.keys().take(5).map(|name| quoted(name)).collect())
    }
}

/// The first bytes of packed files, as far as they are text.
/// Gzip is unpacked once.
const PACKED: [(&str, &str); 5] = [
    ("PK\u{3}\u{4}", "zip"),
    ("BZh", "bzip2"),
    ("PAR1", "Parquet"),
    ("Obj\u{1}", "Avro"),
    ("\u{1f}\u{fffd}", "doubly packed gzip"),
];

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("the input is empty"),
            Self::NoRecords => f.write_str("there is no finding in it"),
            Self::CloudTrail(call) => write!(f, "this is a CloudTrail record ({call})"),
            Self::Config => f.write_str("this is an event of AWS Config"),
            Self::S3Object { bucket, key } => {
                write!(f, "this is a notification of S3 about the object s3://{bucket}/{key}")
            }
            Self::SecurityHub(product) => {
                write!(f, "this is a Security Hub finding of {product}, not of GuardDuty")
            }
            Self::Ocsf { product, class } => {
                write!(
                    f,
                    "this is an OCSF event of {product} ({class}), not a finding of GuardDuty"
                )
            }
            Self::EventBridge { source, detail_type } => {
                write!(f, "this is an EventBridge event of {source} ({detail_type})")
            }
            Self::Test => f.write_str("this is a test event"),
            Self::Subscription => {
                f.write_str("this is a message by which SNS asks to confirm a subscription")
            }
            Self::Ids => f.write_str("these are ids of findings, as `list-findings` gives them"),
            Self::Stream => f.write_str("these are records of a stream, whose data are encoded"),
            Self::Statistics => f.write_str("these are numbers about findings"),
            Self::Refusal(message) => {
                write!(f, "this is the answer of an API that refused: {message}")
            }
            Self::Html => f.write_str("this is an HTML page"),
            Self::Utf16 => f.write_str("this is text in UTF-16"),
            Self::Packed(name) => write!(f, "this is a {name} file"),
            Self::Text(head) => write!(f, "this is no JSON object: it begins with \"{head}\""),
            Self::TooManyEnvelopes => f.write_str("there are envelopes within envelopes"),
            Self::Object(names) if names.is_empty() => f.write_str("this is an empty object"),
            Self::Object(names) => {
                write!(f, "this is JSON with the fields {}, which is no finding", names.join(", "))
            }
        }
    }
}

/// What a record is that is neither a finding of GuardDuty nor an envelope.
pub(super) fn record(object: &Map<String, Value>) -> Option<Foreign> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let has = |name: &str| object.contains_key(name);
    if let Some(source) = text("source").filter(|_| has("detail") || has("detail-type"))
        && !matches!(source, "aws.guardduty" | "aws.securityhub")
        && let Some(foreign) = event_of(source, object)
    {
        return Some(foreign);
    }
    if has("eventVersion") && has("eventName") && (has("userIdentity") || has("eventSource")) {
        return Some(match s3_object(object) {
            Some(foreign) => foreign,
            None => Foreign::CloudTrail(quoted(text("eventName").unwrap_or_default())),
        });
    }
    if let Some(foreign) = s3_object(object) {
        return Some(foreign);
    }
    if has("configurationItem")
        || has("configRuleName")
        || text("messageType").is_some_and(is_config)
    {
        return Some(Foreign::Config);
    }
    if let Some(product) = text("ProductArn") {
        let name = text("ProductName").or(product.rsplit('/').next()).unwrap_or(product);
        return Some(Foreign::SecurityHub(quoted(name)));
    }
    if has("class_uid") {
        let name = object.get("metadata").and_then(|data| data.pointer("/product/name"));
        let product = name.and_then(Value::as_str).unwrap_or("an unnamed product");
        let class = object.get("class_uid").map(Value::to_string).unwrap_or_default();
        let class = text("class_name").map_or(format!("class {class}"), str::to_owned);
        return Some(Foreign::Ocsf { product: quoted(product), class: quoted(&class) });
    }
    if has("FindingIds") || has("findingIds") {
        return Some(Foreign::Ids);
    }
    if has("FindingStatistics") || has("findingStatistics") {
        return Some(Foreign::Statistics);
    }
    if text("Type").is_some_and(|kind| kind.contains("SubscriptionConfirmation")) {
        return Some(Foreign::Subscription);
    }
    if text("Event") == Some("s3:TestEvent") || (has("key1") && has("key2")) {
        return Some(Foreign::Test);
    }
    if has("kinesis") || has("kinesisRecordMetadata") || has("awslogs") || text("data").is_some() {
        return Some(Foreign::Stream);
    }
    let refused = text("__type").or_else(|| text("Code").filter(|_| has("Message")));
    refused.map(|code| Foreign::Refusal(quoted(code)))
}

/// An event of EventBridge from another service; none where somebody sends findings on.
fn event_of(source: &str, object: &Map<String, Value>) -> Option<Foreign> {
    let detail = object.get("detail");
    if !source.starts_with("aws.") && detail.is_some_and(|detail| !detail.is_null()) {
        return None;
    }
    let at = |path: &str| detail.and_then(|detail| detail.pointer(path)).and_then(Value::as_str);
    if source == "aws.s3"
        && let (Some(bucket), Some(key)) = (at("/bucket/name"), at("/object/key"))
    {
        return Some(Foreign::S3Object { bucket: quoted(bucket), key: quoted(key) });
    }
    if source == "aws.config" {
        return Some(Foreign::Config);
    }
    let detail_type = object.get("detail-type").and_then(Value::as_str).unwrap_or("no detail-type");
    Some(Foreign::EventBridge { source: quoted(source), detail_type: quoted(detail_type) })
}

fn s3_object(object: &Map<String, Value>) -> Option<Foreign> {
    let s3 = object.get("s3")?;
    let at = |path: &str| Some(quoted(s3.pointer(path)?.as_str()?));
    Some(Foreign::S3Object { bucket: at("/bucket/name")?, key: at("/object/key")? })
}

fn is_config(kind: &str) -> bool {
    kind.starts_with("Config") || kind.starts_with("Compliance")
}

/// The beginning of a foreign text, on one line and without what acts on a terminal.
fn quoted(text: &str) -> String {
    let mut beginning: String = text.chars().take(60).collect();
    if beginning.len() < text.len() {
        beginning.push('…');
    }
    beginning.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
