//! The resources of a finding in Security Hub, as GuardDuty has them.

use std::net::Ipv4Addr;

use serde_json::{Map, Value, json};

use super::{fill_in, object, text_at};

/// What a finding is about, in GuardDuty's form.
pub(super) fn resource(asff: &Value) -> Value {
    let mut all = Value::Object(Map::new());
    let resources = asff.get("Resources").and_then(Value::as_array);
    for resource in resources.into_iter().flatten() {
        let kind = text_at(resource, "/Type").unwrap_or_default();
        let nothing = Value::Object(Map::new());
        let details = resource.pointer(&format!("/Details/{kind}")).unwrap_or(&nothing);
        fill_in(&mut all, of_kind(kind, &One { resource, details }));
    }
    all
}

/// A resource and what Security Hub says about it.
struct One<'v> {
    resource: &'v Value,
    details: &'v Value,
}

impl<'v> One<'v> {
    fn get(&self, pointer: &str) -> Option<Value> {
        self.details.pointer(pointer).cloned()
    }

    /// The first of these that there is.
    fn any(&self, pointers: &[&str]) -> Option<Value> {
        pointers.iter().find_map(|pointer| self.get(pointer))
    }

    /// The ARN by which Security Hub knows it.
    fn arn(&self) -> Option<Value> {
        text_at(self.resource, "/Id").filter(|id| id.starts_with("arn:")).map(Value::from)
    }

    /// The last part of that ARN or name.
    fn name(&self) -> Option<Value> {
        let id = text_at(self.resource, "/Id")?;
        id.rsplit([':', '/']).next().map(Value::from)
    }

    fn tags(&self) -> Option<Value> {
        let tags = self.resource.get("Tags")?;
        let pair = |(key, value): (&String, &Value)| json!({"key": key, "value": value});
        Some(tags.as_object()?.iter().map(pair).collect())
    }

    fn list(&self, pointer: &str) -> impl Iterator<Item = &'v Value> {
        self.details.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
    }
}

fn of_kind(kind: &str, one: &One<'_>) -> Value {
    let (resource_type, name, details) = match kind {
        "AwsEc2Instance" => ("Instance", "instanceDetails", instance(one)),
        "AwsIamAccessKey" => ("AccessKey", "accessKeyDetails", access_key(one)),
        "AwsS3Bucket" => ("S3Bucket", "s3BucketDetails", json!([bucket(one)])),
        "AwsEksCluster" => ("EKSCluster", "eksClusterDetails", eks_cluster(one)),
        "AwsEcsCluster" => ("ECSCluster", "ecsClusterDetails", ecs_cluster(one)),
        "AwsEcsTask" => ("ECSCluster", "ecsClusterDetails", json!({"taskDetails": ecs_task(one)})),
        "Container" => ("Container", "containerDetails", container(one)),
        "AwsLambdaFunction" => ("Lambda", "lambdaDetails", lambda(one)),
        "AwsRdsDbInstance" => ("RDSDBInstance", "rdsDbInstanceDetails", db_instance(one)),
        _ => return Value::Null,
    };
    json!({"resourceType": resource_type, name: details})
}

fn instance(one: &One<'_>) -> Value {
    let profile = object([("arn", one.get("/IamInstanceProfileArn"))]);
    object([
        ("instanceId", one.name()),
        ("instanceType", one.get("/Type")),
        ("imageId", one.get("/ImageId")),
        ("launchTime", one.get("/LaunchedAt")),
        ("iamInstanceProfile", Some(profile)),
        ("networkInterfaces", Some(interfaces(one))),
        ("tags", one.tags()),
    ])
}

/// Security Hub has the addresses of all interfaces in one list, with the subnet of the first.
fn interfaces(one: &One<'_>) -> Value {
    let addresses: Vec<&str> = one.list("/IpV4Addresses").filter_map(Value::as_str).collect();
    let is_private = |address: &&&str| {
        address.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_private() || ip.is_loopback())
    };
    let private = addresses.iter().find(is_private).map(|address| Value::from(*address));
    let public = addresses.iter().find(|one| !is_private(one)).map(|one| Value::from(*one));
    let ids: Vec<Value> = one
        .list("/NetworkInterfaces")
        .filter_map(|i| i.get("NetworkInterfaceId").cloned())
        .collect();
    let first = object([
        ("networkInterfaceId", ids.first().cloned()),
        ("subnetId", one.get("/SubnetId")),
        ("vpcId", one.get("/VpcId")),
        ("privateIpAddress", private),
        ("publicIp", public),
        ("ipv6Addresses", one.get("/IpV6Addresses")),
    ]);
    let others = ids.into_iter().skip(1).map(|id| json!({"networkInterfaceId": id}));
    let all = std::iter::once(first).chain(others);
    all.filter(|interface| interface.as_object().is_some_and(|fields| !fields.is_empty())).collect()
}

