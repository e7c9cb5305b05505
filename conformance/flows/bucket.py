"""S3 buckets and objects: public access, denials, versions."""

import json

from botocore.exceptions import ClientError
from responder import Responder

from .finding import ACCOUNT, FINDING, REGION, expect

RUNBOOK = "exfiltration-s3-anomalousbehavior.md"
OBJECT_RUNBOOK = "object-s3-maliciousfile.md"
BUCKET = "amzn-s3-demo-bucket"
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}]}


def bucket(stand_in):
    """A bucket with a public policy and one object; what is known of it."""
    s3 = stand_in.client("s3")
    for name in (BUCKET, "amzn-s3-demo-evidence"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(POLICY))
    version = s3.put_object(Bucket=BUCKET, Key="in/file.bin", Body=b"bad")["VersionId"]
    return FINDING | {
        "bucket_name": BUCKET, "bucket_arn": f"arn:aws:s3:::{BUCKET}", "object_key": "in/file.bin",
        "object_version_id": version, "evidence_bucket": "amzn-s3-demo-evidence",
        "principal_arn": f"arn:aws:iam::{ACCOUNT}:role/web"}


def answer_or_none(call):
    """A call's answer; nothing where there is no such configuration."""
    try:
        return call()
    except ClientError as error:
        expect(error.response["Error"]["Code"].startswith(("NoSuch", "404")), str(error))
        return None


def block_public(stand_in, runbooks):
    """A bucket's public access is blocked, and the block goes away."""
    known, s3 = bucket(stand_in), stand_in.client("s3")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)

    def block():
        answer = answer_or_none(lambda: s3.get_public_access_block(Bucket=BUCKET))
        return answer and answer["PublicAccessBlockConfiguration"]

    expect(block() is None, f"before: {block()}")
    step = responder.step("s3api put-public-access-block")
    responder.carry_out(step, "put-public-access-block")
    expect(block() and all(block().values()) and len(block()) == 4, f"blocked: {block()}")
    responder.undo(step, only="delete-public-access-block")
    expect(block() is None, f"undone: {block()}")
    return responder


def deny_at_bucket(stand_in, runbooks):
    """A principal is denied by the bucket's policy, and the recorded policy comes back."""
    known, s3 = bucket(stand_in), stand_in.client("s3")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)

    def policy():
        return json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])

    step = responder.step("s3api put-bucket-policy")
    responder.carry_out(step, "s3api put-bucket-policy")
    statement = policy()["Statement"][0]
    expect(statement["Effect"] == "Deny" and known["principal_arn"] in json.dumps(statement["Condition"]),
           f"the policy says {statement}")
    responder.undo(step, {"--policy": [json.dumps(POLICY)]}, only="put-bucket-policy")
    expect(policy() == POLICY, f"undone: {policy()}")
    return responder


def stop_loss(stand_in, runbooks):
    """Versioning is on and no lifecycle rule deletes; the rules come back."""
    known, s3 = bucket(stand_in), stand_in.client("s3")
    rules = {"Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration=rules)
    responder = Responder(stand_in, runbooks[RUNBOOK], known)

    def lifecycle():
        return answer_or_none(lambda: s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"])

    step = responder.step("s3api delete-bucket-lifecycle")
    responder.carry_out(step, "put-bucket-versioning", "delete-bucket-lifecycle")
    expect(lifecycle() is None, f"rules: {lifecycle()}")
    expect(s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled", "versioning is off")
    responder.undo(step, {"--lifecycle-configuration": [json.dumps(rules)]}, only="put-bucket-lifecycle")
    expect([rule["ID"] for rule in lifecycle()] == ["old"], f"undone: {lifecycle()}")
    return responder


def take_object(stand_in, runbooks):
    """A malicious object is copied as evidence, and that version of it deleted."""
    known, s3 = bucket(stand_in), stand_in.client("s3")
    responder = Responder(stand_in, runbooks[OBJECT_RUNBOOK], known)
    responder.carry_out(responder.step("s3api copy-object"), "s3api ")
    copies = s3.list_objects_v2(Bucket=known["evidence_bucket"])["Contents"]
    expect([copy["Key"] for copy in copies] == [known["finding_id"]], f"copies: {copies}")
    responder.carry_out(responder.step("s3api delete-object"))
    versions = s3.list_object_versions(Bucket=BUCKET)
    expect("Versions" not in versions and "DeleteMarkers" not in versions, f"left: {versions}")
    return responder


FLOWS = [block_public, deny_at_bucket, stop_loss, take_object]
