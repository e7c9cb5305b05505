#!/usr/bin/env python3
"""Proves that the GitHub action does what it says: actionlint, pre-commit, and its own steps run here.

The steps run as a job would run them, with a repository on disk as `origin`, a mirror of the guide on
loopback, and a stand-in for `gh` that keeps pull requests in a file.
"""

import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from common import REPO, binary, conclude, real_pages, use_packages, write_runbooks

use_packages("github-action")
import yaml  # noqa: E402 (there only after the line above)
from guide_server import GUIDE, GuideServer  # noqa: E402

BRANCH = "guardduty-runbooks/update"
PULL = "https://github.example/pull/7"
TOKEN = "ghs_TheTokenOfThisJob"
ACTION = yaml.safe_load((REPO / "action.yml").read_text("utf-8"))

# Keeps the open pull requests, the body of the last one, and a log of what it was asked. From the start, there
# is the pull request of a fork whose branch has the same name.
GH = f"""#!{sys.executable}
import json, os, shutil, sys
from pathlib import Path
import jq

state = Path(os.environ["GH_STATE"])
if os.environ.get("GH_TOKEN") != "{TOKEN}":
    sys.exit("gh has no token")
command, options = sys.argv[2], dict(zip(sys.argv, sys.argv[1:]))
with (state / "log").open("a") as log:
    print(*sys.argv[1:3], file=log)
pulls = json.loads((state / "pulls").read_text())
if command == "list":
    fields = options["--json"].split(",")
    for answer in jq.all(options["--jq"], [{{field: pull[field] for field in fields}} for pull in pulls]):
        print(answer)
else:
    shutil.copy(options["--body-file"], state / "body")
if command == "create":
    if (state / "refuses").exists():
        sys.exit("GitHub Actions is not permitted to create or approve pull requests")
    (state / "pulls").write_text(json.dumps([*pulls, {{"url": "{PULL}", "isCrossRepository": False}}]))
    print("{PULL}")
"""

# Stands in for the program: changes a runbook, and says more about it than a pull request takes. The 60,000th
# byte is the first of a character.
WORDY = """#!/usr/bin/env bash
while [ "$1" != --summary ]; do shift; done
echo "More." >>runbooks/recon-ec2-portscan.md
{ printf x; printf 'ä%.0s' {1..40000}; } >"$2"
"""

# Stands in for the program: writes down what it can read of its own environment, and of that of each process
# above it up to the job.
CURIOUS = """#!/usr/bin/env bash
pid=$$
while [ "$pid" -gt 1 ] && [ "$pid" != "$(cat "$RUNNER_TEMP/job")" ]; do
  tr "\\0" "\\n" <"/proc/$pid/environ"
  pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status")
done >"$RUNNER_TEMP/seen"
"""
# What a job may have set, none of which is the program's business.
SECRETS = {
    "GITHUB_TOKEN": TOKEN, "GH_TOKEN": TOKEN, "ACTIONS_RUNTIME_TOKEN": "runtime-secret",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "identity-secret", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://identity.example",
    "AWS_SECRET_ACCESS_KEY": "aws-secret",
}


def run(*command, cwd, **more):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, **more)
    if done.returncode:
        conclude([f"`{' '.join(map(str, command))}` exited {done.returncode}: {done.stdout}{done.stderr}"])
    return done.stdout


def git(folder, *arguments):
    identity = ["-c", "user.name=Team", "-c", "user.email=team@example.com"]
    return run("git", *identity, *arguments, cwd=folder)


def executable(path, text):
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return path


