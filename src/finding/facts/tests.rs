//! Facts of whole findings, one of each kind of resource.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

use super::*;

fn instance() -> Value {
    let interface = |n: u32| {
        json!({"networkInterfaceId": format!("eni-0000000{n}"), "privateIpAddress": format!("10.0.0.{n}"),
            "publicIp": format!("198.51.100.{n}"), "ipv6Addresses": [], "subnetId": "subnet-1", "vpcId": "vpc-1",
            "securityGroups": [{"groupId": "sg-1", "groupName": "web"}, {"groupId": "sg-2", "groupName": "ssh"}]})
    };
    let tag = |n: u32| json!({"key": format!("tag{n}"), "value": format!("value {n}")});
    json!({
        "schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-west-1", "partition": "aws",
        "id": "0123456789abcdef0123456789abcdef", "type": "UnauthorizedAccess:EC2/SSHBruteForce",
        "arn": "arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f",
        "title": "Somebody guesses passwords of i-99999999.", "description": "Many attempts on port 22.",
        "severity": 8, "createdAt": "2026-01-31T12:10:00.000Z", "updatedAt": "2026-01-31T13:00:00.000Z",
        "resource": {"resourceType": "Instance", "instanceDetails": {
            "instanceId": "i-99999999", "instanceState": "running", "instanceType": "m5.large",
            "availabilityZone": "eu-west-1a", "launchTime": "2026-01-01T00:00:00Z", "imageId": "ami-1",
            "iamInstanceProfile": {"arn": "arn:aws:iam::111122223333:instance-profile/web", "id": "AIPA1"},
            "networkInterfaces": (1..=7).map(interface).collect::<Vec<_>>(),
            "tags": (1..=7).map(tag).collect::<Vec<_>>(),
        }},
        "service": {
            "resourceRole": "TARGET", "detectorId": "d", "count": 12, "archived": false,
            "eventFirstSeen": "2026-01-31T12:00:00Z", "eventLastSeen": "2026-01-31T12:55:00Z",
            "action": {"actionType": "NETWORK_CONNECTION", "networkConnectionAction": {
                "connectionDirection": "INBOUND", "protocol": "TCP", "blocked": false,
                "localPortDetails": {"port": 22, "portName": "SSH"}, "remotePortDetails": {"port": 40000, "portName": "Unknown"},
                "localIpDetails": {"ipAddressV4": "10.0.0.1"}, "localNetworkInterface": "eni-00000001",
                "remoteIpDetails": {"ipAddressV4": "192.0.2.7", "country": {"countryName": "Norway"}, "city": {"cityName": "Oslo"},
                    "organization": {"asn": "64496", "asnOrg": "Example Net", "isp": "Example Net", "org": "Example Org"},
                    "geoLocation": {"lat": 59.9, "lon": 10.7}},
            }},
            "evidence": {"threatIntelligenceDetails": [{"threatListName": "Ours", "threatNames": ["Guessers"]}]},
            "additionalInfo": {"type": "default", "value": "{\"sample\":true,\"portsScannedSample\":[22,23]}"},
        },
    })
}

