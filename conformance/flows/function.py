"""A Lambda function, a task, a database, a snapshot, an image."""

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
    responder = Responder(stand_in, runbooks["backdoor-lambda-c-cactivity-b.md"],
                          FINDING | {"function_name": "fn"})

    def reserved():
        return functions.get_function_concurrency(FunctionName="fn").get("ReservedConcurrentExecutions")

    expect(reserved() is None, f"before: {reserved()}")
    step = responder.step("lambda put-function-concurrency")
    responder.carry_out(step, "function-concurrency")
    expect(reserved() == 0, f"throttled to {reserved()}")
    responder.undo(step, only="delete-function-concurrency")
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
    responder.carry_out(step, "create-tags")
    expect(tags() == {"quarantine": FINDING["finding_id"]}, f"tags: {tags()}")
    responder.undo(step, {"--tags": ["Key=quarantine"]}, only="delete-tags")
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
    known = FINDING | {"db_instance_id": "db", "db_security_group_id": new}
    runbook = runbooks["credentialaccess-rds-anomalousbehavior-successfullogin.md"]
    responder = Responder(stand_in, runbook, known)

    def groups():
        found = rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]
        return [group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]]

    expect(groups() == [old], f"before: {groups()}")
    step = responder.step("rds modify-db-instance", "--vpc-security-group-ids")
    command = "rds modify-db-instance --region '<REGION>' --db-instance-identifier '<DB_INSTANCE_ID>' --vpc"
    responder.carry_out(step, command)
    expect(groups() == [new], f"admits {groups()}")
    responder.known["db_security_group_id"] = old  # "the same with the recorded groups"
    responder.carry_out(step, command)
    expect(groups() == [old], f"undone: {groups()}")
    return responder


def disable_image(stand_in, runbooks):
    """Nothing is launched from an image, and again it may be."""
    ec2 = stand_in.client("ec2")
    base = ec2.describe_images()["Images"][0]["ImageId"]
    source = ec2.run_instances(ImageId=base, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    image = ec2.create_image(InstanceId=source, Name="web")["ImageId"]
    responder = Responder(stand_in, runbooks["execution-ec2-maliciousfile-ami.md"], FINDING | {"ami_id": image})

    def state():
        return ec2.describe_images(ImageIds=[image], IncludeDisabled=True)["Images"][0]["State"]

    step = responder.step("ec2 disable-image")
    responder.carry_out(step, "image-id '<AMI_ID>'")
    expect(state() == "disabled", f"the image is {state()}")
    responder.undo(step, only="ec2 enable-image")
    expect(state() == "available", f"undone, the image is {state()}")
    return responder


def stop_task(stand_in, runbooks):
    """A service starts no more tasks, and its task is stopped."""
    ecs = stand_in.client("ecs")
    cluster = ecs.create_cluster(clusterName="prod")["cluster"]["clusterArn"]
    container = {"name": "main", "image": "web", "memory": 64}
    ecs.register_task_definition(family="cart", containerDefinitions=[container])
    ecs.create_service(cluster=cluster, serviceName="cart", taskDefinition="cart", desiredCount=1,
                       launchType="FARGATE")
    subnet = stand_in.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    task = ecs.run_task(cluster=cluster, taskDefinition="cart", launchType="FARGATE", networkConfiguration={
        "awsvpcConfiguration": {"subnets": [subnet]}})["tasks"][0]["taskArn"]
    known = FINDING | {"ecs_cluster_arn": cluster, "ecs_task_arn": task, "ecs_service": "cart"}
    responder = Responder(stand_in, runbooks["execution-ecs-maliciousfile.md"], known)

    def state():
        wanted = ecs.describe_services(cluster=cluster, services=["cart"])["services"][0]["desiredCount"]
        return wanted, ecs.describe_tasks(cluster=cluster, tasks=[task])["tasks"][0]["lastStatus"]

    step = responder.step("ecs stop-task")
    answers = responder.carry_out(step, "aws ecs ")
    expect(state() == (0, "STOPPED"), f"stopped: {state()}")
    expect(1 in sum(answers["describe-services"], []), f"recorded: {answers['describe-services']}")
    return responder


FLOWS = [throttle, stop_task, mark_snapshot, disable_image, shut_database]