def linted(scratch):
    """What actionlint says of the workflows, with the action beside them, so that it knows its inputs."""
    tool = Path(sys.prefix) / "bin" / "actionlint"
    workflows = scratch / "lint" / ".github" / "workflows"
    workflows.mkdir(parents=True)
    git(scratch / "lint", "init", "--quiet")
    shutil.copy(REPO / "action.yml", scratch / "lint")
    shutil.copytree(REPO / "action", scratch / "lint" / "action")
    examples = sorted((REPO / "examples" / "github").glob("*.yml"))
    for example in examples:
        text, count = re.subn(r"your-organization/guardduty-runbooks@v\d+", "./", example.read_text("utf-8"))
        (workflows / example.name).write_text(text, "utf-8")
        if count != 1:
            return 0, [f"{example.name} uses the action {count} times"]
    lint = subprocess.run([tool, "-no-color"], cwd=scratch / "lint", capture_output=True, text=True)
    faults = [lint.stdout + lint.stderr] if lint.returncode else []
    broken = workflows / examples[0].name
    broken.write_text(broken.read_text("utf-8").replace("outdir:", "outdirectory:"), "utf-8")
    if subprocess.run([tool], cwd=scratch / "lint", capture_output=True).returncode == 0:
        faults.append("actionlint does not see an input that the action does not have")
    run(Path(sys.prefix) / "bin" / "pre-commit", "validate-manifest", ".pre-commit-hooks.yaml", cwd=REPO)
    return len(examples), faults


class Job:
    """A repository with runbooks, and the job that works on it."""

    def __init__(self, scratch, pages):
        self.scratch, self.origin, self.clone = scratch, scratch / "origin.git", scratch / "clone"
        self.state, self.bin, self.temp = scratch / "gh", scratch / "bin", scratch / "runner"
        for folder in (self.state, self.bin, self.temp):
            folder.mkdir(parents=True)
        self.secrets = {}
        (self.state / "pulls").write_text('[{"url": "https://github.example/pull/6", "isCrossRepository": true}]')
        executable(self.bin / "gh", GH)
        run("git", "init", "--quiet", "--bare", "--initial-branch=main", self.origin, cwd=scratch)
        self.fresh()
        write_runbooks(self.clone / "runbooks", "--source", pages)
        self.publish("Runbooks")

    def fresh(self):
        """A new clone, as each job has one."""
        shutil.rmtree(self.clone, ignore_errors=True)
        run("git", "clone", "--quiet", self.origin, self.clone, cwd=self.scratch)
        if not list(self.clone.glob("runbooks")):
            git(self.clone, "checkout", "--quiet", "-B", "main")

    def publish(self, subject, branch="main"):
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", "--allow-empty", "--message", subject)
        git(self.clone, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")

    def step(self, step, inputs, steps):
        """Runs one step of the action behind others with these outputs; gives exit status, outputs and log."""
        given = {name: declared.get("default", "") for name, declared in ACTION["inputs"].items()} | inputs
        values = {"inputs": given, "github": {"ref_name": "main", "token": TOKEN}, "steps": steps}

        def value(expression):
            for part in expression[1].split("||"):
                where, _, name = part.strip().partition(".")
                found = values[where].get(name, "")
                if found:
                    return value_of(found)
            return ""

        def value_of(text):
            return re.sub(r"\$\{\{ (.+?) \}\}", value, str(text))

        outputs = self.temp / "outputs"
        outputs.write_text("")
        environment = {
            "PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(self.temp), "GH_STATE": str(self.state),
            "NO_PROXY": "127.0.0.1", "GITHUB_ACTION_PATH": str(REPO), "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(self.temp / "step-summary"), "RUNNER_TEMP": str(self.temp),
            "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
        } | self.secrets | {name: value_of(text) for name, text in step.get("env", {}).items()}
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                              cwd=self.clone, env=environment, capture_output=True, text=True)
        named = dict(line.split("=", 1) for line in outputs.read_text("utf-8").splitlines())
        return done.returncode, named, done.stdout + done.stderr

    def run(self, source, **inputs):
        """Runs the steps behind the installation in a fresh clone, and says what GitHub was asked meanwhile."""
        self.fresh()
        (self.state / "log").write_text("")
        inputs = {"program": str(binary()), "source": source, "arguments": f"--cache-dir\n{self.temp}/cache"} | inputs
        asks = inputs.get("command", "update") == "update" and inputs.get("pull-request", "true") == "true"
        status, outputs, log, steps = 0, {}, "", {}
        for step in ACTION["runs"]["steps"][-3:]:
            if status or (step["id"] == "pull" and not asks):
                continue
            status, named, said = self.step(step, inputs, steps)
            steps |= {f"{step['id']}.outputs.{name}": value for name, value in named.items()}
            outputs, log = outputs | named, log + said
        return status, outputs, log, (self.state / "log").read_text().split("\n")[:-1]

    def file(self, branch, path):
        return git(self.origin, "show", f"{branch}:{path}")

    def branch(self):
        return git(self.origin, "rev-parse", "--verify", "--quiet", f"refs/heads/{BRANCH}").strip()

    def configure(self, text):
        """Sets git's configuration for the steps, not for the rest of this script."""
        (self.temp / ".gitconfig").write_text(text)


