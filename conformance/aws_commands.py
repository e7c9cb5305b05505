"""Lets the real AWS CLI judge command lines, without network: `judge(words)` gives its complaints.

The CLI runs in this process, in a fork for each command, so that hundreds take seconds and none
leaves anything behind. `--generate-cli-skeleton output` makes it check names, required arguments,
types and lengths, and answer with a sample; commands that have no such option (downloads, waiters,
`aws s3 …`) are stopped where they would call AWS, after the CLI has read their arguments.
Beyond the CLI's own checks, values of arguments with a fixed set are looked up in the API model,
filter names in its documentation, and a `--query` must name members that the answer has.
"""

import contextlib
import functools
import io
import json
import os
import pickle
import re
import tempfile
import traceback
from pathlib import Path

OFFLINE = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_PAGER": "",
}
os.environ.update(OFFLINE)

# Services whose commands take no Region, and the CLI's own.
GLOBAL_SERVICES = {"iam", "sts", "organizations", "s3", "account", "configure"}

import awscli.clidriver  # noqa: E402 (the environment comes first)
import awscli.customizations.s3.subcommands  # noqa: E402 (the driver loads it late)
from awscli.customizations import generatecliskeleton, waiters  # noqa: E402
from awscli.customizations.commands import BasicCommand  # noqa: E402
from botocore.stub import Stubber  # noqa: E402
from botocore.utils import ArgumentGenerator  # noqa: E402
from botocore.validate import ParamValidator  # noqa: E402

DRIVER = awscli.clidriver.create_clidriver()


@functools.cache
def criteria_for_filters():
    """The finding fields that AWS lists for filters, from the model of CreateFilter."""
    model = DRIVER.session.get_service_model("guardduty")
    text = model.operation_model("CreateFilter").input_shape.members["FindingCriteria"].documentation
    return set(re.findall(r"<li>\s*<p>\s*([A-Za-z0-9.]+)\s*</p>", text))


def judge(words, files=()):
    """The complaints about one command line, given as words that begin with `aws`.

    `files` are (name, text) pairs that lie in the folder in which it runs, for `file://name`.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files:
            Path(folder, name).write_text(text)
        return judge_in(folder, words)


def judge_in(folder, words):
    arguments = list(words[1:])
    if len(arguments) < 2:
        return ["names no operation"]
    complaints, output, unknown = in_fork(folder, arguments, skeleton=True)
    if unknown:
        complaints, output, _ = in_fork(folder, arguments, skeleton=False)
    elif not complaints:
        complaints = query_complaints(words, output)
    return complaints


def in_fork(folder, arguments, skeleton):
    warm(arguments)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.chdir(folder)
        try:
            answer = run(arguments, skeleton)
        except BaseException:
            answer = ([traceback.format_exc()], "", False)
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(answer, pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pickle.load(pipe)
    os.waitpid(child, 0)
    return answer


def warm(arguments):
    """Reads a service's model here once, so that no fork reads it again."""
    service = next((word for word in arguments if not word.startswith("-")), "")
    command = DRIVER._get_command_table().get(service)
    if model := getattr(command, "service_model", None):
        command._get_command_table()
        DRIVER.session.get_service_model(model.service_name)


def run(arguments, skeleton):
    found = []
    DRIVER.session.register("before-parameter-build.*.*", lambda params, model, **_:
                            found.extend(model_complaints(params, model)))
    stop_before_calls(found)
    out, err = io.StringIO(), io.StringIO()
    extra = ["--output", "json"] + (["--generate-cli-skeleton", "output"] if skeleton else [])
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = DRIVER.main(arguments + extra)
        except SystemExit as end:
            status = end.code
    text = err.getvalue().strip()
    unknown = skeleton and "Unknown options: --generate-cli-skeleton" in text
    if status not in (0, None) and not unknown:
        found.append(said(text) or f"exits {status}")
    return found, out.getvalue(), unknown


def said(text):
    """The CLI's complaint without its usage text; a long list of choices is cut."""
    for begin in ("Unknown options:", "error:"):
        text = text[max(text.rfind(begin), 0):]
    text = " ".join(text.split())
    return text if len(text) < 400 else text[:300] + " …"


