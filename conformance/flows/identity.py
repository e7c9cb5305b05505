"""IAM users and roles: keys, denials, sessions."""

import json

from responder import Responder

from .finding import ACCOUNT, FINDING, expect

RUNBOOK = "credentialaccess-iamuser-anomalousbehavior.md"


def user(stand_in):
    """A user with a key; what is known of it."""
    iam = stand_in.client("iam")
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    return FINDING | {"user_name": "alice", "access_key_id": key, "principal_arn": f"arn:aws:iam::{ACCOUNT}:user/alice"}


def deactivate_key(stand_in, runbooks):
    """A key is deactivated, and active again."""
    known, iam = user(stand_in), stand_in.client("iam")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)

    def status():
        return iam.list_access_keys(UserName="alice")["AccessKeyMetadata"][0]["Status"]

    step = responder.step("iam update-access-key")
    responder.carry_out(step)
    expect(status() == "Inactive", f"the key is {status()}")
    responder.undo(step)
    expect(status() == "Active", f"undone, the key is {status()}")
    return responder


def delete_key(stand_in, runbooks):
    """A leaked key is deleted for good."""
    known, iam = user(stand_in), stand_in.client("iam")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)
    responder.carry_out(responder.step("iam delete-access-key"), only=["access-key"])
    expect(not iam.list_access_keys(UserName="alice")["AccessKeyMetadata"], "the key is still there")
    return responder


def deny_user(stand_in, runbooks):
    """A user is denied everything, and allowed again."""
    known, iam = user(stand_in), stand_in.client("iam")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)
    step = responder.step("iam put-user-policy")
    responder.carry_out(step)
    names = iam.list_user_policies(UserName="alice")["PolicyNames"]
    statement = iam.get_user_policy(UserName="alice", PolicyName=names[0])["PolicyDocument"]["Statement"][0]
    expect(statement == {"Effect": "Deny", "Action": "*", "Resource": "*"}, f"the policy says {statement}")
    responder.undo(step)
    expect(not iam.list_user_policies(UserName="alice")["PolicyNames"], "undone, the policy is still there")
    return responder


def revoke_sessions(stand_in, runbooks):
    """A role's older sessions are denied and nobody can assume it, and both are as before."""
    iam = stand_in.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                     "Principal": {"Service": "ec2.amazonaws.com"}}]}
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(trust))
    responder = Responder(stand_in, runbooks[RUNBOOK], FINDING | {"role_name": "web"})

    def trusted():
        return iam.get_role(RoleName="web")["Role"]["AssumeRolePolicyDocument"]

    step = responder.step("iam put-role-policy")
    responder.carry_out(step)
    names = iam.list_role_policies(RoleName="web")["PolicyNames"]
    statement = iam.get_role_policy(RoleName="web", PolicyName=names[0])["PolicyDocument"]["Statement"][0]
    expect(statement["Condition"] == {"DateLessThan": {"aws:TokenIssueTime": FINDING["now"]}},
           f"the condition is {statement.get('Condition')}")
    expect(all(entry["Effect"] == "Deny" for entry in trusted()["Statement"]), f"trusted: {trusted()}")
    responder.undo(step, {"--policy-document": [json.dumps(trust)]})
    expect(trusted() == trust, f"undone, trusted: {trusted()}")
    expect(not iam.list_role_policies(RoleName="web")["PolicyNames"], "undone, the policy is still there")
    return responder


FLOWS = [deactivate_key, delete_key, deny_user, revoke_sessions]
