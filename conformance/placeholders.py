"""Sample values for the placeholders of runbooks, by the types that `guidance/` declares for them."""

import re
import tomllib

from common import REPO, cannot_run

GUIDANCE = REPO / "guidance"
ACCOUNT, REGION = "111122223333", "eu-west-1"
TABLES = {"cloudtrail_table", "vpc_flow_table", "resolver_table", "s3_access_table", "alb_table",
          "event_data_store_id"}
BY_TYPE = {
    "access-key-id": "AKIAIOSFODNN7EXAMPLE",
    "account-id": ACCOUNT,
    "api-name": "DescribeInstances",
    "arn": f"arn:aws:iam::{ACCOUNT}:role/web",
    "bucket-name": "amzn-s3-demo-bucket",
    "case-id": "CASE-1042",
    "cidr": "192.0.2.0/24",
    "container-id": "ab" * 32,
    "container-image": "registry.example.com/web:1.2",
    "day": "2026/01/31",
    "detector-id": "12abc34d567e8fa901bc2d34e56789f0",
    "domain-name": "bad.example",
    "ec2-instance-id": "i-0123456789abcdef0",
    "file-path": "/tmp/payload",
    "finding-id": "1ab92989eaf0e742df4a014d5779b5ab",
    "function-name": "resize",
    "iam-name": "web",
    "identifier": "shop",
    "image-id": "ami-0123456789abcdef0",
    "integer": "4711",
    "ip-address": "203.0.113.9",
    "ipv4-address": "203.0.113.9",
    "ipv6-address": "2001:db8::9",
    "kubernetes-name": "cart",
    "kubernetes-rbac-name": "shop:reader",
    "kubernetes-user": "system:serviceaccount:shop:cart",
    "long-term-access-key-id": "AKIAIOSFODNN7EXAMPLE",
    "name": "shop",
    "network-acl-id": "acl-0123456789abcdef0",
    "network-interface-id": "eni-0123456789abcdef0",
    "object-key": "in/file.bin",
    "object-version-id": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY",
    "partition": "aws",
    "port": "8443",
    "principal-id": "AROAEXAMPLEEXAMPLE:session",
    "region": REGION,
    "resource-id": "sgr-0123456789abcdef0",
    "security-group-id": "sg-0123456789abcdef0",
    "service-name": "ec2.amazonaws.com",
    "sha256": "0f" * 32,
    "snapshot-id": "snap-0123456789abcdef0",
    "subnet-id": "subnet-0123456789abcdef0",
    "time": "2026-01-31T12:00:00Z",
    "uuid": "01234567-89ab-cdef-0123-456789abcdef",
    "volume-id": "vol-0123456789abcdef0",
    "vpc-id": "vpc-0123456789abcdef0",
    "workload-kind": "deployments",
}
# Where an operation wants one kind of name, and the type stands for many kinds.
HERE = f"{REGION}:{ACCOUNT}"
BY_NAME = {
    "attached_policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess",
    "backup_resource_arn": f"arn:aws:ec2:{HERE}:volume/vol-0123456789abcdef0",
    "bucket_arn": "arn:aws:s3:::amzn-s3-demo-bucket",
    "caller_access_key_id": "ASIAIOSFODNN7EXAMPLE",
    "clean_recovery_point_arn": f"arn:aws:ec2:{REGION}::snapshot/snap-0123456789abcdef1",
    "clean_task_definition": "cart:11",
    "container_instance_arn": f"arn:aws:ecs:{HERE}:container-instance/shop/{'ef' * 16}",
    "delete_marker_version_id": "4857693.Kdjfkdkf93jdkEkdlsPqmz0x",
    "ecs_cluster_arn": f"arn:aws:ecs:{HERE}:cluster/shop",
    "ecs_task_arn": f"arn:aws:ecs:{HERE}:task/shop/{'cd' * 16}",
    "finding_arn": f"arn:aws:guardduty:{HERE}:detector/{'12' * 16}/finding/{'ab' * 16}",
    "flow_log_destination_arn": "arn:aws:s3:::amzn-s3-demo-flow-logs",
    "foreign_account_id": "444455556666",
    "good_version_id": "QUpfdndhfd8438MNFDN93jdnJFkdmqnh893",
    "grant_id": "0c237476b39f8bc44e45212e08498fbe3151305030726c0590dd8d3e9f3d6a60",
    "guardrail_arn": f"arn:aws:bedrock:{HERE}:guardrail/abc123def456",
    "kms_key_arn": f"arn:aws:kms:{HERE}:key/01234567-89ab-cdef-0123-456789abcdef",
    "used_kms_key_arn": f"arn:aws:kms:{HERE}:key/01234567-89ab-cdef-0123-456789abcdef",
    "organization_root_id": "r-ab12",
    "query_log_destination_arn": "arn:aws:s3:::amzn-s3-demo-query-logs",
    "rcp_id": "p-examplercp1",
    "recovery_point_arn": f"arn:aws:ec2:{REGION}::snapshot/snap-0123456789abcdef0",
    "remote_account_id": "444455556666",
    "scp_id": "p-examplescp1",
    "secret_arn": f"arn:aws:secretsmanager:{HERE}:secret:shop/db-AbCdEf",
    "snapshot_arn": f"arn:aws:ec2:{REGION}::snapshot/snap-0123456789abcdef0",
    "task_definition_arn": f"arn:aws:ecs:{HERE}:task-definition/cart:12",
    "trail_arn": f"arn:aws:cloudtrail:{HERE}:trail/management",
    "function_version": "3",
    "clean_function_version": "2",
    "layer_version": "1",
    "provisioned_model_id": "abcdefghijkl",
}


def declared():
    """Every placeholder's name → its declaration."""
    files = [GUIDANCE / "placeholders.toml", *sorted((GUIDANCE / "placeholders.d").glob("*.toml"))]
    found = {}
    for file in files:
        if file.is_file():
            found |= tomllib.loads(file.read_text("utf-8"))
    return found or cannot_run(f"{GUIDANCE} declares no placeholders")


class Filled:
    """Puts values in the place of `<NAME>`; the names that nothing tells are kept in `unknown`.

    Values come from `values`, then, with `samples`, by the placeholder's declaration. Tables have
    their placeholder's name.
    """

    def __init__(self, values=None, samples=True):
        self.declared = declared() if samples else {}
        self.values, self.unknown = values or {}, set()

    def __call__(self, text):
        return re.sub(r"<([A-Z][A-Z0-9_]*)>", lambda match: self.value(match[1].lower()) or match[0], text)

    def value(self, name):
        if name in self.values:
            return self.values[name]
        if name not in self.declared:
            self.unknown.add(name)
            return None
        if name in TABLES:
            return name
        kind = self.declared[name]["type"]
        return BY_NAME.get(name) or BY_TYPE.get(kind) or cannot_run(f"there is no sample of the type {kind}")
