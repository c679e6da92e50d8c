#!/usr/bin/env python3
"""TPC-H as a project of three layers, built by `transform`, by dbt with DuckDB, and by both engines bare.

    cargo build --release --features bench --bins --examples
    python3 benches/tpch/run.py --scale 1

Everything runs on one machine in one go, the contenders in turn, so that the ratios mean something where the seconds do not.
Each run starts from nothing and does the same work: 8 views, 30 tables, 45 tests. The bare engines run the SQL that `transform`
compiled, one statement after the other, and write Parquet. At the end the gold tables of all are compared.

Needs Python 3.10 or later; the packages of `requirements.txt` go into an environment of their own under `--work`.
"""

import argparse
import graphlib
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
RELEASE = HERE.parent.parent / "target" / "release"

# How far the sums of two engines may lie apart, of the sum and of each row: DataFusion rounds the average of decimals to six digits.
TOLERANCE = 1e-6
GOLD = sorted((HERE / "project" / "models" / "gold").glob("*.sql"))


@dataclass
class Usage:
    """What a process and its children took: seconds, seconds, bytes."""

    cpu: float
    wall: float
    peak: int


@dataclass
class Contender:
    """One way to build the project."""

    name: str
    command: list[str]
    project: Path
    """Where it runs."""
    output: Path
    """What it writes; removed before each run."""
    query: Callable[[str], list[list]]
    """Asks what it built."""


def main() -> None:
    arguments = parse_arguments()
    work = arguments.work / f"scale-{arguments.scale:g}"
    environment = Environment(arguments.work / "venv")
    make_data(environment, arguments.scale, work / "data")
    contenders = make_contenders(arguments, environment, work)
    usages = measure(contenders, arguments.runs)
    differences = compare(contenders)
    print(table(arguments, contenders, usages))
    for difference in differences:
        print(difference, file=sys.stderr)
    sys.exit(1 if differences else 0)


def parse_arguments() -> argparse.Namespace:
    def path(text: str) -> Path:
        return Path(text).resolve()

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1, help="TPC-H's scale factor: gigabytes, about")
    parser.add_argument("--runs", type=int, default=3, help="how often each contender runs; the table has the medians")
    parser.add_argument("--transform", type=path, default=RELEASE / "transform", metavar="FILE")
    parser.add_argument("--bare-datafusion", type=path, default=RELEASE / "examples" / "bare_datafusion", metavar="FILE")
    parser.add_argument("--set", action="append", default=[], metavar="OPTION=VALUE",
                        help="adds a bare DataFusion with this option; may be repeated")
    parser.add_argument("--only", action="append", choices=["transform", "datafusion", "dbt", "duckdb"],
                        help="leaves out the others; may be repeated")
    parser.add_argument("--work", type=path, default=Path(tempfile.gettempdir()) / "transform-tpch", metavar="FOLDER",
                        help="where data, packages and results go")
    arguments = parser.parse_args()
    if not arguments.scale > 0 or arguments.runs < 1:
        parser.error("--scale and --runs are positive")
    for binary in (arguments.transform, arguments.bare_datafusion):
        if not binary.exists():
            parser.error(f"there is no {binary}: cargo build --release --features bench --bins --examples")
    return arguments


