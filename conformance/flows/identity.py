"""IAM users and roles: keys, denials, sessions."""

from responder import Responder

from .finding import ACCOUNT, ALL, FINDING, NOBODY, expect

RUNBOOK = "credentialaccess-iamuser-anomalousbehavior.md"


def user(stand_in):
    """A user with a key; what is known of it."""
    iam = stand_in.client("iam")
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    return FINDING | {"user_name": "alice", "access_key_id": key,
                      "principal_arn": f"arn:aws:iam::{ACCOUNT}:user/alice"}


def deactivate_key(stand_in, runbooks):
    """A key is deactivated, and active again."""
    known, iam = user(stand_in), stand_in.client("iam")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)

    def status():
        return iam.list_access_keys(UserName="alice")["AccessKeyMetadata"][0]["Status"]

    step = responder.step("iam update-access-key")
    responder.carry_out(step, "update-access-key")
    expect(status() == "Inactive", f"the key is {status()}")
    responder.undo(step, only="--status")
    expect(status() == "Active", f"undone, the key is {status()}")
    return responder


def deny_user(stand_in, runbooks):
    """A user is denied everything, and allowed again."""
    known, iam = user(stand_in), stand_in.client("iam")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)
    step = responder.step("iam put-user-policy")
    responder.carry_out(step, "user-polic")
    names = iam.list_user_policies(UserName="alice")["PolicyNames"]
    statement = iam.get_user_policy(UserName="alice", PolicyName=names[0])["PolicyDocument"]["Statement"][0]
    expect(statement == ALL, f"the policy says {statement}")
    responder.undo(step, only="delete-user-policy")
    expect(not iam.list_user_policies(UserName="alice")["PolicyNames"], "undone, the policy is still there")
    return responder


def revoke_sessions(stand_in, runbooks):
    """A role's older sessions are denied, then the whole role, and both are as before."""
    iam = stand_in.client("iam")
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=NOBODY)
    responder = Responder(stand_in, runbooks[RUNBOOK], FINDING | {"role_name": "web"})

    def statements():
        names = iam.list_role_policies(RoleName="web")["PolicyNames"]
        return {name: iam.get_role_policy(RoleName="web", PolicyName=name)["PolicyDocument"]["Statement"][0]
                for name in names}

    step = responder.step("iam put-role-policy", "TokenIssueTime")
    responder.carry_out(step, "TokenIssueTime")
    [(sessions, statement)] = statements().items()
    expect(statement == ALL | {"Condition": {"DateLessThan": {"aws:TokenIssueTime": FINDING["now"]}}},
           f"the policy says {statement}")
    responder.carry_out(step, "IncidentDenyAll")
    expect(statements().get("IncidentDenyAll") == ALL, f"the policies say {statements()}")
    for name in (sessions, "IncidentDenyAll"):
        responder.undo(step, {"--policy-name": [name]}, only="delete-role-policy")
    expect(not statements(), f"undone, there are {statements()}")
    return responder


FLOWS = [deactivate_key, deny_user, revoke_sessions]
