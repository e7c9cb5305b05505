//! The filling of findings as it comes with the program, compiled to WebAssembly: it answers as this
//! source does, so that the committed file is not an old one.

use std::path::Path;

use guardduty_runbooks::fs;
use guardduty_runbooks::site::filling::{self, GUIDANCE_FILES};
use serde_json::{Value, json};
use wasmi::{Engine, Instance, Linker, Module, Store};

/// The file as a page runs it.
struct Compiled {
    store: Store<()>,
    instance: Instance,
}

impl Compiled {
    fn load() -> Self {
        let engine = Engine::default();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let bytes = fs::read(&root.join("src/site/assets/fill.wasm")).unwrap();
        let module = Module::new(&engine, &bytes).unwrap();
        assert_eq!(module.imports().count(), 0, "it can reach nothing outside");
        let mut store = Store::new(&engine, ());
        let linker = Linker::new(&engine);
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        Self { store, instance }
    }

    fn answer(&mut self, question: &str) -> String {
        let Self { store, instance } = self;
        let length = i32::try_from(question.len()).unwrap();
        let room = instance.get_typed_func::<i32, i32>(&*store, "room").unwrap();
        let place = room.call(&mut *store, length).unwrap();
        let memory = instance.get_memory(&*store, "memory").unwrap();
        memory.write(&mut *store, usize::try_from(place).unwrap(), question.as_bytes()).unwrap();
        let answer = instance.get_typed_func::<(), i32>(&*store, "answer").unwrap();
        let from = usize::try_from(answer.call(&mut *store, ()).unwrap()).unwrap();
        let length = instance.get_typed_func::<(), i32>(&*store, "answer_length").unwrap();
        let length = usize::try_from(length.call(&mut *store, ()).unwrap()).unwrap();
        let mut bytes = vec![0; length];
        memory.read(&*store, from, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }
}

/// A question about a finding and a runbook.
fn question(finding: &str, runbook: Option<&str>) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("guidance");
    let guidance =
        GUIDANCE_FILES.map(|file| json!([file, fs::read_to_string(&root.join(file)).unwrap()]));
    let runbook = runbook.map(|markdown| json!({"title": "a title", "markdown": markdown}));
    json!({"finding": finding, "runbook": runbook, "guidance": guidance}).to_string()
}

fn finding() -> Value {
    json!({
        "schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-central-1",
        "id": "0123456789abcdef0123456789abcdef", "type": "Recon:EC2/Portscan", "severity": 5,
        "title": "'; rm -rf / <b>\u{202e}", "partition": "aws",
        "resource": {"resourceType": "Instance", "instanceDetails": {
            "instanceId": "i-0123456789abcdef0", "imageId": "ami-'$(reboot)'",
            "tags": [{"key": "a", "value": "<script>alert(1)</script> ```"}]}},
        "service": {"count": 2, "eventFirstSeen": "2026-01-31T23:30:00Z",
            "eventLastSeen": "2026-02-01T00:15:00Z",
            "action": {"actionType": "NETWORK_CONNECTION", "networkConnectionAction": {
                "remoteIpDetails": {"ipAddressV4": "192.0.2.7"},
                "remotePortDetails": {"port": 4444}}}},
    })
}

const RUNBOOK: &str = "---\nfinding_type: x\n---\n\n# a title\n\nlead <b>\n\n## Finding\n\n```bash\naws ec2 x \
    --filters Name=a,Values=<INSTANCE_ID> '<REGION>' <IMAGE_ID> <OURS>\n```\n\n```sql\nSELECT * FROM t \
    WHERE p = <REMOTE_PORT> AND d BETWEEN '<WINDOW_START_DAY>' AND x\n```\n\n```mermaid\nflowchart TD\n  \
    A --> B\n```\n\n| `<ACCOUNT_ID>` | [a](javascript:x) |\n| --- | --: |\n| b | - [ ] c |\n";

#[test]
fn the_committed_file_answers_as_this_source_does() {
    let mut compiled = Compiled::load();
    let finding = finding();
    let asff = json!({"SchemaVersion": "2018-10-08", "ProductName": "GuardDuty",
        "ProductArn": "arn:aws:securityhub:eu-central-1::product/aws/guardduty",
        "Id": "arn:aws:guardduty:eu-central-1:111122223333:detector/d/finding/f", "AwsAccountId": "111122223333",
        "Types": ["TTPs/Discovery/Recon:EC2-Portscan"], "Severity": {"Label": "MEDIUM"}, "Title": "t",
        "Resources": [{"Type": "AwsEc2Instance", "Id": "arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef0"}]});
    let unknown = json!({"type": "Novel:EC2/Thing", "id": "a", "accountId": "1", "region": "r",
        "service": {}, "resource": {}});
    for text in [
        finding.to_string(),
        json!({"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": finding})
            .to_string(),
        json!([finding, finding]).to_string(),
        asff.to_string(),
        unknown.to_string(),
        String::new(),
        "hello".to_owned(),
        "{\"a\": 1}".to_owned(),
        finding.to_string()[..300].to_owned(),
        "[".repeat(1000),
    ] {
        for runbook in [None, Some(RUNBOOK)] {
            let question = question(&text, runbook);
            let source = filling::answer(&question);
            assert_eq!(
                compiled.answer(&question),
                source,
                "src/site/assets/fill.wasm is not that of these sources: run wasm/build.sh"
            );
        }
    }
    assert_eq!(compiled.answer("no JSON"), filling::answer("no JSON"));
}

#[test]
fn a_filled_runbook_is_safe_html_with_the_findings_values() {
    let answer = filling::answer(&question(&finding().to_string(), Some(RUNBOOK)));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let html = answer["finding"]["html"].as_str().unwrap();
    for expected in [
        "Values=&#39;i-0123456789abcdef0&#39; &#39;eu-central-1&#39; &#39;<mark>&lt;IMAGE_ID&gt;</mark>&#39;",
        "p = 4444 AND",
        "<code>111122223333</code>",
        "<figure class=\"flow\"></figure>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ] {
        assert!(html.contains(expected), "{expected}\n{html}");
    }
    for forbidden in [
        " style=\"",
        " id=\"finding\"",
        "<script",
        "<b>",
        "javascript:",
        "$(reboot)&#39; <mark>",
        "\u{202e}",
    ] {
        assert!(!html.contains(forbidden), "{forbidden}\n{html}");
    }
    assert_eq!(answer["finding"]["slug"], "recon-ec2-portscan");
}
