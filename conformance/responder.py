"""Works through the steps of a rendered runbook as a person would, against a moto server on loopback.

A `Responder` takes every command from the runbook's own text, fills in what it knows, has bash run
it with the real AWS CLI, and learns what the next command needs from the answer.
"""

import json
import logging
import re
import shlex
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import boto3
import jmespath
from botocore.session import get_session
from botocore import xform_name
from moto.server import ThreadedMotoServer

from fences import saved_files, steps
from placeholders import Filled

REGION = "eu-west-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
               "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
               "AWS_MAX_ATTEMPTS": "1"}
GLOBAL_SERVICES = {"iam", "sts", "organizations"}
REQUIRED, OPTIONAL, FLAG = "required", "optional", "flag"
MODELS = {"s3api": "s3", "configservice": "config"}  # services that the CLI calls otherwise
# What the answer of an operation tells: placeholder → where it stands in the answer.
TOLD = {
    "create-security-group": {"isolation_security_group_id": "GroupId"},
    "create-firewall-domain-list": {"firewall_domain_list_id": "FirewallDomainList.Id"},
    "create-firewall-rule-group": {"firewall_rule_group_id": "FirewallRuleGroup.Id"},
    "list-detectors": {"admin_detector_id": "DetectorIds[0]"},
    "create-policy": {"scp_id": "Policy.PolicySummary.Id"},
}


class StandIn:
    """A moto server, clients for it, and a shell whose `aws` talks to it."""

    def __init__(self):
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        self.environment = {**CREDENTIALS, "AWS_ENDPOINT_URL": self.url, "HOME": "/nonexistent",
                            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}

    def reset(self):
        """Forgets everything in the account."""
        urllib.request.urlopen(f"{self.url}/moto-api/reset", data=b"", timeout=30).close()

    def client(self, service):
        return boto3.client(service, region_name=REGION, endpoint_url=self.url,
                            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"])

    def shell(self, text, files=()):
        """Runs a line of shell in a folder that holds files, (name, content) each."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files:
                Path(folder, name).write_text(content, "utf-8")
            return subprocess.run(["bash", "-c", text], env=self.environment, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=120, cwd=folder)


class Refused(Exception):
    """A command of the runbook did not do what it should."""


class Responder:
    """Somebody with a runbook in hand, and what they know so far."""

    def __init__(self, stand_in, runbook, known):
        self.stand_in, self.runbook, self.known = stand_in, runbook, dict(known)
        self.ran = []

    def step(self, *words):
        """The first step of the runbook with a command that has all of the words."""
        for step in steps(self.runbook):
            if any(all(word in row for word in words) for row in step.rows("bash")):
                return step
        raise Refused(f"no step has a command with {' and '.join(words)}")

    def carry_out(self, step, *only):
        """Runs the step's commands in order, those that have one of the words if there are any.

        Gives the answers, operation → JSON or text.
        """
        rows = step.rows("bash")
        for word in only:
            if not any(word in row for row in rows):
                raise Refused(f"{step.title}: no command has {word}")
        chosen = [row for row in rows if not only or any(word in row for word in only)]
        return {operation(row): self.run(row, step) for row in chosen}

    def run(self, row, step):
        filled = Filled(self.known, samples=False)
        text = filled(row)
        if filled.unknown:
            raise Refused(f"{step.title}: nothing told {', '.join(sorted(filled.unknown))}: {row}")
        run = self.stand_in.shell(text, saved_files(step.text, filled))
        if run.returncode != 0:
            raise Refused(f"{step.title}: `{text}` exited {run.returncode}: {run.stderr.strip()[-300:]}")
        self.ran.append(text)
        try:
            answer = json.loads(run.stdout or "null")
        except ValueError:
            answer = run.stdout.strip()
        if "--query" not in text:
            for name, path in TOLD.get(operation(row), {}).items():
                self.known[name] = jmespath.search(path, answer)
        return answer

    def undo(self, step, recorded=None, only=""):
        """Runs what a step's `Undo:` has in code: commands, or the step's own with another option.

        Prose shortens commands: what one does not say it takes from the step's own, as a reader
        does, and `recorded` holds the old values, option → words. `only` picks commands.
        """
        commands = [words for words in undo_commands(step.undo()) if only in shlex.join(words)]
        if not commands:
            raise Refused(f"{step.title}: nothing to undo it has {only}")
        for words in commands:
            command = (self.completed(words, step, recorded or {}) if words[0] == "aws"
                       else self.altered(words, step))
            self.run(shlex.join(command), step)

    def altered(self, words, step):
        """The step's command that has an option, with that option as `words` give it."""
        given = options(["", "", "", *words])
        for row in step.rows("bash"):
            own = shlex.split(row)
            there = options(own)
            same = {name for name in there for new in given if name in (new, f"--no-{new[2:]}", f"--{new[5:]}")}
            if same:
                kept = {name: value for name, value in there.items() if name not in same} | given
                return [*own[:3], *(word for name, values in kept.items() for word in (name, *values))]
        raise Refused(f"{step.title}: no command has an option like {words[0]}")

    def completed(self, words, step, recorded):
        given, mentioned = options(words), {}
        rows = [shlex.split(row) for row in step.rows("bash")]
        same = [row for row in rows if row[:3] == words[:3]]
        for row in same or rows:
            for name, value in options(row).items():
                mentioned.setdefault(name, value)
        accepted = arguments(words)
        for name, value in recorded.items():
            if name in accepted and not given.get(name):
                given[name] = value
        for name, kind in accepted.items():
            wanted = kind == REQUIRED or kind == OPTIONAL and not same
            if wanted and name in mentioned and name not in given:
                given[name] = mentioned[name]
            if kind == REQUIRED and name not in given:
                given[name] = self.told(name)
        return [*words[:3], *(word for name, values in given.items() for word in (name, *values))]

    def told(self, option):
        """The value of an option that is named like a placeholder."""
        value = self.known.get(option.removeprefix("--").replace("-", "_"))
        if value is None:
            raise Refused(f"nothing says what {option} is")
        return [value]


def operation(row):
    """`create-snapshot` in `aws ec2 create-snapshot …`; the whole row where it is something else."""
    words = shlex.split(row)
    return words[2] if words[0] == "aws" else row


def undo_commands(codes):
    """Commands as words; one that bare options of its own follow is meant once with each of them."""
    found, number = [], 0
    while number < len(codes):
        words = shlex.split(codes[number])
        number += 1
        bare = []
        while (words[0] == "aws" and number < len(codes)
               and codes[number].split()[0] in arguments(words)):
            bare.append(shlex.split(codes[number]))
            number += 1
        found += [words + more for more in bare] or [words]
    return found


def options(words):
    """The options of a command: `--name` → its values."""
    found, current = {}, None
    for word in words[3:]:
        if re.match(r"--[a-z]", word):
            current = found.setdefault(word, [])
        elif current is not None:
            current.append(word)
    return found


def arguments(words):
    """The options that an operation accepts → whether each is required, optional or a flag."""
    model = get_session().get_service_model(MODELS.get(words[1], words[1]))
    names = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(names[words[2]]).input_shape
    found = {} if words[1] in GLOBAL_SERVICES else {"--region": REQUIRED}
    for name, member in (shape.members if shape else {}).items():
        option = f"--{xform_name(name, '-')}"
        found[option] = FLAG if member.type_name == "boolean" else OPTIONAL
        if member.type_name == "boolean":
            found |= {f"--no-{option[2:]}": FLAG, "--ingress": FLAG}  # the CLI's name for no --egress
        elif name in shape.required_members:
            found[option] = REQUIRED
    return found
