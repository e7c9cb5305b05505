//! Findings that mean harm: their values must not become commands, however a runbook quotes its
//! placeholders.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use guardduty_runbooks::catalogue::builtin;
use guardduty_runbooks::fill::values::Values;
use guardduty_runbooks::fill::{Filled, fill};
use guardduty_runbooks::guidance::{Fit, ValueType, library};
use guardduty_runbooks::runbook::{Renderer, Template};
use proptest::prelude::*;

use super::commands::{Calls, run};

/// Values that would do something if they were ever read as code. A file `hit` would show it.
pub(super) const HOSTILE: [&str; 24] = [
    "'; : > hit; '",
    "\"; : > hit; \"",
    "$(: > hit)",
    "`: > hit`",
    "; : > hit",
    "& : > hit",
    "| : > hit",
    "a\n: > hit\n",
    "a\r\n: > hit\r\n",
    "EOF\n: > hit\n",
    "> hit",
    "${x:=$(: > hit)}",
    "'\\''; : > hit; '\\''",
    "--endpoint-url",
    "-x",
    "file:///etc/passwd",
    "a b",
    "*",
    "~",
    "\\",
    "```\n\n```bash\n: > hit\n```\n",
    "a\u{0}b",
    "\u{1b}[31m\u{202e}",
    "\"}' ; : > hit ; echo '{\"",
];

/// A runbook that people wrote, with placeholders in every kind of quotes.
const EDITED: &str = r#"# Ours

```bash
aws ec2 describe-instances --instance-ids <INSTANCE_ID> --region <REGION>
aws ec2 describe-instances --instance-ids '<INSTANCE_ID>' --region "<REGION>"
aws x --json '{"Id": "<INSTANCE_ID>", "Port": <REMOTE_PORT>, "n": ["<BUCKET_NAME>", <REMOTE_PORT>]}'
aws x --json "{\"Id\": \"<INSTANCE_ID>\", \"Port\": <REMOTE_PORT>}"
aws s3 ls s3://<BUCKET_NAME>/<OBJECT_KEY> 's3://<BUCKET_NAME>/<OBJECT_KEY>' "s3://<BUCKET_NAME>/"<OBJECT_KEY>
aws x --filters Name=instance-id,Values=<INSTANCE_ID> "Name=ip,Values=<REMOTE_IP>"
aws x --it "don't" '<USER_NAME>' --it's-<USER_NAME>' # it's <USER_NAME>'
# Don't forget <USER_NAME>
aws x <USER_NAME> "$(aws y <USER_NAME> "<USER_NAME>" '<USER_NAME>')" `aws z <USER_NAME>`
aws x "${NOTHING:-<USER_NAME>}" ${NOTHING:-<USER_NAME>} $'it\'s <USER_NAME>'
```

```sh
kubectl apply -f - <<EOF
name: <POD_NAME>
quoted: "<WORKLOAD_NAME>"
json: {"a": "<WORKLOAD_NAME>"}
$(kubectl get <WORKLOAD_NAME> '<WORKLOAD_NAME>')
EOF
aws x --body "$(kubectl x <<'EOF'
"<WORKLOAD_NAME>" 'it
EOF
)" <WORKLOAD_NAME>
if [[ <REGION> == "<REGION>" ]]; then aws same <REGION>; fi
case <REGION> in "<REGION>") aws in <REGION> ;; *) aws out <REGION> ;; esac
ids=(<INSTANCE_ID> '<INSTANCE_ID>')
for id in "${ids[@]}"; do aws loop "$id" <OUR_OWN>; done
aws piped <REGION> | kubectl piped <CLUSTER_NAME> && aws then <REGION> > out-<REGION>.txt
```

1. In a list:

   > ```bash
   > aws quoted <INSTANCE_ID> \
   >   --and '<REGION>'
   > ```
"#;

/// The generated runbooks of one finding type for each kind of resource, and an edited one.
static RUNBOOKS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut kinds = BTreeSet::new();
    let catalogue = builtin::catalogue();
    let renderer = Renderer::new(Template::Runbook, BTreeMap::new(), true).unwrap();
    let mut findings: Vec<_> = catalogue.entries.iter().collect();
    findings.retain(|finding| kinds.insert(library().guidance(&finding.finding_type).kind));
    let rendered = findings.iter().map(|finding| renderer.render(finding, &catalogue).unwrap());
    rendered.chain([EDITED.to_owned()]).collect()
});

/// The names of all placeholders, each with another hostile value.
fn hostile(round: usize) -> Values {
    let names = library().placeholders.keys().map(String::as_str);
    let values = HOSTILE.iter().cycle().skip(round).copied();
    Values::given(names.zip(values), library())
}

