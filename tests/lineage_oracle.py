"""What sqlglot says of the origins of columns: of each query of TPC-H and TPC-DS that its own tests have, the columns that are in each
column of the query.

Prints JSON: `schemas` (benchmark → table → column → type) and `queries` (`benchmark`, `number`, `sql`, `columns`: the origins of each). The
queries come with the source distribution of the package, which is kept in the folder that is named.
"""

import importlib.util
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import sqlglot
from sqlglot import exp
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify


def main() -> None:
    helpers = test_helpers(source(Path(sys.argv[1])))
    schemas = {"tpc-h": helpers.TPCH_SCHEMA, "tpc-ds": helpers.TPCDS_SCHEMA}
    found = []
    for benchmark, schema in schemas.items():
        pairs = helpers.load_sql_fixture_pairs(f"optimizer/{benchmark}/{benchmark}.sql")
        for number, (_, sql, _) in enumerate(pairs, 1):
            query = qualify(sqlglot.parse_one(sql), schema=schema)
            names = [column.alias_or_name for column in query.selects]
            columns = [origins(lineage(name, query.copy(), schema=schema)) for name in names]
            found.append({"benchmark": benchmark, "number": number, "sql": sql, "columns": columns})
    json.dump({"schemas": schemas, "queries": found}, sys.stdout)


def source(folder: Path) -> Path:
    """The unpacked source distribution of the installed version."""
    name = f"sqlglot-{sqlglot.__version__}"
    if not (folder / name / "tests").exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "sqlglot", "--dest", str(folder)]
        subprocess.run([*pip, f"sqlglot=={sqlglot.__version__}"], check=True, stdout=sys.stderr)
        with tarfile.open(folder / f"{name}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    return folder / name


def test_helpers(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("helpers", root / "tests" / "helpers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def origins(column: Node) -> list[str]:
    """The columns of tables at the ends of a lineage, as `table.column`."""
    ends = [node for node in column.walk() if not node.downstream and isinstance(node.expression, exp.Table)]
    return sorted({f"{node.expression.name}.{node.name.split('.')[-1].strip(chr(34))}" for node in ends})


if __name__ == "__main__":
    main()
