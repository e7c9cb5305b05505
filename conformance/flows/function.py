"""A Lambda function, a database, a snapshot."""

import io
import zipfile

from responder import Responder

from .finding import FINDING, NOBODY, expect


def throttle(stand_in, runbooks):
    """A function starts no more, and may start again."""
    iam, functions = stand_in.client("iam"), stand_in.client("lambda")
    role = iam.create_role(RoleName="fn", AssumeRolePolicyDocument=NOBODY)["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("main.py", "def handler(event, context): return 1\n")
    functions.create_function(FunctionName="fn", Runtime="python3.13", Role=role, Handler="main.handler",
                              Code={"ZipFile": archive.getvalue()})
    responder = Responder(stand_in, runbooks["backdoor-lambda-c-cactivity-b.md"], FINDING | {"function_name": "fn"})

    def reserved():
        return functions.get_function_concurrency(FunctionName="fn").get("ReservedConcurrentExecutions")

    expect(reserved() is None, f"before: {reserved()}")
    step = responder.step("lambda put-function-concurrency")
    responder.carry_out(step)
    expect(reserved() == 0, f"throttled to {reserved()}")
    responder.undo(step)
    expect(reserved() is None, f"undone: {reserved()}")
    return responder


def mark_snapshot(stand_in, runbooks):
    """A snapshot is marked so that nobody restores from it, and unmarked."""
    ec2 = stand_in.client("ec2")
    volume = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1)["VolumeId"]
    name = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    responder = Responder(stand_in, runbooks["execution-ec2-maliciousfile-snapshot.md"],
                          FINDING | {"snapshot_id": name})

    def tags():
        found = ec2.describe_snapshots(SnapshotIds=[name])["Snapshots"][0].get("Tags", [])
        return {tag["Key"]: tag["Value"] for tag in found}

    step = responder.step("ec2 create-tags")
    responder.carry_out(step)
    expect(tags() == {"quarantine": FINDING["finding_id"]}, f"tags: {tags()}")
    responder.undo(step, {"--tags": ["Key=quarantine"]})
    expect(not tags(), f"undone: {tags()}")
    return responder


def shut_database(stand_in, runbooks):
    """A database admits only an isolation group's clients, and the old groups' again."""
    rds, ec2 = stand_in.client("rds"), stand_in.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    old, new = (ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
                for name in ("old", "new"))
    rds.create_db_instance(DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="postgres",
                           MasterUsername="root", MasterUserPassword="password123", AllocatedStorage=20,
                           VpcSecurityGroupIds=[old])
    known = FINDING | {"db_instance_id": "db", "isolation_security_group_id": new}
    responder = Responder(stand_in, runbooks["credentialaccess-rds-anomalousbehavior-successfullogin.md"], known)

    def groups():
        found = rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]
        return [group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]]

    expect(groups() == [old], f"before: {groups()}")
    step, command = responder.step("rds modify-db-instance"), ["rds modify-db-instance"]
    responder.carry_out(step, only=command)
    expect(groups() == [new], f"admits {groups()}")
    responder.known["isolation_security_group_id"] = old  # "the same with the recorded groups"
    responder.carry_out(step, only=command)
    expect(groups() == [old], f"undone: {groups()}")
    return responder


FLOWS = [throttle, mark_snapshot, shut_database]
