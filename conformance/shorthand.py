#!/usr/bin/env python3
"""Proves with the real AWS CLI that no value of a finding changes what a command asks for.

A runbook with commands that somebody wrote, in every form that the CLI has for arguments, is filled
with values that have its syntax in them. The CLI reads each command: the parameters that it would
send, and the expression that it would choose with, are those of a harmless value with the value put
in. Without network.
"""

import functools
import json
import shlex
import subprocess
import tempfile
from pathlib import Path

from common import binary, conclude, fill, use_packages

use_packages("aws-cli")
import jmespath  # noqa: E402 (there only after the line above)

import aws_commands  # noqa: E402
from fences import fences  # noqa: E402

FINDING_TYPE, FILE = "Object:S3/MaliciousFile", "object-s3-maliciousfile.md"
HARMLESS = "hxqz7"
VALUES = ["pq,Name=rs", "pq,rs", "pq=rs", "pq@=rs", "pq--rs", "pq+rs:tu/vw", "pq,Key=rs,Value=tu"]
EC2 = "aws ec2 describe-instances"
COMMANDS = r"""
<EC2> --filters Name=tag:Name,Values=<X>
<EC2> --filters=Name=tag:Name,Values=<X>
<EC2> --filters="Name=tag:Name,Values=<X>"
<EC2> --filters Name=tag:Name,Values='<X>'
<EC2> '--filters=Name=tag:Name,Values=<X>'
<EC2> --filters Name=tag:a,Values=b 'Name=tag:c,Values=d,<X>'
<EC2> --filters 'Name=tag:Name,Values="<X>"'
<EC2> --filters '[{"Name":"tag:Name","Values":["<X>"]}]'
<EC2> --query "Reservations[].Instances[?PrivateIpAddress=='<X>']"
<EC2> --query 'Reservations[].Instances[?ImageId==`"<X>"`]'
<EC2> --query 'Reservations[?OwnerId==<X>]'
<EC2> --query=Reservations[].<X>
aws ec2 create-tags --resources i-0123456789abcdef0 --tags Key=a,Value=<X> Key=b,Value=c
aws ec2 create-tags --resources i-0123456789abcdef0 --tags '[{"Key":"a","Value":"<X>"}]'
aws ec2 create-tags --resources i-0123456789abcdef0 --tags "[{\"Key\":\"<X>\",\"Value\":\"a\"}]"
aws ec2 modify-image-attribute --image-id ami-0123456789abcdef0 --launch-permission "Add=[{UserId=<X>}]"
aws iam create-user --user-name <X> --tags=Key=a,Value=<X>
aws iam create-user --cli-input-json '{"UserName": "<X>", "Path": "/a/"}'
aws ssm send-command --document-name AWS-RunShellScript --instance-ids i-0123456789abcdef0 --parameters commands=<X>
aws ssm send-command --document-name AWS-RunShellScript --instance-ids i-0123456789abcdef0 --parameters '{"commands": ["<X>"]}'
aws dynamodb get-item --table-name abc --key '{"a": {"S": "<X>"}}'
aws dynamodb get-item --table-name abc --key a={S=<X>}
aws dynamodb put-item --table-name abc --item 'a={S=<X>},b={S=c}'
aws s3api get-object-attributes --bucket abc --key <X> --object-attributes ETag
aws s3api put-object-tagging --bucket abc --key='<X>' --tagging 'TagSet=[{Key=a,Value=<X>}]'
aws lambda update-function-configuration --function-name f --environment "Variables={A_B=<X>}"
aws lambda tag-resource --resource arn:aws:lambda:eu-west-1:111122223333:function:f --tags my-key=<X>
aws lambda tag-resource --resource arn:aws:lambda:eu-west-1:111122223333:function:f --tags <X>=a
""".replace("<EC2>", EC2).replace("<X>", "<OBJECT_KEY>").strip()
# In these places any value stands as it is, so that it has to be filled in.
TAKEN = 6


def filled(value):
    """The commands with a value in them, as the program writes them into the runbook."""
    finding = {"schemaVersion": "2.0", "type": FINDING_TYPE, "severity": 8, "title": "t",
               "id": "0123456789abcdef0123456789abcdef", "accountId": "111122223333",
               "region": "eu-west-1",
               "resource": {"resourceType": "S3Object", "s3BucketDetails": [
                   {"name": "abc", "s3ObjectDetails": [{"key": value, "objectKey": value}]}]}}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([binary(), "--outdir", folder, "--source", "builtin", "--include", FINDING_TYPE,
                        "--quiet"], check=True, stdin=subprocess.DEVNULL)
        runbook = Path(folder, FILE)
        runbook.write_text(f"{runbook.read_text()}\n## Ours\n\n```bash\n{COMMANDS}\n```\n")
        text = fill([finding], folder)[0]["markdown"]
    return next(one.text for one in fences(text) if one.section == "Ours").strip().splitlines()


def meaning(words):
    return meaning_of(tuple(words))


@functools.cache
def meaning_of(words):
    """What the CLI makes of a command: the parameters of the call, or its complaint."""
    query = next((after.partition("=")[2] if "=" in after else words[at + 1]
                  for at, after in enumerate(words) if after.split("=")[0] == "--query"), None)
    parsed = parameters(words)
    try:
        return parsed, query and jmespath.compile(query).parsed
    except jmespath.exceptions.ParseError:
        return parsed, "no expression"


def parameters(words):
    aws_commands.model_complaints = lambda params, _: [json.dumps(params, sort_keys=True)]
    with tempfile.TemporaryDirectory() as folder:
        complaints, _, _ = aws_commands.in_fork(folder, list(words[1:]), skeleton=True)
    return [json.loads(one) for one in complaints if one.startswith("{")] or ["refused"]


def put_in(meant, value):
    """A meaning with a marker in place of a value."""
    return json.loads(json.dumps(meant).replace(json.dumps(value)[1:-1], "<OBJECT_KEY>"))


def main():
    failures, in_place = [], 0
    for value in [HARMLESS, *VALUES]:
        for command in filled(value):
            if value not in command:
                continue
            in_place += 1
            words = shlex.split(command)
            calm = [word.replace(value, HARMLESS) for word in words]
            if value != HARMLESS and put_in(meaning(words), value) != put_in(meaning(calm), HARMLESS):
                failures.append(f"{value!r} changes what this asks for: {command}")
            if value == HARMLESS and meaning(calm)[0] == ["refused"]:
                failures.append(f"the AWS CLI refuses {command}")
    if in_place < len(VALUES) * TAKEN:
        failures.append(f"only {in_place} commands were filled in")
    print(f"{len(COMMANDS.splitlines())} commands, {1 + len(VALUES)} values: {in_place} "
          f"commands with a value in them read by the AWS CLI: {len(failures)} faults")
    conclude(failures)


if __name__ == "__main__":
    main()