def conflicting_edit(old, new):
    """A runbook, and the same with a line put otherwise that AWS changed as well."""
    for path in sorted(old.glob("*.md")):
        before, after = path.read_text("utf-8").splitlines(True), (new / path.name).read_text("utf-8").splitlines(True)
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        for operation, i, j, *_ in matcher.get_opcodes():
            if operation == "replace" and j - i == 1 and len(before[i].split()) > 12 and before[i][0].isalpha():
                return path.name, "".join([*before[:i], "Ring the lighthouse.\n", *before[j:]])
    conclude(["no line of AWS's changed between the two states"])


def main():
    old_pages, new_pages = real_pages("2025-12-html"), real_pages("2026-html")
    failures, runs = [], 0

    def expect(name, outcome, status, asked, error=""):
        """`error`: how the job says why it fails where the program does not."""
        nonlocal runs
        runs += 1
        got, outputs, log, gh = outcome
        summary = outputs.pop("summary", "")
        wanted = {"status": "0" if error else str(status)}
        if asked and not error:
            wanted["pull-request"] = PULL
        if (got, gh, outputs) != (status, asked, wanted) or not Path(summary).is_file() \
                or (error and f"::error title=GuardDuty runbooks::{error}" not in log):
            failures.append(f"{name}: status {got}, gh was asked {gh}, outputs {outputs}, {summary}\n{log[-1500:]}")
        return log

    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        examples, faults = linted(scratch)
        failures += faults
        print(f"actionlint and pre-commit accept {examples} workflows, the action and the hook")
        job = Job(scratch / "job", old_pages)
        write_runbooks(scratch / "new", "--source", new_pages)
        with GuideServer(new_pages) as mirror:
            expect("update", job.run(mirror.url), 0, ["pr list", "pr create"])
            body = (job.state / "body").read_text("utf-8")
            if "## New finding types" not in body or job.file("main", "runbooks/recon-ec2-portscan.md") \
                    == job.file(BRANCH, "runbooks/recon-ec2-portscan.md"):
                failures.append(f"the pull request does not have the update: {body[:300]}")
            first = job.branch()
            expect("update, again", job.run(mirror.url), 0, ["pr list", "pr edit"])
            job.fresh()
            name, edited = conflicting_edit(job.clone / "runbooks", scratch / "new")
            (job.clone / "runbooks" / name).write_text(edited, "utf-8")
            job.publish("Our own words")
            expect("update with a conflict", job.run(mirror.url), 1, ["pr list", "pr edit"])
            body = (job.state / "body").read_text("utf-8")
            if "## In conflict" not in body or "Ring the lighthouse." not in body:
                failures.append(f"the pull request does not list the conflict: {body[-300:]}")
            if job.file(BRANCH, f"runbooks/{name}") != edited or job.branch() == first:
                failures.append("the edited runbook is not as it was, or nothing was pushed")
            log = expect("check", job.run(mirror.url, command="check"), 1, [])
            if not re.search(r"^::(error|warning|notice) ?[^:]*::", log, re.MULTILINE):
                failures.append(f"check gives no annotations: {log[-500:]}")
            expect("no pull request wanted", job.run(mirror.url, **{"pull-request": "false"}), 1, [])
            expect("a command that is none", job.run(mirror.url, command="rm"), 2, [])
            page = next(name for name in mirror.pages if name.startswith("guardduty_finding-types-s3"))
            kept = mirror.pages.pop(page)
            expect("update without a page", job.run(mirror.url), 4, ["pr list", "pr edit"])
            mirror.pages[page] = kept
            fenced = Job(scratch / "fenced", old_pages)
            (fenced.state / "refuses").touch()
            expect("a pull request that GitHub refuses", fenced.run(mirror.url), 1, ["pr list", "pr create"],
                   "The pull request cannot be opened")
            (fenced.state / "refuses").unlink()
            before = fenced.branch()
            hook = executable(fenced.origin / "hooks" / "pre-receive", "#!/bin/sh\nexit 1\n")
            expect("a push that GitHub refuses", fenced.run(mirror.url), 1, [],
                   f"The branch {BRANCH} cannot be pushed")
            hook.unlink()
            if fenced.branch() != before:
                failures.append("the branch changed in spite of the hook")
            git(fenced.clone, "fetch", "--quiet", "origin", BRANCH)
            git(fenced.clone, "checkout", "--quiet", "FETCH_HEAD")
            fenced.publish("A person's commit", BRANCH)
            theirs = fenced.branch()

            def expect_theirs(name, error):
                expect(name, fenced.run(mirror.url), 1, [], error)
                if fenced.branch() != theirs:
                    failures.append(f"{name}: a person's commit was thrown away")

            expect_theirs("update over a person's commit", f"Somebody committed to {BRANCH}")
            fenced.configure('[remote "origin"]\n  uploadpack = false\n')
            expect_theirs("a branch that cannot be read", f"The branch {BRANCH} cannot be read")
            git(fenced.origin, "branch", "--quiet", "-D", BRANCH)
            executable(scratch / "post-commit", "#!/bin/sh\n"
                       f"git --git-dir {fenced.origin} update-ref refs/heads/{BRANCH} {theirs}\n")
            fenced.configure(f"[core]\n  hooksPath = {scratch}\n")
            expect_theirs("a person's commit meanwhile", f"The branch {BRANCH} cannot be pushed")
            fenced.configure("")
            git(fenced.origin, "branch", "--quiet", "-D", BRANCH)
            wordy = executable(scratch / "wordy", WORDY)
            expect("a long summary", fenced.run(mirror.url, program=str(wordy)), 0, ["pr list", "pr create"])
            if (fenced.state / "body").read_text("utf-8") != "x" + "ä" * 29_999:
                failures.append("the pull request's text is not the summary up to a whole character")
            curious = executable(scratch / "curious", CURIOUS)
            fenced.secrets = SECRETS
            (fenced.temp / "job").write_text(str(os.getpid()))
            expect("a program that looks for the token", fenced.run(mirror.url, program=str(curious)), 0, [])
            seen = (fenced.temp / "seen").read_text("utf-8")
            found = [name for name, secret in SECRETS.items() if secret in seen or f"{name}=" in seen]
            if found or "RUNNER_TEMP=" not in seen:
                failures.append(f"the program can read {', '.join(found)}")
            fenced.secrets = {}
            current = Job(scratch / "current", new_pages)
            expect("nothing to update", current.run(mirror.url), 0, [])
            expect("nothing to check", current.run(mirror.url, command="check"), 0, [])
            url = mirror.url
        job.fresh()
        expect("no site", job.run(f"{url}{GUIDE}", arguments="--timeout\n2"), 3, [])
        keys = [job.step(ACTION["runs"]["steps"][0], {}, {})[1] for _ in range(2)]
        if keys[0] != keys[1] or not re.fullmatch(r"guardduty-runbooks-Linux-X64-[0-9a-f]{32}", keys[0].get("key", "")):
            failures.append(f"the key of the cache is {json.dumps(keys)}")
    print(f"{runs} runs of the action's steps end as they should")
    conclude(failures)


if __name__ == "__main__":
    main()