class Environment:
    """A Python environment with the pinned packages."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        pins = (HERE / "requirements.txt").read_text()
        installed = folder / "requirements.txt"
        if not installed.exists() or installed.read_text() != pins:
            venv.create(folder, with_pip=True, clear=True)
            check([self.program("python"), "-m", "pip", "install", "--quiet", "-r", str(HERE / "requirements.txt")])
            installed.write_text(pins)

    def program(self, name: str) -> str:
        return str(self.bin / name)

    def query(self, sql: str, database: str = ":memory:") -> list[list]:
        """What DuckDB answers to the last of some statements."""
        program = "import duckdb, json, sys; print(json.dumps(duckdb.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))"
        return json.loads(check([self.program("python"), "-c", program, database, sql]))


def make_data(environment: Environment, scale: float, folder: Path) -> None:
    """Writes the eight Parquet files, unless they are there."""
    if folder.exists():
        return
    unfinished = folder.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    check([environment.program("tpchgen-cli"), "parquet", "-s", f"{scale:g}", "-o", str(unfinished)])
    unfinished.rename(folder)


def make_contenders(arguments: argparse.Namespace, environment: Environment, work: Path) -> list[Contender]:
    settings = ["--profiles-dir", ".", "--vars", json.dumps({"scale": arguments.scale})]
    transform = transform_build(arguments.transform, copied_project(work / "transform"), settings)
    statements = work / "statements.json"
    statements.write_text(json.dumps(bare_statements(transform, settings), indent=1))

    def bare(name: str, output: Path, program: list[str], options: list[str]) -> Contender:
        command = [*program, str(statements), str(output), *options]
        views = [f"create view main_gold.{path.stem} as from '{output}/{path.stem}/*.parquet'" for path in GOLD]
        prelude = "; ".join(["create schema main_gold", *views])
        return Contender(name, command, work, output, lambda sql: environment.query(f"{prelude}; {sql}"))

    datafusion, duckdb = [str(arguments.bare_datafusion)], [environment.program("python"), str(HERE / "bare_duckdb.py")]
    contenders = {
        "transform": [transform],
        "datafusion": [bare("bare DataFusion", work / "datafusion", datafusion, [])],
        "dbt": [dbt_build(environment, copied_project(work / "dbt"), settings)],
        "duckdb": [bare("bare DuckDB", work / "duckdb", duckdb, [])],
    }
    if arguments.set:
        name = f"bare DataFusion, {', '.join(arguments.set)}"
        contenders["datafusion"].append(bare(name, work / "datafusion-set", datafusion, arguments.set))
    chosen = arguments.only or list(contenders)
    return [contender for key, some in contenders.items() if key in chosen for contender in some]


def copied_project(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return shutil.copytree(HERE / "project", folder)


def transform_build(binary: Path, project: Path, settings: list[str]) -> Contender:
    def query(sql: str) -> list[list]:
        show = [str(binary), "show", "--quiet", *settings, "--inline", sql, "--output", "json", "--limit", "-1"]
        return [list(row.values()) for row in json.loads(check(show, project))["show"]]

    return Contender("`transform build`", [str(binary), "build", *settings], project, project / "target", query)


def dbt_build(environment: Environment, project: Path, settings: list[str]) -> Contender:
    command = [environment.program("dbt"), "build", "--target", "duckdb", *settings]
    output = project / "target"
    return Contender("`dbt build` with dbt-duckdb", command, project, output,
                     lambda sql: environment.query(sql, str(output / "tpch.duckdb")))


def bare_statements(transform: Contender, settings: list[str]) -> list[dict]:
    """The SQL that `transform` compiles, each statement after what it reads."""
    check([transform.command[0], "compile", "--quiet", *settings], transform.project)
    manifest = json.loads((transform.project / "target" / "manifest.json").read_text())
    nodes = manifest["sources"] | manifest["nodes"]
    order = graphlib.TopologicalSorter({id: node.get("depends_on", {}).get("nodes", []) for id, node in nodes.items()})

    def statement(node: dict) -> dict:
        match node["resource_type"]:
            case "source":
                file = (transform.project / node["external"]["location"]).resolve()
                return {"kind": "source", "name": node["relation_name"], "file": str(file)}
            case "test":
                return {"kind": "test", "name": node["name"], "sql": node["compiled_code"]}
            case _:
                kind, name = node["config"]["materialized"], node["relation_name"]
                return {"kind": kind, "name": name, "file": node["name"], "sql": node["compiled_code"]}

    schemas = sorted({node["schema"] for node in nodes.values() if node["resource_type"] != "test"})
    made = [{"kind": "schema", "name": name, "sql": f'create schema "lake"."{name}"'} for name in schemas]
    return made + [statement(nodes[id]) for id in order.static_order()]


def measure(contenders: list[Contender], runs: int) -> list[list[Usage]]:
    """Runs the contenders in turn, `runs` times."""
    usages = [[] for _ in contenders]
    for run in range(runs):
        for contender, taken in zip(contenders, usages):
            shutil.rmtree(contender.output, ignore_errors=True)
            contender.output.mkdir()
            taken.append(used(contender.command, contender.project))
            print(f"run {run + 1} of {runs}: {contender.name}: {taken[-1].cpu:.1f} s of CPU", file=sys.stderr)
    return usages


def used(command: list[str], folder: Path) -> Usage:
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{output.read().decode(errors='replace')}\n{' '.join(command)}: exit code {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * unit)


def compare(contenders: list[Contender]) -> list[str]:
    """Where the gold tables of the others differ from those of the first."""
    first, *others = [(contender.name, totals(contender.query)) for contender in contenders]
    differences = []
    for name, found in others:
        for key in sorted(first[1].keys() | found.keys()):
            ours, theirs = first[1].get(key), found.get(key)
            if ours is None or theirs is None or not alike(ours, theirs):
                differences.append(f"{key}: (rows, sum) is {ours} in {first[0]}, {theirs} in {name}")
    return differences


def alike(ours: tuple, theirs: tuple) -> bool:
    (rows, one), (other_rows, other) = ours, theirs
    if one is None or other is None:
        return ours == theirs
    return rows == other_rows and math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE * rows)


def totals(query: Callable[[str], list[list]]) -> dict[str, tuple[int, float]]:
    """Of each column of the gold tables: the rows, and the sum of its numbers or of the lengths of its texts."""
    columns = query(
        "select table_name, column_name, data_type from information_schema.columns where table_schema = 'main_gold'"
    )
    parts = []
    for name, column, data_type in columns:
        value = {"text": f"length({column})", "day": f"extract(doy from {column})"}.get(family(data_type), column)
        parts.append(f"select '{name}.{column}', count(*), sum(cast({value} as double)) from main_gold.{name}")
    return {key: (rows, total) for key, rows, total in query(" union all ".join(parts))}


def family(data_type: str) -> str:
    data_type = data_type.lower()
    if data_type.startswith(("varchar", "utf8", "text", "string")):
        return "text"
    return "day" if data_type.startswith("date") else "number"


def table(arguments: argparse.Namespace, contenders: list[Contender], usages: list[list[Usage]]) -> str:
    """A Markdown table of the medians, and of how much the first took of what each of the others did."""

    def median(taken: list[Usage]) -> Usage:
        return Usage(*(statistics.median(getattr(usage, field) for usage in taken) for field in ("cpu", "wall", "peak")))

    medians = [median(taken) for taken in usages]
    first = medians[0]
    lines = [
        f"TPC-H, scale {arguments.scale:g}; medians of {arguments.runs} runs in turn; {os.cpu_count()} cores, {platform.machine()}.",
        f"Ratios: {contenders[0].name} to the one in the row.",
        "",
        "| | CPU, s | ratio | Wall, s | ratio | Peak memory, MB | ratio |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for contender, usage in zip(contenders, medians):
        lines.append(
            f"| {contender.name} | {usage.cpu:.1f} | {first.cpu / usage.cpu:.2f} | {usage.wall:.1f} | {first.wall / usage.wall:.2f}"
            f" | {usage.peak / 1e6:.0f} | {first.peak / usage.peak:.2f} |"
        )
    return "\n".join(lines)


def check(command: list[str], folder: Path | None = None) -> str:
    """Runs a command that must succeed; gives what it printed."""
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}")
    return done.stdout.decode()


if __name__ == "__main__":
    main()
