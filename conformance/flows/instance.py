"""An EC2 instance: keep, snapshot, isolate, cut off, take its role, terminate; its images."""

import json

from responder import Responder

from .finding import FINDING, NOBODY, expect

RUNBOOK = "backdoor-ec2-c-cactivity-b-dns.md"


def instance(stand_in):
    """An instance of an Auto Scaling group with a role; what is known of it."""
    ec2, scaling, iam = stand_in.client("ec2"), stand_in.client("autoscaling"), stand_in.client("iam")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=NOBODY)
    profile = iam.create_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Arn"]
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    # No group here: moto would show the instance's own beside whatever its interface has.
    scaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image, InstanceType="t3.micro")
    scaling.create_auto_scaling_group(AutoScalingGroupName="web", LaunchConfigurationName="web",
                                      MinSize=0, MaxSize=4, DesiredCapacity=1, VPCZoneIdentifier=subnet)
    name = scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"][0]["InstanceId"]
    association = ec2.associate_iam_instance_profile(
        IamInstanceProfile={"Name": "web"}, InstanceId=name)["IamInstanceProfileAssociation"]
    found = ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
    interface = found["NetworkInterfaces"][0]["NetworkInterfaceId"]
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[group])
    acl = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])
    return FINDING | {
        "instance_id": name, "vpc_id": vpc, "subnet_id": subnet, "image_id": image, "role_name": "web",
        "network_interface_id": interface, "old_security_group_ids": group, "auto_scaling_group_name": "web",
        "instance_profile_name": "web", "instance_profile_arn": profile,
        "profile_association_id": association["AssociationId"],
        "network_acl_id": acl["NetworkAcls"][0]["NetworkAclId"],
        "volume_id": found["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]}


def snapshot(stand_in, runbooks):
    """All volumes of an instance are snapshotted, described with the finding."""
    known, ec2 = instance(stand_in), stand_in.client("ec2")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)
    responder.carry_out(responder.step("ec2 create-snapshots"), "ec2 create-snapshots")
    made = ec2.describe_snapshots(Filters=[{"Name": "volume-id", "Values": [known["volume_id"]]}])["Snapshots"]
    expect(len(made) == 1, f"{len(made)} snapshots of the volume")
    expect(known["finding_id"] in made[0]["Description"], f"described as {made[0]['Description']!r}")
    return responder


def isolate(stand_in, runbooks):
    """An instance moves into a group that lets nothing through, and back."""
    known, ec2 = instance(stand_in), stand_in.client("ec2")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)

    def groups():
        answer = ec2.describe_network_interfaces(NetworkInterfaceIds=[known["network_interface_id"]])
        return [group["GroupId"] for group in answer["NetworkInterfaces"][0]["Groups"]]

    old, step = known["old_security_group_ids"], responder.step("ec2 modify-network-interface-attribute")
    answers = responder.carry_out(step, "network-interface", "security-group")
    isolation = responder.known["isolation_security_group_id"]
    expect(groups() == [isolation], f"the interface is in {groups()}")
    group = ec2.describe_security_groups(GroupIds=[isolation])["SecurityGroups"][0]
    expect(not group["IpPermissions"] and not group["IpPermissionsEgress"], f"it lets through {group}")
    expect(old in json.dumps(answers["describe-network-interfaces"]), "the old group is not recorded")
    responder.undo(step, {"--groups": [old]}, only="--groups")
    expect(groups() == [old], f"undone, the interface is in {groups()}")
    return responder


def hold(stand_in, runbooks):
    """An instance is protected from termination and leaves its Auto Scaling group, and comes back."""
    known, ec2, scaling = instance(stand_in), stand_in.client("ec2"), stand_in.client("autoscaling")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)

    def state():
        attribute = ec2.describe_instance_attribute(
            InstanceId=known["instance_id"], Attribute="disableApiTermination")["DisableApiTermination"]
        group = scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
        members = {member["InstanceId"] for member in group["Instances"]}
        return bool(attribute.get("Value")), known["instance_id"] in members, len(members)

    expect(state() == (False, True, 1), f"before: {state()}")
    step = responder.step("autoscaling detach-instances")
    responder.carry_out(step, "--disable-api-termination", "detach-instances")
    expect(state() == (True, False, 1), f"held, with a replacement: {state()}")
    responder.undo(step, only="attach-instances")
    responder.undo(step, only="--no-disable-api-termination")
    expect(state() == (False, True, 2), f"undone: {state()}")
    return responder


