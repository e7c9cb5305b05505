"""Findings of the shapes with which Panther tests its own GuardDuty rules, with values of our own.

No `resource` at all, `evidence` null, whole and broken severities, times with a space, a sample marked
in one key or in three.
"""

ACCOUNT, DETECTOR = "444455556666", "c" * 32


def finding(finding_type, severity, additional_info, **more):
    """A finding without a resource."""
    finding_id = "d" * 32
    return {
        "schemaVersion": "2.0", "accountId": ACCOUNT, "region": "us-east-1", "partition": "aws",
        "arn": f"arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/{DETECTOR}/finding/{finding_id}",
        "id": finding_id, "type": finding_type, "severity": severity,
        "service": {
            "serviceName": "guardduty", "detectorId": DETECTOR, "resourceRole": "TARGET",
            "additionalInfo": additional_info, "evidence": None, "archived": False, "count": 1,
            "eventFirstSeen": "2026-02-01T10:00:00Z", "eventLastSeen": "2026-02-01T10:00:00Z",
            "action": {"actionType": "AWS_API_CALL", "awsApiCallAction": {
                "api": "PutRolePolicy", "serviceName": "iam.amazonaws.com", "callerType": "Domain",
                "domainDetails": {"domain": "cloudformation.amazonaws.com"},
                "affectedResources": {"AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/Lamp"}}},
        },
        "createdAt": "2026-02-01T10:10:00.000Z", "updatedAt": "2026-02-01T10:10:00.000Z",
        "title": "A role gave itself more", "description": "The role Lamp gave itself more.",
        **more,
    }


def sequence(additional_info):
    """An attack sequence as Panther's parser leaves it: times without `T` and `Z`."""
    found = finding("AttackSequence:IAM/CompromisedCredentials", 9, additional_info,
                    resource={"resourceType": "AttackSequence"},
                    createdAt="2026-02-01 10:10:00.721", updatedAt="2026-02-01 10:10:00.721",
                    description="Signals of one actor:\n  - many calls\n  - from many places\n")
    del found["service"]["action"], found["service"]["evidence"]
    found["service"] |= {"featureName": "Correlation", "eventFirstSeen": "2026-02-01 10:00:00.000000000"}
    return found


RETIRED = "PrivilegeEscalation:IAMUser/AdministrativePermissions"

# The level, what it is, whether it is a sample, the finding.
PANTHER_SHAPES = [
    ("Critical", "sequence", False, sequence({})),
    ("Critical", "sequence as sample", True,
     sequence({"sample": True, "type": "default", "value": '{"sample":true}'})),
    ("High", "retired type", False, finding(RETIRED, 8, {})),
    ("High", "retired type as sample", True, finding(RETIRED, 8, {"sample": True})),
    ("Medium", "retired type", False, finding(RETIRED, 5, {})),
    ("Medium", "retired type as sample", True, finding(RETIRED, 5, {"sample": True})),
    ("Low", "retired type", False, finding(RETIRED, 1, {})),
    ("Low", "retired type as sample", True, finding(RETIRED, 1, {"sample": True})),
]