/// The calls of a runbook without values, with these values put in afterwards.
fn expected(without_values: &Calls, values: &BTreeMap<&str, &str>) -> Calls {
    let put_in = |text: &String| {
        let mut text = text.clone();
        for (name, value) in values {
            text = text.replace(&format!("<{}>", name.to_ascii_uppercase()), value);
        }
        text
    };
    let calls = without_values.calls.iter().map(|call| call.iter().map(put_in).collect());
    let mut calls: Vec<Vec<String>> = calls.collect();
    calls.sort();
    let files = without_values.files.iter().map(|(name, text)| (put_in(name), put_in(text)));
    Calls { calls, files: files.collect() }
}

/// The calls of a runbook into which nothing was filled, with its placeholders quoted.
fn without_values(runbook: &str) -> Calls {
    run(&fill(runbook, &Values::default()).text)
}

#[test]
fn commands_without_values_have_their_placeholders_as_arguments() {
    let Calls { calls, files } = without_values(EDITED);
    for call in [
        &["aws", "quoted", "<INSTANCE_ID>", "--and", "<REGION>"][..],
        &["aws", "x", "--it", "don't", "<USER_NAME>", "--its-<USER_NAME>"],
        &["aws", "x", "--body", "", "<WORKLOAD_NAME>"],
        &["aws", "in", "<REGION>"],
        &["kubectl", "get", "<WORKLOAD_NAME>", "<WORKLOAD_NAME>"],
    ] {
        assert!(calls.iter().any(|one| one == call), "{call:?} is not in {calls:#?}");
    }
    assert_eq!(calls.len(), 23);
    assert_eq!(files.keys().collect::<Vec<_>>(), ["out-<REGION>.txt"]);
}

#[test]
fn hostile_values_stay_out_of_commands() {
    for runbook in &*RUNBOOKS {
        let untouched = fill(runbook, &Values::default()).text;
        let rounds = if runbook == EDITED { HOSTILE.len() } else { 2 };
        for round in 0..rounds {
            assert_eq!(fill(runbook, &hostile(round)).text, untouched);
        }
        let calls = run(&untouched);
        assert!(!calls.files.contains_key("hit"));
    }
}

#[test]
fn a_megabyte_is_no_value() {
    let megabyte = "x".repeat(1 << 20);
    let names = library().placeholders.keys().map(String::as_str);
    let values = Values::given(names.map(|name| (name, megabyte.as_str())), library());
    assert_eq!(fill(EDITED, &values).text, fill(EDITED, &Values::default()).text);
}

/// For each placeholder a value that is harmless and as strange as its grammar lets it be, but for
/// commas and equal signs, which stay out of some places.
fn strange_values() -> BTreeMap<&'static str, String> {
    let of = |value_type: ValueType| {
        let strange = [
            "a+d.@_e:/f-g",
            "a+d.@_-e",
            "a:/b._@-c",
            "a/b.c-_",
            "a:b.c-d_e",
            "a._-b",
            "_-a",
            "a-b",
            "7",
            "192.0.2.7",
            "2001:db8::7",
            "192.0.2.0/24",
            "2026/01/31",
            "2026-01-31T12:00:00.5Z",
            "01234567-89ab-cdef-0123-456789abcdef",
            "aws-us-gov",
            "deployments",
        ];
        let found = strange.into_iter().find(|value| value_type.fit(value) != Fit::Unfit);
        found.expect("one of them keeps to the grammar").to_owned()
    };
    let placeholders = library().placeholders.values();
    placeholders.map(|one| (one.name.as_str(), of(one.value_type))).collect()
}

#[test]
fn values_that_fit_arrive_whole_and_nothing_else_runs() {
    let strange = strange_values();
    let given: BTreeMap<&str, &str> = strange.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let values = Values::given(given.clone(), library());
    for runbook in &*RUNBOOKS {
        let Filled { text, open, .. } = fill(runbook, &values);
        assert!(open.keys().all(|name| name == "our_own"), "{open:?}");
        assert_eq!(run(&text), expected(&without_values(runbook), &given));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_finding_says_arrives_whole_or_not_at_all(
        values in proptest::collection::vec("[ -~\n\t\u{0}\u{1b}\u{202e}é]{1,24}|[a-z0-9.:/_-]{1,24}|[0-9]{1,5}", 9),
    ) {
        let names = ["instance_id", "region", "remote_port", "bucket_name", "object_key", "remote_ip",
            "user_name", "workload_name", "cluster_name"];
        let given: BTreeMap<&str, &str> =
            names.into_iter().zip(values.iter().map(String::as_str)).collect();
        let Filled { text, open, used } = fill(EDITED, &Values::given(given.clone(), library()));
        // A value that is in one place and left out of another has tests of its own.
        prop_assume!(open.keys().all(|name| !used.contains_key(name)));
        let filled: BTreeMap<&str, &str> =
            given.into_iter().filter(|(name, _)| !open.contains_key(*name)).collect();
        prop_assert_eq!(run(&text), expected(&without_values(EDITED), &filled));
    }
}