def stop_before_calls(found):
    """Ends every way to AWS: operations check their parameters instead, own commands do nothing."""
    def check(_, client, operation_name, parameters, parsed_globals):
        model = client.meta.service_model.operation_model(operation_name)
        if model.input_shape:
            report = ParamValidator().validate(parameters, model.input_shape)
            if report.has_errors():
                found.append(report.generate_report())
            found.extend(model_complaints(parameters, model))
        return {}
    awscli.clidriver.CLIOperationCaller._make_client_call = check
    # The CLI's own samples break the model's minimum lengths; they are not what is judged.
    Stubber._validate_operation_response = lambda *_: None
    generatecliskeleton.ArgumentGenerator = SampleAnswer
    answer = generatecliskeleton.StubbedCLIOperationCaller._make_client_call
    generatecliskeleton.StubbedCLIOperationCaller._make_client_call = without_paging(answer)
    waiters.WaiterCaller.invoke = lambda *_: 0
    for command in descendants(BasicCommand):
        if "_run_main" in vars(command) and not command.SUBCOMMANDS:
            command._run_main = lambda *_: 0


def without_paging(answer):
    """Answers for paged operations too, which the CLI's stub does not when a page size is given."""
    def call(caller, client, operation, parameters, parsed_globals):
        parameters = {name: value for name, value in parameters.items() if name != "PaginationConfig"}
        return answer(caller, client, operation, parameters, parsed_globals)
    return call


class SampleAnswer(ArgumentGenerator):
    """A sample with everything that a real answer can have, so that a `--query` can name it."""

    def _generate_skeleton(self, shape, stack, name=""):
        if shape.type_name == "timestamp":
            return "1970-01-01T00:00:00+00:00"
        if shape.type_name == "blob":
            return name
        if shape.type_name == "map" and shape.key.enum:
            return {key: super(SampleAnswer, self)._generate_skeleton(shape.value, stack, key)
                    for key in shape.key.enum}
        return super()._generate_skeleton(shape, stack, name)


def descendants(kind):
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def model_complaints(params, model):
    """Values outside an argument's fixed set, and filters that the API does not document."""
    if model.input_shape is None:
        return []
    return [*value_complaints(params, model.input_shape, ""),
            *filter_complaints(params, model.input_shape),
            *criterion_complaints(params)]


def value_complaints(value, shape, path):
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            if name in value:
                yield from value_complaints(value[name], member, f"{path}.{name}".lstrip("."))
    elif shape.type_name == "list" and isinstance(value, list):
        for item in value:
            yield from value_complaints(item, shape.member, f"{path}[]")
    elif shape.type_name == "map" and isinstance(value, dict):
        for item in value.values():
            yield from value_complaints(item, shape.value, f"{path}{{}}")
    elif shape.type_name == "string" and isinstance(value, str):
        yield from text_complaints(value, shape, path)


def text_complaints(value, shape, path):
    """What the CLI leaves to AWS: fixed sets, longest lengths and patterns."""
    if shape.enum and value not in shape.enum:
        yield f"{path} has no value {value!r}; it has {', '.join(shape.enum[:12])}"
    if len(value) > shape.metadata.get("max", len(value)):
        yield f"{path} is longer than {shape.metadata['max']} characters: {value!r}"
    with contextlib.suppress(re.error):  # some patterns are in Java's dialect
        if "pattern" in shape.metadata and not re.search(f"^(?:{shape.metadata['pattern']})$", value):
            yield f"{path} does not match {shape.metadata['pattern']}: {value[:60]!r}"


def filter_complaints(params, shape):
    """EC2, RDS and others list the filter names in the argument's documentation only."""
    filters = params.get("Filters") if isinstance(params, dict) else None
    documented = set(re.findall(r"<code>([^<]+)</code>", shape.members["Filters"].documentation)
                     ) if isinstance(filters, list) else set()
    for entry in filters if documented else []:
        name = entry.get("Name", "") if isinstance(entry, dict) else ""
        if isinstance(name, str) and name not in documented and not name.startswith("tag:"):
            yield f"the documentation names no filter {name!r}"


def criterion_complaints(params):
    criteria = params.get("FindingCriteria") if isinstance(params, dict) else None
    for name in (criteria or {}).get("Criterion", {}):
        if name not in criteria_for_filters():
            yield f"AWS lists no criterion {name!r} for filters"


def query_complaints(words, output):
    """A `--query` must give something on the sample answer, which has every member once."""
    query = next((words[i + 1] for i, word in enumerate(words[:-1]) if word == "--query"), None)
    if query is None or not output.strip():
        return []
    try:
        result = json.loads(output)
    except ValueError:
        return [f"--query gives no JSON: {output[:80]!r}"]
    if holds_null(result) or (result in ([], "", {}) and "?" not in query):
        return [f"--query {query!r} names a member that the answer does not have: {json.dumps(result)[:120]}"]
    return []


def holds_null(value):
    if isinstance(value, dict):
        return any(map(holds_null, value.values()))
    if isinstance(value, list):
        return any(map(holds_null, value))
    return value is None
