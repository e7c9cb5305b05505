"""What every finding in these flows says."""

import json

ACCOUNT = "123456789012"
REGION = "eu-west-1"
FINDING = {
    "account_id": ACCOUNT, "region": REGION, "partition": "aws", "now": "2026-01-02T00:00:00Z",
    "finding_id": "1ab92989eaf0e742df4a014d5779b5ab", "window_start": "2026-01-01T00:00:00Z",
    "window_end": "2026-01-02T00:00:00Z", "blocked_ipv4": "203.0.113.9", "blocked_domain": "bad.example",
    "case_id": "CASE-1042", "responder": "alice",
}
ALL = {"Effect": "Deny", "Action": "*", "Resource": "*"}
NOBODY = json.dumps({"Version": "2012-10-17", "Statement": []})


def expect(truth, otherwise):
    """Ends the flow where the state is not as it should be."""
    if not truth:
        raise AssertionError(otherwise)
