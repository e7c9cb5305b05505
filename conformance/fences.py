"""Reads what stands in a runbook's fences: which language, under which headings, which commands."""

import re
import shlex
import tempfile
from collections import defaultdict
from dataclasses import dataclass

from common import write_runbooks
from placeholders import REGION

OPERATORS = {"|", "||", "&&", ";", "&", "(", ")"}
REDIRECTIONS = {">", ">>", "<"}


@dataclass(frozen=True)
class Fence:
    """One fenced block; `section` is the `##` heading above it, `step` the heading below that."""

    language: str
    text: str
    line: int
    section: str
    step: str
    above: str


@dataclass(frozen=True)
class Step:
    """A step of a runbook: the section it stands in, its title, its Markdown."""

    section: str
    title: str
    text: str

    def rows(self, language):
        """The commands in its fences of a language, one a row."""
        return [row for fence in fences(self.text) if fence.language == language
                for _, row, _ in shell_rows(fence.text)]

    def undo(self):
        """What its `Undo:` has in code: commands, and options by themselves."""
        paragraph = re.search(r"(?:^\W*|\*\*)Undo:\W(.*?)(?= \*\*[A-Z][a-z ]+:\*\*|$)", self.text, re.MULTILINE)
        found = re.findall(r"`((?:aws |kubectl |--)[^`]+)`", paragraph[1] if paragraph else "")
        return [re.split(r"\s*…", code)[0] for code in found]


@dataclass(frozen=True)
class Command:
    """One simple command of a shell: its words, what a here-document gives it to read, and the files
    that the runbook tells to save and that the command names."""

    words: tuple
    stdin: str
    files: tuple = ()


def builtin_runbooks():
    """All runbooks as the program writes them without network: name → text."""
    with tempfile.TemporaryDirectory() as outdir:
        return write_runbooks(outdir, "--source", "builtin")


def fences(markdown):
    """The fenced blocks of a runbook, in order."""
    found, section, step, rows = [], "", "", markdown.split("\n")
    opening, inside = None, []
    for number, row in enumerate(rows):
        mark = re.match(r"(\s*)(`{3,}|~{3,})\s*(\S*)", row)
        if opening:
            if mark and not mark[3] and mark[2].startswith(opening[2]):
                text = "\n".join(line.removeprefix(opening[1]) for line in inside)
                begin = number - len(inside)
                above = "\n".join(rows[max(0, begin - 5):begin - 1])
                found.append(Fence(opening[3], text, begin, section, step, above))
                opening = None
            else:
                inside.append(row)
        elif mark:
            opening, inside = mark, []
        elif heading := re.match(r"(#{2,4})\s+(.*)", row):
            if len(heading[1]) == 2:
                section, step = heading[2], ""
            else:
                step = heading[2]
    return found


def steps(markdown):
    """The steps of a runbook: each title in bold, or heading below a section's, with what follows it."""
    found, section, fenced = [], "", False
    for row in markdown.split("\n"):
        fenced ^= bool(re.match(r"\s*(`{3,}|~{3,})", row))
        title = not fenced and re.match(r"(?:#{3,4}\s+|\*\*)([^*]+[^*:])(?:\*\*|$)", row)
        if not fenced and (heading := re.match(r"##\s+(.*)", row)):
            section = heading[1]
            found.append((section, "", []))
        elif title:
            found.append((section, title[1], [row]))
        elif found:
            found[-1][2].append(row)
    return [Step(section, title, "\n".join(rows)) for section, title, rows in found]


def by_text(runbooks, language):
    """Every different fence of a language → the `file:line` places where it stands."""
    places = defaultdict(list)
    for name, text in runbooks.items():
        for fence in fences(text):
            if fence.language == language:
                places[fence.text].append(f"{name}:{fence.line}")
    return dict(places)


def commands_of(runbooks, program, filled):
    """Every different command of a program, placeholders filled in → the places where it stands."""
    places = defaultdict(list)
    for name, text in runbooks.items():
        saved = saved_files(text, filled)
        for fence in fences(text):
            if fence.language == "bash":
                for line, command in shell_commands(filled(fence.text), saved):
                    if command.words[0] == program:
                        places[command].append(f"{name}:{fence.line + line}")
    return dict(places)


def saved_files(text, filled):
    """What the runbook tells to save: (name, content) of each JSON block below a `name.json`, and
    the first query over an event data store as `lake.sql`."""
    named = [(re.findall(r"`([\w.-]+\.json)`", fence.above), fence.text)
             for fence in fences(text) if fence.language == "json"]
    lake = [("lake.sql", filled(fence.text)) for fence in fences(text)
            if fence.language == "sql" and "<EVENT_DATA_STORE_ID>" in fence.text]
    return [(names[-1], filled(content)) for names, content in named if names] + lake[:1]


def shell_commands(text, saved=()):
    """The simple commands of a piece of shell as (line, command), those in `$(…)` first."""
    commands = []
    for line, row, stdin in shell_rows(text):
        for part in [*re.findall(r"\$\(([^()]*)\)", row), row]:
            for words in simple_commands(part):
                files = tuple(file for file in saved if any(file[0] in word for word in words))
                commands.append((line, Command(tuple(words), stdin, files)))
    return commands


def shell_rows(text):
    """(line, row, here-document) for each logical row of shell that is no comment."""
    rows, number, found = text.split("\n"), 0, []
    while number < len(rows):
        line, (row, number) = number + 1, logical_row(rows, number)
        stdin = ""
        if here := re.search(r"<<-?\s*'?(\w+)'?", row):
            end = next(i for i in range(number, len(rows)) if rows[i].strip() == here[1])
            stdin, number, row = "\n".join(rows[number:end]) + "\n", end + 1, row.replace(here[0], "")
        if row.strip() and not row.lstrip().startswith("#"):
            found.append((line, row, stdin))
    return found


def logical_row(rows, number):
    """A row with the rows that a backslash or an open quote adds to it, and the next row's number."""
    row = rows[number]
    number += 1
    while number < len(rows) and (row.endswith("\\") or open_quote(row)):
        row = row[:-1] + " " + rows[number].lstrip() if row.endswith("\\") else f"{row}\n{rows[number]}"
        number += 1
    return row, number


def open_quote(row):
    try:
        shlex.split(row, comments=True)
    except ValueError:
        return True
    return False


def simple_commands(row):
    lexer = shlex.shlex(row, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, "#"
    commands, words, skip = [], [], False
    for token in lexer:
        if skip:
            skip = False
        elif token in OPERATORS:
            commands.append(words)
            words = []
        elif token in REDIRECTIONS:
            skip = True
        else:
            words.append(token)
    return [run_by_xargs(words) for words in [*commands, words] if words]


def run_by_xargs(words):
    """What `xargs -I MARK …` runs, with a Region in the place of the mark; other commands as they are."""
    if words[:2] != ["xargs", "-I"]:
        return words
    return [word.replace(words[2], REGION) for word in words[3:]]