fn key() -> Value {
    json!({
        "accountId": "111122223333", "type": "Discovery:IAMUser/AnomalousBehavior", "severity": 2.0,
        "resource": {"resourceType": "AccessKey", "accessKeyDetails": {"userName": "deploy", "userType": "AssumedRole",
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE", "principalId": "AROAEXAMPLE:ci"}},
        "service": {
            "resourceRole": "ACTOR",
            "action": {"actionType": "AWS_API_CALL", "awsApiCallAction": {"api": "ListRoles", "serviceName": "iam.amazonaws.com",
                "errorCode": "AccessDenied", "callerType": "Remote IP", "userAgent": "curl/8 <b>`x`</b>",
                "affectedResources": {"AWS::IAM::Role": "arn:aws:iam::111122223333:role/a|b"},
                "remoteIpDetails": {"ipAddressV6": "2001:db8::1"},
                "remoteAccountDetails": {"accountId": "444455556666", "affiliated": false}}},
            "detection": {"anomaly": {
                "unusual": {"behavior": {"UserIdentity": {"api": {"profileType": "FREQUENCY", "profileSubtype": "UNSEEN",
                    "observations": {"text": ["ListRoles"]}}}}},
                "profiles": {"Account": {"asn": [{"profileType": "FREQUENCY", "profileSubtype": "RARE",
                    "observations": {"text": ["64496"]}}]}},
            }},
            "additionalInfo": {"unusualBehavior": {"unusualASNsAccountProfiling": "64496", "isUnusualUserIdentity": "false"},
                "anomalies": {"anomalousAPIs": "iam.amazonaws.com:[ListRoles:AccessDenied]"}},
        },
    })
}

fn bucket() -> Value {
    json!({"resource": {"resourceType": "S3Object", "s3BucketDetails": [{
            "name": "logs", "type": "Destination", "arn": "arn:aws:s3:::logs", "owner": {"id": "CanonicalId"},
            "publicAccess": {"effectivePermission": "PUBLIC", "permissionConfiguration": {"bucketLevelPermissions": {
                "bucketPolicy": {"allowsPublicReadAccess": true, "allowsPublicWriteAccess": false}}}},
            "defaultServerSideEncryption": {"encryptionType": "AES256"},
            "s3ObjectDetails": [{"key": "in/a.exe", "versionId": "v1", "hash": "00ff", "objectArn": "arn:aws:s3:::logs/in/a.exe"}],
        }]},
        "service": {"malwareScanDetails": {"uniqueThreatCount": 1, "scanType": "ON_UPLOAD", "scanId": "s1", "threats": [
            {"name": "EICAR", "source": "Scanner", "count": 1, "itemPaths": [{"nestedItemPath": "a.zip/a.exe", "hash": "00ff"}]}]}},
    })
}

fn cluster() -> Value {
    json!({"resource": {"resourceType": "EKSCluster",
        "eksClusterDetails": {"name": "prod", "status": "ACTIVE", "vpcId": "vpc-1", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/prod"},
        "kubernetesDetails": {
            "kubernetesUserDetails": {"username": "system:anonymous", "groups": ["system:unauthenticated"], "uid": ""},
            "kubernetesWorkloadDetails": {"name": "web", "type": "pods", "namespace": "shop", "hostNetwork": true,
                "containers": [{"name": "app", "image": "registry.example/app:1", "securityContext": {"privileged": true},
                    "volumeMounts": [{"name": "root", "mountPath": "/host"}]}],
                "volumes": [{"name": "root", "hostPath": {"path": "/"}}]}}},
        "service": {"action": {"kubernetesApiCallAction": {"verb": "create", "resource": "pods", "subresource": "exec", "resourceName": "web",
            "namespace": "shop", "statusCode": 201, "requestUri": "/api/v1/namespaces/shop/pods/web/exec", "sourceIPs": ["192.0.2.7"],
            "userAgent": "kubectl", "parameters": "{}", "remoteIpDetails": {"ipAddressV4": "192.0.2.7"}}}},
    })
}

fn process() -> Value {
    let one = |name: &str, uuid: &str, parent: &str, pid: u32| json!({"name": name, "executablePath": format!("/usr/bin/{name}"), "uuid": uuid, "parentUuid": parent, "pid": pid, "userId": 0, "euid": 0});
    let mut process = one("miner", "u3", "u2", 30);
    process["executableSha256"] = json!("ab".repeat(32));
    process["user"] = json!("root");
    process["pwd"] = json!("/tmp");
    process["lineage"] = json!([one("init", "u1", "u0", 1), one("sh", "u2", "u1", 20)]);
    json!({
        "resource": {"resourceType": "ECSCluster", "ecsClusterDetails": {"name": "jobs", "arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/jobs",
            "taskDetails": {"arn": "arn:aws:ecs:eu-west-1:111122223333:task/jobs/1", "group": "service:worker", "launchType": "FARGATE",
                "containers": [{"name": "worker", "image": "worker:1"}]}}},
        "service": {"runtimeDetails": {"process": process,
            "context": {"toolName": "miner", "flags": ["MS_BIND"], "commandLineExample": "miner --url 'pool|x'"}}},
    })
}

fn function() -> Value {
    json!({"resource": {"resourceType": "Lambda", "lambdaDetails": {"functionName": "resize", "functionVersion": "$LATEST",
            "role": "arn:aws:iam::111122223333:role/resize", "vpcConfig": {"vpcId": "vpc-1", "subnetIds": ["subnet-1", "subnet-2"]}}},
        "service": {"action": {"dnsRequestAction": {"domain": "c2.example", "domainWithSuffix": "example", "protocol": "UDP", "blocked": true}}}})
}

fn database() -> Value {
    json!({"resource": {"resourceType": "RDSDBInstance",
            "rdsDbInstanceDetails": {"dbInstanceIdentifier": "orders", "engine": "aurora-postgresql", "engineVersion": "16.1", "dbClusterIdentifier": "orders-c"},
            "rdsDbUserDetails": {"user": "admin", "database": "shop", "application": "psql", "authMethod": "password", "ssl": "off"}},
        "service": {"action": {"rdsLoginAttemptAction": {"LoginAttributes": [
            {"user": "admin", "failedLoginAttempts": 40, "successfulLoginAttempts": 1, "application": "psql"}],
            "remoteIpDetails": {"ipAddressV4": "192.0.2.7"}}}}})
}

fn volume() -> Value {
    json!({"resource": {"resourceType": "Instance", "ebsVolumeDetails": {"scannedVolumeDetails": [
            {"volumeArn": "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", "deviceName": "/dev/xvda", "volumeSizeInGB": 8}]}},
        "service": {"ebsVolumeScanDetails": {"scanId": "s1", "scanDetections": {"threatsDetectedItemCount": {"files": 7},
            "highestSeverityThreatDetails": {"threatName": "Rootkit", "severity": "HIGH", "count": 7},
            "threatDetectedByName": {"threatNames": [{"name": "Rootkit", "severity": "HIGH", "itemCount": 7, "filePaths":
                (1..=7).map(|n| json!({"filePath": format!("/usr/lib/{n}.so"), "fileName": format!("{n}.so"), "hash": "00ff"})).collect::<Vec<_>>()}]}}}}})
}

fn model() -> Value {
    json!({"resource": {"resourceType": "BedrockModel", "modelDetails": [{"modelId": "model-1"}], "bedrockGuardrailDetails": {
        "guardrailArn": "arn:aws:bedrock:eu-west-1:111122223333:guardrail/g1", "guardrailAction": "INTERVENED",
        "contentPolicyFilters": [{"type": "PROMPT_ATTACK", "action": "BLOCKED", "confidence": "HIGH"}]}}})
}

fn sequence() -> Value {
    json!({
        "type": "AttackSequence:S3/CompromisedData", "severity": 9.5, "id": "f1", "region": "cn-north-1", "partition": "aws-cn",
        "resource": {"resourceType": "AttackSequence"},
        "service": {"detection": {"sequence": {
            "uid": "s1", "description": "Two signals.",
            "actors": [{"id": "a1", "user": {"name": "deploy", "type": "AssumedRole", "credentialUid": "ASIAIOSFODNN7EXAMPLE",
                "account": {"uid": "111122223333"}}, "session": {"mfaStatus": "DISABLED"}}],
            "endpoints": [{"id": "e1", "ip": "192.0.2.7", "port": 443, "autonomousSystem": {"number": 64496, "name": "Example Net"}}],
            "resources": [{"uid": "arn:aws:s3:::logs", "name": "logs", "resourceType": "S3_BUCKET", "data": {"s3Bucket": {"effectivePermission": "NOT_PUBLIC"}},
                "tags": [{"key": "team", "value": "data"}]}],
            "sequenceIndicators": [{"key": "ATTACK_TACTIC", "values": ["Impact", "Discovery"]}],
            "signals": [
                {"uid": "g2", "name": "DeleteObject", "type": "S3_DATA_EVENTS", "severity": 7.5, "count": 3,
                    "firstSeenAt": "2026-01-31T13:00:00Z", "lastSeenAt": "2026-01-31T13:05:00Z", "actorIds": ["a1", "a1"],
                    "resourceUids": ["arn:aws:s3:::logs", "arn:aws:s3:::other"], "endpointIds": ["e1"],
                    "signalIndicators": [{"key": "HIGH_RISK_API", "title": "Sensitive call", "values": ["s3:DeleteObject"]}, {"key": "TOR_IP"}],
                    "activities": [{"api": {"operation": "DeleteObject", "service": "s3", "userAgent": "curl", "error": "AccessDenied"}}]},
                {"uid": "g1", "name": "ListBuckets", "type": "CLOUD_TRAIL", "severity": 5, "firstSeenAt": "2026-01-31T12:00:00Z"},
            ],
        }}},
    })
}

fn all() -> [Value; 10] {
    [
        instance(),
        key(),
        bucket(),
        cluster(),
        process(),
        function(),
        database(),
        volume(),
        model(),
        sequence(),
    ]
}

fn markdown(finding: &Value) -> String {
    Facts::of(finding).to_markdown()
}

#[test]
fn an_instance_that_is_attacked() {
    insta::assert_snapshot!(markdown(&instance()), @r###"
    | What | |
    | --- | --- |
    | Finding type | `UnauthorizedAccess:EC2/SSHBruteForce` |
    | Title | `Somebody guesses passwords of i-99999999.` |
    | Severity | `8`, level `High` |
    | Sample or real | **sample**: AWS made it for a test, nothing has happened |
    | The resource | was the target |
    | Description | `Many attempts on port 22.` |
    | Finding | `0123456789abcdef0123456789abcdef` |

    | Where | |
    | --- | --- |
    | Account | `111122223333` |
    | Region | `eu-west-1` |
    | Resource type | `Instance` |
    | Instance | `i-99999999`, state `running`, type `m5.large`, zone `eu-west-1a`, launched `2026-01-01T00:00:00Z` |
    | Instance profile | `arn:aws:iam::111122223333:instance-profile/web`, ID `AIPA1` |
    | Network interface | `eni-00000001`, private `10.0.0.1`, public `198.51.100.1`, security groups `sg-1`, `sg-2`, subnet `subnet-1`, VPC `vpc-1` |
    |  | `eni-00000002`, private `10.0.0.2`, public `198.51.100.2`, security groups `sg-1`, `sg-2`, subnet `subnet-1`, VPC `vpc-1` |
    |  | `eni-00000003`, private `10.0.0.3`, public `198.51.100.3`, security groups `sg-1`, `sg-2`, subnet `subnet-1`, VPC `vpc-1` |
    |  | `eni-00000004`, private `10.0.0.4`, public `198.51.100.4`, security groups `sg-1`, `sg-2`, subnet `subnet-1`, VPC `vpc-1` |
    |  | and 3 more |
    | Image | `ami-1` |
    | Tags | `tag1`: `value 1`, `tag2`: `value 2`, `tag3`: `value 3`, `tag4`: `value 4`, `tag5`: `value 5`, and 2 more |
    | Detector | `d` |
    | Finding's ARN | `arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f`, partition `aws` |

    | When | |
    | --- | --- |
    | Seen | first `2026-01-31T12:00:00Z`, last `2026-01-31T12:55:00Z` |
    | Finding | created `2026-01-31T12:10:00.000Z`, updated `2026-01-31T13:00:00.000Z`, archived `false` |

    | Who | |
    | --- | --- |
    | Action | `NETWORK_CONNECTION` |
    | Connection | `INBOUND`, protocol `TCP`, remote port `40000`, `Unknown`, local port `22`, `SSH`, local address `10.0.0.1`, interface `eni-00000001`, blocked `false` |
    | Remote address | `192.0.2.7`, country `Norway`, city `Oslo`, AS `64496`, `Example Net`, organisation `Example Org` |
    | Threat list | `Ours`, threats `Guessers` |
    | Also told | `portsScannedSample`: `22, 23` |

    | How often | |
    | --- | --- |
    | Count | `12` |

    [Open it in the GuardDuty console](<https://eu-west-1.console.aws.amazon.com/guardduty/home?region=eu-west-1#/findings?macros=current&fId=0123456789abcdef0123456789abcdef>)
    "###);
}

#[test]
fn a_key_that_is_used_unusually() {
    insta::assert_snapshot!(markdown(&key()), @r###"
    | What | |
    | --- | --- |
    | Finding type | `Discovery:IAMUser/AnomalousBehavior` |
    | Severity | `2.0`, level `Low` |
    | Sample or real | real: not marked as a sample |
    | The resource | did it (the finding names it as the actor) |

    | Where | |
    | --- | --- |
    | Account | `111122223333` |
    | Resource type | `AccessKey` |
    | Principal | `deploy`, type `AssumedRole`, access key `ASIAIOSFODNN7EXAMPLE`, principal ID `AROAEXAMPLE:ci` |

    | Who | |
    | --- | --- |
    | Action | `AWS_API_CALL` |
    | API call | `ListRoles`, service `iam.amazonaws.com`, error `AccessDenied`, caller `Remote IP`, caller's account `444455556666`, caller's account is yours `false` |
    | Remote address | IPv6 `2001:db8::1` |
    | User agent | ``curl/8 <b>`x`</b>`` |
    | Affected resources | `AWS::IAM::Role`: `arn:aws:iam::111122223333:role/a\|b` |
    | Unusual | `api`, of `UserIdentity`, how often `UNSEEN`, counted by `FREQUENCY`, seen `ListRoles` |
    | Seen before | `asn`, of `Account`, how often `RARE`, counted by `FREQUENCY`, seen `64496` |
    | Unusual | `ASNs`, for `the account`, seen `64496` |
    | Also told | `anomalies.anomalousAPIs`: `iam.amazonaws.com:[ListRoles:AccessDenied]` |
    "###);
}

#[test]
fn an_object_with_malware() {
    insta::assert_snapshot!(markdown(&bucket()), @r###"
    | What | |
    | --- | --- |
    | Sample or real | real: not marked as a sample |

    | Where | |
    | --- | --- |
    | Resource type | `S3Object` |
    | Bucket | `logs`, public `PUBLIC`, type `Destination`, encryption `AES256`, owner `CanonicalId`, ARN `arn:aws:s3:::logs` |
    | Public access | policy lets everybody read `true`, write `false` |
    | Object | `in/a.exe`, version `v1`, hash `00ff`, ARN `arn:aws:s3:::logs/in/a.exe` |

    | Who | |
    | --- | --- |
    | Malware scan | unique threats `1`, type `ON_UPLOAD`, ID `s1` |
    | Threat | `EICAR`, source `Scanner`, items `1` |
    | Infected path | `a.zip/a.exe`, hash `00ff` |
    "###);
}

#[test]
fn a_pod_in_a_cluster() {
    insta::assert_snapshot!(markdown(&cluster()), @r###"
    | What | |
    | --- | --- |
    | Sample or real | real: not marked as a sample |

    | Where | |
    | --- | --- |
    | Resource type | `EKSCluster` |
    | EKS cluster | `prod`, status `ACTIVE`, VPC `vpc-1`, ARN `arn:aws:eks:eu-west-1:111122223333:cluster/prod` |
    | Workload | `web`, type `pods`, namespace `shop`, host network `true` |
    | Container | `app`, image `registry.example/app:1`, privileged `true`, mounts `/host` |
    | Volume | `root`, host's path `/` |
    | Kubernetes user | `system:anonymous`, groups `system:unauthenticated` |

    | Who | |
    | --- | --- |
    | Kubernetes call | `create`, resource `pods`, subresource `exec`, name `web`, namespace `shop`, status `201`, URI `/api/v1/namespaces/shop/pods/web/exec`, parameters `{}` |
    | Remote address | `192.0.2.7` |
    | Source addresses | `192.0.2.7` |
    | User agent | `kubectl` |
    "###);
}

#[test]
fn a_process_in_a_task() {
    insta::assert_snapshot!(markdown(&process()), @r###"
    | What | |
    | --- | --- |
    | Sample or real | real: not marked as a sample |

    | Where | |
    | --- | --- |
    | Resource type | `ECSCluster` |
    | ECS cluster | `jobs`, ARN `arn:aws:ecs:eu-west-1:111122223333:cluster/jobs` |
    | ECS task | `arn:aws:ecs:eu-west-1:111122223333:task/jobs/1`, group `service:worker`, launch type `FARGATE` |
    | Container | `worker`, image `worker:1` |

    | Who | |
    | --- | --- |
    | Process | `miner`, path `/usr/bin/miner`, PID `30`, user `root`, UID `0`, effective UID `0`, SHA-256 `abababababababababababababababababababababababababababababababab`, folder `/tmp` |
    | Parent process | `sh`, path `/usr/bin/sh`, PID `20`, UID `0`, effective UID `0` |
    |  | `init`, path `/usr/bin/init`, PID `1`, UID `0`, effective UID `0` |
    | What it did | tool `miner`, command line `miner --url 'pool\|x'`, flags `MS_BIND` |
    "###);
}

#[test]
fn a_function() {
    insta::assert_snapshot!(markdown(&function()), @r###"
    | What | |
    | --- | --- |
    | Sample or real | real: not marked as a sample |

    | Where | |
    | --- | --- |
    | Resource type | `Lambda` |
    | Function | `resize`, version `$LATEST`, role `arn:aws:iam::111122223333:role/resize`, VPC `vpc-1`, subnets `subnet-1`, `subnet-2` |

    | Who | |
    | --- | --- |
    | DNS request | `c2.example`, registered domain `example`, protocol `UDP`, blocked `true` |
    "###);
}

#[test]
fn a_database() {
    insta::assert_snapshot!(markdown(&database()), @r###"
    | What | |
    | --- | --- |
    | Sample or real | real: not marked as a sample |

    | Where | |
    | --- | --- |
    | Resource type | `RDSDBInstance` |
    | Database | `orders`, engine `aurora-postgresql`, version `16.1`, cluster `orders-c` |
    | Database user | `admin`, database `shop`, application `psql`, authentication `password`, TLS `off` |

    | Who | |
    | --- | --- |
    | Login attempts | user `admin`, failed `40`, successful `1`, application `psql` |
    | Remote address | `192.0.2.7` |
    "###);
}

#[test]
fn a_volume_with_malware() {
    insta::assert_snapshot!(markdown(&volume()), @r###"
    | What | |
    | --- | --- |
    | Sample or real | real: not marked as a sample |

    | Where | |
    | --- | --- |
    | Resource type | `Instance` |
    | Scanned volume | `arn:aws:ec2:eu-west-1:111122223333:volume/vol-1`, device `/dev/xvda`, GB `8` |

    | Who | |
    | --- | --- |
    | Malware scan | infected files `7`, worst threat `Rootkit`, severity `HIGH`, files with it `7`, ID `s1` |
    | Threat | `Rootkit`, severity `HIGH`, items `7` |
    | Infected file | `/usr/lib/1.so`, name `1.so`, hash `00ff` |
    |  | `/usr/lib/2.so`, name `2.so`, hash `00ff` |
    |  | `/usr/lib/3.so`, name `3.so`, hash `00ff` |
    |  | `/usr/lib/4.so`, name `4.so`, hash `00ff` |
    |  | and 3 more |
    "###);
}

#[test]
fn a_model() {
    insta::assert_snapshot!(markdown(&model()), @r###"
    | What | |
    | --- | --- |
    | Sample or real | real: not marked as a sample |

    | Where | |
    | --- | --- |
    | Resource type | `BedrockModel` |
    | Model | `model-1` |
    | Guardrail | `arn:aws:bedrock:eu-west-1:111122223333:guardrail/g1`, action `INTERVENED` |
    | Content filter | `PROMPT_ATTACK`, action `BLOCKED`, confidence `HIGH` |
    "###);
}

#[test]
fn a_sequence_has_a_timeline() {
    insta::assert_snapshot!(markdown(&sequence()), @r###"
    | What | |
    | --- | --- |
    | Finding type | `AttackSequence:S3/CompromisedData` |
    | Severity | `9.5`, level `Critical` |
    | Sample or real | real: not marked as a sample |
    | Sequence | `Two signals.` |
    | Indicator | `ATTACK_TACTIC`, values `Impact`, `Discovery` |
    | Finding | `f1` |

    | Where | |
    | --- | --- |
    | Region | `cn-north-1` |
    | Resource type | `AttackSequence` |
    | Resource | `logs`, type `S3_BUCKET`, ID `arn:aws:s3:::logs`, public `NOT_PUBLIC` |
    | Tags | `team`: `data` |
    | Finding's ARN | partition `aws-cn` |

    | Who | |
    | --- | --- |
    | Actor | `deploy`, type `AssumedRole`, credential `ASIAIOSFODNN7EXAMPLE`, account `111122223333`, MFA `DISABLED` |
    | Endpoint | `192.0.2.7`, port `443`, AS `64496`, `Example Net` |

    **Timeline**

    | First seen | Signal | Severity | Actors | Resources and endpoints | Calls and indicators |
    | --- | --- | --- | --- | --- | --- |
    | `2026-01-31T12:00:00Z` | `ListBuckets`, type `CLOUD_TRAIL` | `5`, level `Medium` |  |  |  |
    | `2026-01-31T13:00:00Z`, last seen `2026-01-31T13:05:00Z` | `DeleteObject`, type `S3_DATA_EVENTS`, times `3` | `7.5`, level `High` | `deploy` | `logs`, `arn:aws:s3:::other`, endpoints `192.0.2.7` | `DeleteObject`, errors `AccessDenied`, user agents `curl`, indicators `Sensitive call: s3:DeleteObject`, `TOR_IP` |

    [Open it in the GuardDuty console](<https://console.amazonaws.cn/guardduty/home?region=cn-north-1#/findings?macros=current&fId=f1>)
    "###);
}

#[test]
fn signals_are_in_the_order_of_time_whatever_their_zones() {
    let signal = |name, at: &str| json!({"uid": name, "name": name, "firstSeenAt": at});
    let finding = json!({"service": {"detection": {"sequence": {"signals": [
        signal("second", "2026-01-31T10:00:00Z"),
        signal("last", "some day"),
        signal("third", "2026-01-31 10:00:00.5"),
        signal("first", "2026-01-31T11:00:00+02:00"),
    ]}}}});
    let markdown = markdown(&finding);
    let names = ["first", "second", "third", "last"];
    let places = names.map(|name| markdown.find(&format!("`{name}`")).unwrap());
    assert!(places.is_sorted(), "{markdown}");
}

#[test]
fn as_json_facts_are_whole() {
    let facts = serde_json::to_value(Facts::of(&sequence())).unwrap();
    assert_eq!(
        facts["what"][1],
        json!({"label": "Severity", "values": [{"value": "9.5", "level": "Critical"}]})
    );
    assert_eq!(facts["who"][0]["values"][0]["credential"], json!("ASIAIOSFODNN7EXAMPLE"));
    assert_eq!(facts["timeline"][0]["value"], json!("ListBuckets"));
    assert_eq!(facts["timeline"][1]["resources"], json!(["logs", "arn:aws:s3:::other"]));
    let many = serde_json::to_value(Facts::of(&instance())).unwrap();
    let tags = many["where"].as_array().unwrap().iter().find(|fact| fact["label"] == "Tags");
    assert_eq!(tags.unwrap()["values"][6], json!({"key": "tag7", "value": "value 7"}));
}

/// A finding with every text replaced.
fn replace(value: &Value, with: &mut impl FnMut(&str) -> Value) -> Value {
    match value {
        Value::String(text) => with(text),
        Value::Array(members) => members.iter().map(|one| replace(one, with)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, one)| (name.clone(), replace(one, with))).collect()
        }
        other => other.clone(),
    }
}

/// How many cells and code spans each row of the tables has; fails where anything else is alive.
fn shape(markdown: &str, console: Option<&str>) -> Vec<(usize, usize)> {
    let mut rows = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        let row: Option<&mut (usize, usize)> = rows.last_mut();
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => rows.push((0, 0)),
            Event::End(TagEnd::TableCell) => row.unwrap().0 += 1,
            Event::Code(_) => row.unwrap().1 += 1,
            Event::Start(Tag::Link { dest_url, .. }) => assert_eq!(Some(&*dest_url), console),
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::Start(Tag::Image { .. } | Tag::CodeBlock(_)) => {
                panic!("something came alive in {markdown}")
            }
            _ => {}
        }
    }
    rows
}

proptest! {
    #[test]
    fn whatever_texts_say_tables_keep_their_shape(hostile in r"([`|\\ a\n<>\[\]()*_&;#~!:/.]|\PC){1,12}") {
        for finding in all() {
            let mut at = 0;
            let mut numbered = |text: &str| { at += 1; json!(format!("{text}{at}a")) };
            let harmless = Facts::of(&replace(&finding, &mut |_| numbered("x")));
            at = 0;
            let mut numbered = |text: &str| { at += 1; json!(format!("{text}{at}a")) };
            let facts = Facts::of(&replace(&finding, &mut |_| numbered(&hostile)));
            let (shown, expected) = (facts.to_markdown(), harmless.to_markdown());
            prop_assert_eq!(shape(&shown, facts.console_url.as_deref()), shape(&expected, None), "{}", shown);
        }
    }
}

#[test]
fn whatever_stands_in_place_of_a_text_is_survived() {
    for odd in [
        json!(7),
        json!(null),
        json!(true),
        json!([]),
        json!({}),
        json!({"a": {"b": ["`|<i>", 1]}}),
        json!(["x", ["y"]]),
    ] {
        for finding in all() {
            let facts = Facts::of(&replace(&finding, &mut |_| odd.clone()));
            shape(&facts.to_markdown(), facts.console_url.as_deref());
            serde_json::to_string(&facts).unwrap();
        }
    }
    for odd in [json!(null), json!([1]), json!("x"), json!({"service": [], "resource": 3})] {
        shape(&markdown(&odd), None);
    }
}
