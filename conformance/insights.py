#!/usr/bin/env python3
"""Proves that every query of CloudWatch Logs Insights keeps to its syntax, and to fields that logs have."""

import re

from common import conclude
from fences import builtin_runbooks, by_text
from logs_insights import complaints
from placeholders import Filled

# What a block of text holds besides: statements for a database's own client.
DATABASE = re.compile(r"(SELECT|ALTER|CALL)\b")
# Each has one fault; a checker that takes one of them would prove nothing.
FAULTY = [
    "fields @timestamp | filtr eventName = 'a'",
    "fields @timestamp | filter eventname = 'a'",
    "fields @timestamp | filter verb = 'get' and eventName = 'a'",
    "fields @timestamp | filter verb in ('get')",
    "fields @timestamp | filter verb like 'get",
    "stats counts(*) by verb",
    "fields @timestamp | sort at desc",
    "fields @timestamp | limit 10 | filter verb = 'get'",
    "fields @timestamp filter verb = 'get'",
]


def main():
    filled, runbooks = Filled(), builtin_runbooks()
    queries = {text: places for text, places in by_text(runbooks, "text").items() if not DATABASE.match(text)}
    failures = [f"{places[0]}: {complaint}" for text, places in queries.items()
                for complaint in complaints(filled(text))]
    failures += [f"nobody declared the placeholder {name}" for name in sorted(filled.unknown)]
    failures += [f"the faulty query {query!r} is taken" for query in FAULTY if not complaints(query)]
    print(f"{sum(map(len, queries.values()))} queries in {len(runbooks)} runbooks, {len(queries)} "
          f"different ones: {len(failures)} faults")
    conclude(failures if queries else ["no runbook has a query"])


if __name__ == "__main__":
    main()
