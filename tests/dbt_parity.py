"""Compares our manifest of a project with dbt's, resource by resource and key by key.

    python tests/dbt_parity.py PROJECT [--transform BIN] [--dbt BIN] [--profiles-dir DIR] [--keep DIR] [--compile] [--arguments TEXT] [--all]

Both tools work on copies of the project, so that neither sees what the other wrote. What is made of time or of a tool's own macros
is left out. Prints one line for each difference, grouped by key, and ends with 1 when there are any.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

KINDS = ["nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests", "groups", "docs", "functions"]
IGNORED = {"created_at", "compiled_path", "build_path", "compiled", "compiled_code", "extra_ctes", "extra_ctes_injected", "root_path"}
SETS = {"tags", "refs", "sources", "metrics", "functions", "nodes", "macros", "doc_blocks"}


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("project", type=pathlib.Path)
    arguments.add_argument("--transform", default=os.environ.get("TRANSFORM_BIN", "transform"))
    arguments.add_argument("--dbt", default=str(pathlib.Path(sys.executable).with_name("dbt")))
    arguments.add_argument("--profiles-dir", type=pathlib.Path)
    arguments.add_argument("--inside", type=pathlib.Path, help="the folder to copy, where the project reads files beside its own")
    arguments.add_argument("--keep", type=pathlib.Path, help="keeps dbt's manifest there and reads it the next time")
    arguments.add_argument("--compile", action="store_true", help="compiles, and compares the SQL too")
    arguments.add_argument("--arguments", default="", help="more arguments, for both tools")
    arguments.add_argument("--all", action="store_true", help="prints every difference, not some of each key")
    options = arguments.parse_args()
    command = "compile" if options.compile else "parse"
    more = options.arguments.split()
    kept = options.keep and options.keep / f"{command}.json"
    theirs = json.loads(kept.read_text()) if kept and kept.exists() else None
    if theirs is None:
        theirs = manifest(options, [options.dbt, command, "--no-partial-parse", *more])
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(theirs))
    ours = manifest(options, [options.transform, command, *more])
    found = differences(theirs, ours, theirs["metadata"]["project_name"])
    for key, places in sorted(found.items(), key=lambda item: -len(item[1])):
        print(f"## {key}: {len(places)}")
        for place in places if options.all else places[:4]:
            print("  ", place)
    print(f"{sum(map(len, found.values()))} differences in {len(theirs['nodes'])} nodes")
    return 1 if found else 0


def manifest(options, command: list) -> dict:
    """Runs a tool on a copy of the project; the copy has the same place for both, since some configs hold it."""
    with tempfile.TemporaryDirectory() as folder:
        project = options.project.resolve()
        root = (options.inside or project).resolve()
        copy = pathlib.Path(folder) / root.name
        ignore = shutil.ignore_patterns("target", "logs", ".git", "*.duckdb")
        shutil.copytree(root, copy, ignore=ignore, symlinks=True)
        copy /= project.relative_to(root)
        environment = os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "0", "DO_NOT_TRACK": "1"}
        where = ["--profiles-dir", str(options.profiles_dir.resolve())] if options.profiles_dir else []
        ran = subprocess.run([*command, *where, "--target-path", "target"], cwd=copy, env=environment, capture_output=True, text=True)
        written = copy / "target" / "manifest.json"
        if not written.exists() or ran.returncode:
            print(ran.stdout[-6000:], ran.stderr[-6000:], file=sys.stderr)
        made = json.loads(written.read_text())
        compiled = copy / "target" / "compiled"
        files = sorted(path for path in compiled.rglob("*") if path.is_file())
        return made | {"files": {str(path.relative_to(compiled)): path.read_text() for path in files}}


def differences(theirs: dict, ours: dict, project: str) -> dict:
    found = collections.defaultdict(list)
    for kind in KINDS:
        of_project = lambda all: {key: value for key, value in all.items() if value["package_name"] != "dbt"}
        resources(kind, of_project(theirs.get(kind, {})), of_project(ours.get(kind, {})), found)
    own = lambda macros: {key: value for key, value in macros.items() if value["package_name"] in packages}
    packages = {macro["package_name"] for macro in theirs["macros"].values()}
    packages -= {"dbt", "dbt_" + theirs["metadata"]["adapter_type"], "dbt_postgres", "dbt_spark"}
    resources("macros", own(theirs["macros"]), own(ours["macros"]), found)
    first = lambda disabled: {key: value[0] for key, value in disabled.items()}
    resources("disabled", first(theirs["disabled"]), first(ours["disabled"]), found)
    compiled(theirs["files"], ours["files"], found)
    for key in ["parent_map", "child_map", "group_map"]:
        compare(key, "", sorted_lists(theirs[key]), sorted_lists(ours[key]), found)
    return found


def sorted_lists(mapping: dict) -> dict:
    return {key: sorted(value) for key, value in mapping.items()}


def resources(kind: str, theirs: dict, ours: dict, found: dict) -> None:
    for unique_id in theirs.keys() - ours.keys():
        found[f"{kind} missing"].append(unique_id)
    for unique_id in ours.keys() - theirs.keys():
        found[f"{kind} too many"].append(unique_id)
    for unique_id in sorted(theirs.keys() & ours.keys()):
        label = theirs[unique_id]["resource_type"]
        compare(label, unique_id, theirs[unique_id], ours[unique_id], found)


def compiled(theirs: dict, ours: dict, found: dict) -> None:
    """The files below `target/compiled`, up to white space."""
    found["compiled files missing"] += theirs.keys() - ours.keys()
    found["compiled files too many"] += ours.keys() - theirs.keys()
    for path in sorted(theirs.keys() & ours.keys()):
        one, other = (re.sub(r"\s+", "", files[path]) for files in (theirs, ours))
        if one != other:
            at = len(os.path.commonprefix([one, other]))
            near = slice(max(at - 40, 0), at + 80)
            found["compiled SQL"].append(f"{path}: dbt {one[near]!r}, transform {other[near]!r}")
    for key in ["compiled files missing", "compiled files too many"]:
        if not found[key]:
            del found[key]


def compare(key: str, place: str, theirs, ours, found: dict) -> None:
    name = key.rsplit(".", 1)[-1]
    if name in IGNORED:
        return
    if name == "macros" and isinstance(theirs, list):
        theirs, ours = ([macro for macro in macros or [] if not macro.startswith("macro.dbt")] for macros in (theirs, ours))
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for inner in theirs.keys() | ours.keys():
            if inner not in ours:
                if inner not in IGNORED:
                    found[f"{key}.{inner} missing"].append(f"{place}: {short(theirs[inner])}")
            elif inner not in theirs:
                if inner not in IGNORED:
                    found[f"{key}.{inner} too many"].append(f"{place}: {short(ours[inner])}")
            else:
                label = f"{key}.*" if name in {"columns", "parent_map", "child_map"} else f"{key}.{inner}"
                compare(label, f"{place} {inner}" if label.endswith("*") else place, theirs[inner], ours[inner], found)
        return
    if name in SETS and isinstance(theirs, list) and isinstance(ours, list):
        theirs, ours = (sorted({json.dumps(item, sort_keys=True) for item in items}) for items in (theirs, ours))
    if theirs != ours:
        found[key].append(f"{place}: dbt {short(theirs)}, transform {short(ours)}")


def short(value) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 300 else text[:140] + " … " + text[-140:]


if __name__ == "__main__":
    sys.exit(main())
