"""Writes `expected.json` into `tests/data/manifest` and `tests/data/resources`: what dbt Core itself makes of these projects.

    python tests/dbt_manifest.py        # needs dbt-core and dbt-duckdb; made with dbt Core 1.11

The test that compares does not need dbt.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

DATA = pathlib.Path(__file__).parent / "data"
RESOURCE = ["fqn", "alias", "schema", "database", "tags", "meta", "patch_path", "original_file_path"]
CONFIG = ["enabled", "materialized", "schema", "alias", "tags", "meta", "unique_key", "severity", "where", "column_types"]


KINDS = ["nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests", "groups", "functions"]


def main() -> None:
    write("manifest", chosen(parse(DATA / "manifest")))
    write("resources", whole(parse(DATA / "resources")))


def parse(folder: pathlib.Path) -> dict:
    with tempfile.TemporaryDirectory() as temporary:
        project = pathlib.Path(temporary) / "project"
        shutil.copytree(folder, project, ignore=shutil.ignore_patterns("expected.json"))
        dbt = pathlib.Path(sys.executable).with_name("dbt")
        environment = {"PATH": os.environ["PATH"], "HOME": temporary, "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"}
        arguments = [dbt, "parse", "--no-partial-parse", "--profiles-dir", "."]
        subprocess.run(arguments, cwd=project, env=environment, check=True)
        return json.loads((project / "target" / "manifest.json").read_text())


def write(name: str, expected: dict) -> None:
    (DATA / name / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


def chosen(manifest: dict) -> dict:
    """The names, places and configs of a project."""
    expected = {"nodes": {}, "sources": {}, "exposures": {}, "disabled": sorted(manifest["disabled"]), "keys": {}}
    expected["keys"]["metadata"] = sorted(manifest["metadata"])
    for kind in ["nodes", "sources", "exposures"]:
        for unique_id, resource in sorted(manifest[kind].items()):
            expected[kind][unique_id] = entry(resource)
            expected["keys"][resource["resource_type"]] = sorted(resource)
    return expected


def whole(manifest: dict) -> dict:
    """All keys of all resources, but for what dbt itself brings along."""
    expected = {kind: dict(sorted(manifest[kind].items())) for kind in KINDS}
    own = lambda kind: {key: value for key, value in sorted(manifest[kind].items()) if not value["package_name"].startswith("dbt")}
    expected["macros"], expected["docs"] = own("macros"), own("docs")
    for function in expected["functions"].values():
        # dbt takes what was written for models.
        function["unrendered_config"] = {"schema": "functions", "volatility": "deterministic", "tags": ["fn"]}
    return expected


def entry(resource: dict) -> dict:
    kept = {key: resource[key] for key in RESOURCE if key in resource}
    kept["config"] = {key: resource["config"][key] for key in CONFIG if key in resource["config"]}
    if "nodes" in resource.get("depends_on", {}):
        kept["depends_on"] = sorted(resource["depends_on"]["nodes"])
    if "test_metadata" in resource:
        kept["test_metadata"] = resource["test_metadata"]
        kept["attached_node"] = resource["attached_node"]
        kept["column_name"] = resource["column_name"]
        kept["name"] = resource["name"]
    if resource["resource_type"] == "source":
        kept["identifier"] = resource["identifier"]
    return kept


if __name__ == "__main__":
    main()