def cut_address(stand_in, runbooks):
    """An address is denied in the subnet's network ACL both ways, and let through again."""
    known, ec2 = instance(stand_in), stand_in.client("ec2")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)

    def entries():
        answer = ec2.describe_network_acls(NetworkAclIds=[known["network_acl_id"]])["NetworkAcls"][0]
        return sorted((entry["Egress"], entry["RuleNumber"], entry["RuleAction"], entry["CidrBlock"])
                      for entry in answer["Entries"] if entry["RuleNumber"] < 32767)

    before, address = entries(), f"{known['blocked_ipv4']}/32"
    step = responder.step("ec2 create-network-acl-entry")
    responder.carry_out(step, "network-acl")
    new = set(entries()) - set(before)
    expect({(way, action, cidr) for way, _, action, cidr in new}
           == {(way, "deny", address) for way in (False, True)}, f"entries: {entries()}")
    expect(min(entries(), key=lambda entry: entry[1])[2] == "deny", "something is allowed before it")
    responder.undo(step, only="delete-network-acl-entry")
    expect(entries() == before, f"undone: {entries()}")
    return responder


def take_role(stand_in, runbooks):
    """A role's keys are refused and its instance gets no new ones, and both are as before."""
    known, ec2, iam = instance(stand_in), stand_in.client("ec2"), stand_in.client("iam")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)

    def endpoint():
        answer = ec2.describe_instances(InstanceIds=[known["instance_id"]])["Reservations"][0]["Instances"][0]
        return answer["MetadataOptions"]["HttpEndpoint"]

    def policies():
        return iam.list_role_policies(RoleName="web")["PolicyNames"]

    step = responder.step("ec2 modify-instance-metadata-options", "--http-endpoint")
    answers = responder.carry_out(step, "get-instance-profile", "put-role-policy", "metadata-options")
    expect(answers["get-instance-profile"] == ["web"], f"roles: {answers['get-instance-profile']}")
    expect(endpoint() == "disabled", f"the metadata service is {endpoint()}")
    statement = iam.get_role_policy(RoleName="web", PolicyName=policies()[0])["PolicyDocument"]["Statement"][0]
    expect(statement["Effect"] == "Deny" and "aws:TokenIssueTime" in json.dumps(statement["Condition"]),
           f"the role's policy is {statement}")
    responder.undo(step, only="delete-role-policy")
    responder.undo(step, only="--http-endpoint")
    expect(endpoint() == "enabled" and not policies(), f"undone: {endpoint()}, {policies()}")
    return responder


def require_tokens(stand_in, runbooks):
    """An instance's metadata service asks for tokens."""
    known, ec2 = instance(stand_in), stand_in.client("ec2")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)

    def tokens():
        answer = ec2.describe_instances(InstanceIds=[known["instance_id"]])["Reservations"][0]["Instances"][0]
        return answer["MetadataOptions"].get("HttpTokens")

    step = responder.step("ec2 modify-instance-metadata-options", "--http-tokens")
    responder.carry_out(step, "--http-tokens")
    expect(tokens() == "required", f"tokens are {tokens()}")
    return responder


def terminate(stand_in, runbooks):
    """A held instance is terminated, once its snapshots are there."""
    known, ec2 = instance(stand_in), stand_in.client("ec2")
    responder = Responder(stand_in, runbooks[RUNBOOK], known)
    responder.carry_out(responder.step("ec2 create-snapshots"), "ec2 create-snapshots")
    held = responder.step("autoscaling detach-instances")
    responder.carry_out(held, "--disable-api-termination", "detach-instances")
    answers = responder.carry_out(responder.step("ec2 terminate-instances"))
    expect(answers["describe-snapshots"], "the step does not find the snapshots")
    found = ec2.describe_instances(InstanceIds=[known["instance_id"]])["Reservations"][0]["Instances"][0]
    expect(found["State"]["Name"] == "terminated", f"the instance is {found['State']['Name']}")
    return responder


FLOWS = [snapshot, isolate, hold, cut_address, take_role, require_tokens, terminate]