fn access_key(one: &One<'_>) -> Value {
    object([
        ("accessKeyId", one.get("/AccessKeyId").or_else(|| one.name())),
        ("principalId", one.get("/PrincipalId")),
        ("userName", one.any(&["/PrincipalName", "/UserName"])),
        ("userType", one.get("/PrincipalType")),
    ])
}

fn bucket(one: &One<'_>) -> Value {
    let rule = "/ServerSideEncryptionConfiguration/Rules/0/ApplyServerSideEncryptionByDefault";
    let encryption = object([
        ("encryptionType", one.get(&format!("{rule}/SSEAlgorithm"))),
        ("kmsMasterKeyArn", one.get(&format!("{rule}/KMSMasterKeyID"))),
    ]);
    let block = |name: &str| one.get(&format!("/PublicAccessBlockConfiguration/{name}"));
    let block = object([
        ("blockPublicAcls", block("BlockPublicAcls")),
        ("blockPublicPolicy", block("BlockPublicPolicy")),
        ("ignorePublicAcls", block("IgnorePublicAcls")),
        ("restrictPublicBuckets", block("RestrictPublicBuckets")),
    ]);
    let of_bucket = object([("blockPublicAccess", Some(block))]);
    let permissions = object([("bucketLevelPermissions", Some(of_bucket))]);
    object([
        ("arn", one.arn()),
        ("name", one.get("/Name").or_else(|| one.name())),
        ("createdAt", one.get("/CreatedAt")),
        ("owner", Some(object([("id", one.get("/OwnerId"))]))),
        ("defaultServerSideEncryption", Some(encryption)),
        ("publicAccess", Some(object([("permissionConfiguration", Some(permissions))]))),
        ("tags", one.tags()),
    ])
}

fn eks_cluster(one: &One<'_>) -> Value {
    object([
        ("arn", one.get("/Arn").or_else(|| one.arn())),
        ("name", one.get("/Name").or_else(|| one.name())),
        ("status", one.get("/ClusterStatus")),
        ("vpcId", one.get("/ResourcesVpcConfig/VpcId")),
        ("tags", one.tags()),
    ])
}

fn ecs_cluster(one: &One<'_>) -> Value {
    object([
        ("arn", one.get("/ClusterArn").or_else(|| one.arn())),
        ("name", one.get("/ClusterName").or_else(|| one.name())),
        ("status", one.get("/Status")),
        ("tags", one.tags()),
    ])
}

fn ecs_task(one: &One<'_>) -> Value {
    object([
        ("arn", one.arn()),
        ("definitionArn", one.get("/TaskDefinitionArn")),
        ("group", one.get("/Group")),
        ("createdAt", one.get("/CreatedAt")),
        ("startedAt", one.get("/StartedAt")),
        ("startedBy", one.get("/StartedBy")),
        ("tags", one.tags()),
    ])
}

fn container(one: &One<'_>) -> Value {
    let security = object([("privileged", one.get("/Privileged"))]);
    object([
        ("id", one.name()),
        ("name", one.get("/Name")),
        ("image", one.any(&["/ImageName", "/ImageId"])),
        ("containerRuntime", one.get("/ContainerRuntime")),
        ("securityContext", Some(security)),
    ])
}

fn lambda(one: &One<'_>) -> Value {
    let groups = one.list("/VpcConfig/SecurityGroupIds").map(|id| json!({"groupId": id}));
    let network = object([
        ("vpcId", one.get("/VpcConfig/VpcId")),
        ("subnetIds", one.get("/VpcConfig/SubnetIds")),
        ("securityGroups", Some(groups.collect())),
    ]);
    object([
        ("functionArn", one.arn()),
        ("functionName", one.get("/FunctionName").or_else(|| one.name())),
        ("functionVersion", one.get("/Version")),
        ("lastModifiedAt", one.get("/LastModified")),
        ("revisionId", one.get("/RevisionId")),
        ("role", one.get("/Role")),
        ("vpcConfig", Some(network)),
        ("tags", one.tags()),
    ])
}

fn db_instance(one: &One<'_>) -> Value {
    object([
        ("dbInstanceArn", one.arn()),
        ("dbInstanceIdentifier", one.get("/DBInstanceIdentifier").or_else(|| one.name())),
        ("dbClusterIdentifier", one.get("/DBClusterIdentifier")),
        ("dbiResourceId", one.get("/DbiResourceId")),
        ("engine", one.get("/Engine")),
        ("engineVersion", one.get("/EngineVersion")),
        ("tags", one.tags()),
    ])
}
