#!/usr/bin/env python3
"""Proves that every query parses as Athena SQL, and fits the tables that AWS's documentation defines.

Columns and members of structs exist, texts are not compared with numbers or dates, and the
partition column is filtered on, so that no query reads years of logs.
"""

from common import conclude, use_packages

use_packages("sql")
from athena_tables import TABLES, complaints  # noqa: E402 (there only after the line above)
from fences import builtin_runbooks, by_text  # noqa: E402
from placeholders import Filled  # noqa: E402


def main():
    filled, runbooks = Filled(), builtin_runbooks()
    queries = by_text(runbooks, "sql")
    failures = [f"{places[0]}: {complaint}" for text, places in queries.items()
                for complaint in complaints(filled(text))]
    failures += [f"nobody declared the placeholder {name}" for name in sorted(filled.unknown)]
    used = {table for table in TABLES for text in queries if f"<{table.upper()}>" in text}
    print(f"{sum(map(len, queries.values()))} queries in {len(runbooks)} runbooks, {len(queries)} "
          f"different ones, over {', '.join(sorted(used))}: {len(failures)} faults")
    conclude(failures if queries else ["no runbook has a query"])


if __name__ == "__main__":
    main()
