//! One finding after another out of a stream, and what is said about everything else.

use std::io::{self, BufReader, Read, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use guardduty_runbooks::finding::{self, ClaimedType};
use insta::assert_snapshot;
use proptest::prelude::*;

/// A small finding.
fn finding(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","type":"Recon:EC2/Portscan","severity":5,"service":{{"count":1}},"resource":{{"resourceType":"Instance"}}}}"#
    )
}

fn pretty(id: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(&finding(id)).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

/// A line for each finding, its id, and for each bad record.
fn read(input: impl AsRef<[u8]>) -> String {
    let lines = finding::read(input.as_ref()).map(|record| match record {
        Ok(event) => format!("{}\n", event.json["id"].as_str().unwrap_or("no id")),
        Err(bad) => format!("{bad}\n"),
    });
    lines.collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn findings_stand_one_after_another_in_any_way() {
    let (a, b, c) = (finding("a"), finding("b"), finding("c"));
    let (pretty_a, pretty_b, pretty_c) = (pretty("a"), pretty("b"), pretty("c"));
    let streams = [
        format!("{a}\n{b}\n{c}\n"),
        format!("\r\n{a}\r\n\r\n{b}\r\n{c}"),
        format!("{a}{b}{c}"),
        format!("{a} {b}\t{c}"),
        format!("{a},\n{b},\n{c},\n"),
        format!("\u{1e}{a}\n\u{1e}{b}\n\u{1e}{c}\n"),
        format!("[{a},{b},{c}]"),
        format!("[\n{a},\n{b},\n{c}\n]\n"),
        format!("[{a}]\n[{b},{c}]"),
        format!("[[{a},{b}],[{c}]]"),
        format!("{pretty_a}\n{pretty_b}\n{pretty_c}"),
        format!("{pretty_a}{pretty_b}\n{c}"),
        format!("[{pretty_a},{pretty_b},{pretty_c}]"),
        format!("\u{feff}{a}\n{b}\n{c}"),
        format!("\u{feff}{a}\n\u{feff}{b}\u{feff}{c}\n\u{feff}"),
        format!(r#"{{"Records":[{{"detail":{a}}},{b}]}}{{"Messages":[{c}]}}"#),
        format!(r#"{{"Findings":[{a},{b}],"NextToken":"x"}}{{"Findings":[{c}]}}"#),
        format!(r#"{{ "findings" : [ {a} , {b} , {c} ] }}"#),
        format!(r#"{{"NextToken":"x","Findings":[{a},{b},{c}]}}"#),
    ];
    for stream in streams {
        assert_eq!(read(&stream), "a\nb\nc\n", "{stream}");
        assert_eq!(read(gzip(stream.as_bytes())), "a\nb\nc\n", "compressed: {stream}");
    }
    let members = [gzip(a.as_bytes()), gzip(b.as_bytes()), gzip(c.as_bytes())].concat();
    assert_eq!(read(members), "a\nb\nc\n");
    let marked = gzip(format!("\u{feff}{a}\n{b}\n{c}").as_bytes());
    assert_eq!(read(marked), "a\nb\nc\n");
}

#[test]
fn envelopes_are_opened() {
    let a = finding("a");
    let text = serde_json::to_string(&a).unwrap();
    let event = format!(r#"{{"version":"0","source":"aws.guardduty","account":"1","detail":{a}}}"#);
    let event_text = serde_json::to_string(&event).unwrap();
    let sns = format!(r#"{{"Type":"Notification","Message":{event_text}}}"#);
    let sns_text = serde_json::to_string(&sns).unwrap();
    for envelope in [
        text.clone(),
        event.clone(),
        event_text.clone(),
        sns.clone(),
        format!(r#"{{"Records":[{{"EventSource":"aws:sns","Sns":{{"Message":{text}}}}}]}}"#),
        format!(r#"{{"Records":[{{"eventSource":"aws:sqs","body":{sns_text}}}]}}"#),
        format!(r#"{{"Messages":[{{"MessageId":"1","Body":{event_text}}}]}}"#),
        format!(r#"{{"source":"my.forwarder","detail":{{"Findings":[{a}]}}}}"#),
    ] {
        assert_eq!(read(&envelope), "a\n", "{envelope}");
    }
    let json = finding::read(event.as_bytes()).next().unwrap().unwrap().json;
    assert_eq!(json["accountId"], "1");
}

#[test]
fn a_batch_goes_on_after_a_bad_record() {
    let (a, b, c) = (finding("a"), finding("b"), finding("c"));
    // A line that was cut off: within a text or a number, behind a comma or a colon.
    for cut in [10, 30, 41, 50, 52, 64, 85, 100] {
        let stream = format!("{a}\n{}\n{c}\n", &b[..cut]);
        let said = read(&stream);
        assert!(said.starts_with("a\nline 2, byte 113: the "), "{cut}: {said}");
        assert!(said.ends_with("\nc\n"), "{cut}: {said}");
        assert_eq!(said.lines().count(), 3, "{cut}: {said}");
    }
    let pretty =
        [pretty("a"), pretty("b").replace("\"severity\": 5,", "\"severity\": 5"), pretty("c")];
    assert_snapshot!(read(pretty.join("\n")), @"
    a
    line 12, byte 152: the JSON is broken at line 16, byte 217
    c
    ");
    assert_snapshot!(read(format!("[\n  {}\n]", pretty.join(",\n").replace('\n', "\n  "))), @"
    a
    line 13, byte 179: the JSON is broken at line 17, byte 252
    c
    ");
    // Without anything between them, only the next record can be lost as well.
    assert_snapshot!(read(format!("{a}{}{b}{c}", &b[..30])), @"
    a
    line 1, byte 112: the JSON is broken at line 1, byte 144
    c
    ");
    assert_snapshot!(read(format!("starting\nsecond line\n{a}\nnoise\n{c}")), @r#"
    line 1, byte 0: this is no JSON object: it begins with "starting second line {"id":"a","type":"Recon:EC2/Portscan","…"
    a
    line 4, byte 134: this is no JSON object: it begins with "noise {"id":"c","type":"Recon:EC2/Portscan","severity":5,"se…"
    c
    "#);
    let wrong_bytes = [a.as_bytes(), b"\n{\"type\":\"\xff\xfe\"}\n", c.as_bytes()].concat();
    assert_snapshot!(read(wrong_bytes), @"
    a
    line 2, byte 113: this is JSON with the fields type, which is no finding
    c
    ");
    let deep = format!("{a}\n{}\n{c}", "{\"a\":".repeat(5000));
    assert_snapshot!(read(deep), @"
    a
    line 2, byte 113: the JSON is nested too deeply (more than 120 levels)
    c
    ");
    assert_snapshot!(read(format!("{a}\n{{\"type\": 01}}\n{c}")), @"
    a
    line 2, byte 113: the JSON cannot be read: invalid number at line 1 column 11
    c
    ");
}

#[test]
fn an_input_that_was_cut_off_gives_what_it_has() {
    let (a, b) = (finding("a"), finding("b"));
    assert_snapshot!(read(format!("{a}\n{}", &b[..50])), @"
    a
    line 2, byte 113: the input ends in the middle of the record; it may have been cut off
    ");
    assert_snapshot!(read(format!("[{a},\n")), @"
    a
    line 2, byte 115: the input ends in the middle of the record; it may have been cut off
    ");
    let many: String =
        (0..2000).map(|n| finding(&format!("{n:032x}{}", n * 7919)) + "\n").collect();
    let packed = gzip(many.as_bytes());
    let said = read(&packed[..packed.len() / 2]);
    assert!(said.lines().count() > 10, "{said}");
    let last = said.lines().last().unwrap();
    assert!(last.contains("the gzip data are broken or cut off"), "{last}");
    let mut damaged = packed.clone();
    damaged[packed.len() / 2] ^= 0x55;
    assert!(read(damaged).contains("the gzip data are broken or cut off"));
}

#[test]
fn a_record_without_end_is_given_up() {
    struct Endless(u64);
    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = into.len().min(usize::try_from(self.0).unwrap());
            into[..length].fill(b'x');
            self.0 -= length as u64;
            Ok(length)
        }
    }
    let begin = format!("{}\n{{\"a\":\"", finding("a"));
    let end = format!("\n{}", finding("b"));
    let stream = begin.as_bytes().chain(Endless(80 << 20)).chain(end.as_bytes());
    let records: Vec<String> = finding::read(BufReader::with_capacity(1 << 16, stream))
        .map(|record| {
            record.map_or_else(|bad| bad.to_string(), |event| event.json["id"].to_string())
        })
        .collect();
    assert_eq!(records, ["\"a\"", "line 2, byte 113: the record is larger than 64 MiB", "\"b\""]);
}

#[test]
fn what_is_no_finding_is_named() {
    for (input, said) in [
        ("", "line 1, byte 0: the input is empty"),
        (" \n\n", "line 3, byte 3: there is no finding in it"),
        ("[]", "line 1, byte 2: there is no finding in it"),
        (r#"{"Findings":[]}"#, "line 1, byte 15: there is no finding in it"),
        ("<!DOCTYPE html><html>", "line 1, byte 0: this is an HTML page"),
        ("# A runbook", "line 1, byte 0: this is no JSON object: it begins with \"# A runbook\""),
        ("42", "line 1, byte 0: this is no JSON object: it begins with \"42\""),
        ("{}", "line 1, byte 0: this is an empty object"),
        (
            r#"{"a":1,"b":2}"#,
            "line 1, byte 0: this is JSON with the fields a, b, which is no finding",
        ),
        (
            r#"{"Records":[{"eventVersion":"1.08","eventName":"RunInstances","userIdentity":{}}]}"#,
            "line 1, byte 12: this is a CloudTrail record (RunInstances)",
        ),
        (
            r#"{"source":"aws.ec2","detail-type":"AWS API Call via CloudTrail","detail":{"eventVersion":"1"}}"#,
            "line 1, byte 0: this is an EventBridge event of aws.ec2 (AWS API Call via CloudTrail)",
        ),
        (
            r#"{"source":"aws.config","detail-type":"x","detail":{}}"#,
            "line 1, byte 0: this is an event of AWS Config",
        ),
        (
            r#"{"Records":[{"eventVersion":"2.1","eventName":"ObjectCreated:Put","eventSource":"aws:s3","s3":{"bucket":{"name":"exports"},"object":{"key":"a/b.jsonl.gz"}}}]}"#,
            "line 1, byte 12: this is a notification of S3 about the object s3://exports/a/b.jsonl.gz",
        ),
        (
            r#"{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"exports"},"object":{"key":"k"}}}"#,
            "line 1, byte 0: this is a notification of S3 about the object s3://exports/k",
        ),
        (
            r#"{"ProductArn":"arn:aws:securityhub:us-east-1::product/aws/macie","ProductName":"Macie","AwsAccountId":"1","Types":[]}"#,
            "line 1, byte 0: this is a Security Hub finding of Macie, not of GuardDuty",
        ),
        (
            r#"{"class_uid":2002,"class_name":"Vulnerability Finding","metadata":{"product":{"name":"Inspector"}}}"#,
            "line 1, byte 0: this is an OCSF event of Inspector (Vulnerability Finding), not a finding of GuardDuty",
        ),
        (
            r#"{"class_uid":2004,"metadata":{"product":{"name":"Inspector"}}}"#,
            "line 1, byte 0: this is an OCSF event of Inspector (class 2004), not a finding of GuardDuty",
        ),
        (
            r#"{"FindingIds":["a","b"]}"#,
            "line 1, byte 0: these are ids of findings, as `list-findings` gives them",
        ),
        (r#"{"key1":"value1","key2":"value2"}"#, "line 1, byte 0: this is a test event"),
        (
            r#"{"Type":"SubscriptionConfirmation","Message":"You have chosen"}"#,
            "line 1, byte 0: this is a message by which SNS asks to confirm a subscription",
        ),
        (
            r#"{"Records":[{"kinesis":{"data":"e30="}}]}"#,
            "line 1, byte 12: these are records of a stream, whose data are encoded",
        ),
        (
            r#"{"__type":"AccessDeniedException","Message":"no"}"#,
            "line 1, byte 0: this is the answer of an API that refused: AccessDeniedException",
        ),
        ("PK\u{3}\u{4}", "line 1, byte 0: this is a zip file"),
        (
            r#"{"Message":"{\"Message\":\"hello\"}"}"#,
            "line 1, byte 0: this is no JSON object: it begins with \"hello\"",
        ),
        ("a\u{1b}[31mb", "line 1, byte 0: this is no JSON object: it begins with \"a [31mb\""),
    ] {
        assert_eq!(read(input).trim_end(), said, "{input}");
        let hint = finding::read(input.as_bytes()).next().unwrap().unwrap_err().problem.hint();
        assert!(hint.is_some_and(|hint| hint.len() > 10), "{input}");
    }
    let utf16: Vec<u8> = finding("a").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = [b"\xff\xfe", utf16.as_slice()].concat();
    assert_eq!(read(utf16), "line 1, byte 0: this is text in UTF-16\n");
    let unmarked: Vec<u8> = finding("a").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(unmarked), "line 1, byte 0: this is text in UTF-16\n");
    let big: Vec<u8> = finding("a").encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(read(big), "line 1, byte 0: this is text in UTF-16\n");
    let nested = (0..20).fold(finding("a"), |inner, _| format!(r#"{{"detail":{inner}}}"#));
    assert_eq!(read(nested), "line 1, byte 0: there are envelopes within envelopes\n");
}

#[test]
fn types_of_newer_and_odd_findings() {
    let types = |name: &str| {
        let stream = finding("a").replace("Recon:EC2/Portscan", name);
        finding::read(stream.as_bytes()).next().unwrap().unwrap().finding_type
    };
    let unknown = ClaimedType::Unknown("Recon:EC2/Lighthouse".parse().unwrap());
    assert_eq!(types("Recon:EC2/Lighthouse"), unknown);
    assert_eq!(types("$(id)"), ClaimedType::Unreadable("$(id)".to_owned()));
}

/// An input that fails.
struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the cable is out"))
    }
}

#[test]
fn an_input_that_fails_ends_the_reading() {
    let a = finding("a") + "\n";
    let stream = BufReader::new(a.as_bytes().chain(Failing));
    let records: Vec<String> = finding::read(stream)
        .map(|record| {
            record.map_or_else(|bad| bad.to_string(), |event| event.json["id"].to_string())
        })
        .collect();
    assert_eq!(records, ["\"a\"", "line 2, byte 113: the input cannot be read: the cable is out"]);
}

proptest! {
    #[test]
    fn any_bytes_are_safe(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        finding::read(bytes.as_slice()).for_each(drop);
        finding::read([&[0x1f, 0x8b], bytes.as_slice()].concat().as_slice()).for_each(drop);
    }

    #[test]
    fn any_json_is_safe_and_good_records_around_it_are_read(
        text in "[\\[\\]{}:,\"a1 \\\\-]{0,40}", name in "Findings|detail|Records|Message|Types|ProductArn|class_uid"
    ) {
        let stream = format!("{}\n{{\"{name}\":{text}\n{}\n", finding("a"), finding("b"));
        let said = read(&stream);
        prop_assert!(said.starts_with("a\n"), "{}", said);
        prop_assert!(said.contains("\nb\n"), "{}", said);
    }
}
