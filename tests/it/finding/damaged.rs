//! Findings that are damaged: they are read, and say so.

use guardduty_runbooks::finding::{self, ClaimedType, Finding};

const INSTANCE: &str = "resource.instanceDetails.instanceId";

fn finding(instance: &[u8]) -> Vec<u8> {
    let begin = br#"{"id":"a","type":"Recon:EC2/Portscan","severity":5,"service":{"count":1},"#;
    let resource = br#""resource":{"resourceType":"Instance","instanceDetails":{"instanceId":""#;
    [&begin[..], resource, instance, br#""}}}"#].concat()
}

fn read(input: &[u8]) -> Vec<Finding> {
    finding::read(input).map(|record| record.expect("each of them is a finding")).collect()
}

/// The names of what is damaged.
fn fields(event: &Finding) -> &[String] {
    event.damage.as_ref().map_or(&[], |damage| &damage.fields)
}

#[test]
fn damage_hides_no_finding_and_is_told() {
    for damaged in [
        &br"i-0\ud800abc"[..],
        b"i-0\xffabc",
        b"i-0\x01abc",
        br"i-0\qabc",
        "i-0\u{fffd}abc".as_bytes(),
    ] {
        let good = finding(b"i-0123456789abcdef0");
        let stream = [&good, &b"\n"[..], &finding(damaged), b"\n", &good].concat();
        let events = read(&stream);
        let told: Vec<&[String]> = events.iter().map(fields).collect();
        assert_eq!(told, [&[][..], &[INSTANCE.to_owned()], &[]], "{damaged:?}");
        let place = events[1].damage.as_ref().map(|damage| damage.place);
        assert_eq!(place.map(|place| (place.line, place.byte)), Some((2, good.len() as u64 + 1)));
    }
}

#[test]
fn damage_is_told_within_envelopes_and_in_names() {
    let damaged = finding(br"i-0\ud800abc");
    let text = serde_json::to_string(&String::from_utf8(damaged.clone()).unwrap()).unwrap();
    let outside = text.replace(r"\\ud800", r"\ud800");
    for message in [&text, &outside] {
        let sns = format!(r#"{{"Type":"Notification","Message":{message}}}"#);
        assert_eq!(fields(&read(sns.as_bytes())[0]), [INSTANCE], "{sns}");
    }
    let title = br#"{"Id":"a","Type":"Recon:EC2/Portscan","Severity":5,"Service":{"Detec\udc00":1},"Resource":{}}"#;
    assert_eq!(fields(&read(title)[0]), ["service.Detec\u{fffd}"]);
    let info = br#"{"id":"a","type":"Recon:EC2/Portscan","severity":5,"resource":{},
        "service":{"additionalInfo":{"value":"{\"unusual\":\"\\ud800\"}"}}}"#;
    assert_eq!(fields(&read(info)[0]), ["service.additionalInfo.unusual"]);
}

#[test]
fn a_damaged_name_of_a_type_is_not_guessed() {
    for name in
        [r"Recon:EC2/Port\ud800scan", r"\ud800Recon:EC2/Portscan", r"Recon:EC2/Portsca\udfff"]
    {
        let json = String::from_utf8(finding(b"i-0")).unwrap();
        let json = json.replace("Recon:EC2/Portscan", name);
        let event = &read(json.as_bytes())[0];
        assert!(
            matches!(&event.finding_type, ClaimedType::Unreadable(_)),
            "{:?}",
            event.finding_type
        );
        assert_eq!(fields(event), ["type"]);
    }
}
