"""The right account, and what happens in the administrator's and the management account."""

from responder import Refused, Responder

from .finding import ACCOUNT, FINDING, expect


def right_account(stand_in, runbooks):
    """The account check passes in the finding's account and stops everywhere else."""
    runbook = runbooks["backdoor-ec2-c-cactivity-b-dns.md"]
    here = Responder(stand_in, runbook, FINDING)
    step = here.step("sts get-caller-identity")
    here.carry_out(step, "sts get-caller-identity")
    elsewhere = Responder(stand_in, runbook, FINDING | {"account_id": "999999999999"})
    try:
        elsewhere.carry_out(step, "sts get-caller-identity")
    except Refused:
        return here
    raise AssertionError("the account check passes in another account")


def suppress(stand_in, runbooks):
    """A suppression rule archives what comes next, by the type and one thing more."""
    guardduty = stand_in.client("guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    known = FINDING | {"remote_port": "8443"}
    responder = Responder(stand_in, runbooks["behavior-ec2-networkportunusual.md"], known)
    answers = responder.carry_out(responder.step("guardduty create-filter"), "list-detectors", "create-filter")
    rule = guardduty.get_filter(DetectorId=detector, FilterName=answers["create-filter"]["Name"])
    criterion = rule["FindingCriteria"]["Criterion"]
    expect(rule["Action"] == "ARCHIVE", f"the rule's action is {rule['Action']}")
    expect(criterion.pop("type")["Equals"] == ["Behavior:EC2/NetworkPortUnusual"], "the type is missing")
    expect(any(value["Equals"] == ["8443"] for value in criterion.values()), f"nothing narrows it: {criterion}")
    return responder


def log_again(stand_in, runbooks):
    """A trail that was stopped logs again."""
    trail, s3 = stand_in.client("cloudtrail"), stand_in.client("s3")
    s3.create_bucket(Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    arn = trail.create_trail(Name="main", S3BucketName="trail-logs")["TrailARN"]
    trail.stop_logging(Name="main")
    known = FINDING | {"trail_arn": arn, "trail_region": "eu-west-1", "trail_name": "main"}
    responder = Responder(stand_in, runbooks["stealth-iamuser-cloudtrailloggingdisabled.md"], known)
    responder.carry_out(responder.step("cloudtrail start-logging"), "--name '<TRAIL_ARN>'")
    expect(trail.get_trail_status(Name="main")["IsLogging"], "the trail does not log")
    return responder


def deny_from_above(stand_in, runbooks):
    """A service control policy denies one principal, and is taken away again."""
    organization = stand_in.client("organizations")
    organization.create_organization(FeatureSet="ALL")
    root = organization.list_roots()["Roots"][0]["Id"]
    organization.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    principal = f"arn:aws:iam::{ACCOUNT}:role/web"
    known = FINDING | {"principal_arn": principal}
    responder = Responder(stand_in, runbooks["credentialaccess-iamuser-anomalousbehavior.md"], known)

    def attached():
        answer = organization.list_policies_for_target(TargetId=ACCOUNT, Filter="SERVICE_CONTROL_POLICY")
        return {policy["Name"]: policy["Id"] for policy in answer["Policies"]}

    before = attached()
    step = responder.step("organizations attach-policy")
    responder.carry_out(step, "organizations create-policy", "organizations attach-policy")
    new = set(attached()) - set(before)
    expect(len(new) == 1, f"attached: {new}")
    content = organization.describe_policy(PolicyId=attached()[new.pop()])["Policy"]["Content"]
    expect('"Deny"' in content and principal in content, f"the policy is {content}")
    responder.undo(step)
    expect(attached() == before, f"undone: {attached()}")
    return responder


FLOWS = [right_account, suppress, log_again, deny_from_above]
