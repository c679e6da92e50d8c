"""Runs a list of statements with DuckDB alone: tables are folders of Parquet files, tests are counts.

`bare_duckdb.py STATEMENTS.json FOLDER`; `run.py` writes the list.
"""

import json
import sys
from pathlib import Path

import duckdb


def main(statements: Path, folder: Path) -> None:
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as lake")
    for statement in json.loads(statements.read_text()):
        name, sql = statement["name"], statement.get("sql")
        match statement["kind"]:
            case "schema":
                connection.execute(sql)
            case "source":
                connection.execute(f"create view {name} as from '{statement['file']}'")
            case "view":
                connection.execute(f"create view {name} as {sql}")
            case "table":
                file = folder / statement["file"] / "0.parquet"
                file.parent.mkdir(parents=True)
                connection.execute(f"copy ({sql}\n) to '{file}' (format parquet)")
                connection.execute(f"create view {name} as from '{file}'")
            case "test":
                [failures] = connection.execute(f"select count(*) from ({sql}\n) as failures").fetchone()
                if failures:
                    sys.exit(f"{name}: {failures} rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
