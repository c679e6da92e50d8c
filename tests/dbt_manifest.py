"""Writes `tests/data/manifest/expected.json`: what dbt Core itself makes of the project in that folder.

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

FOLDER = pathlib.Path(__file__).parent / "data" / "manifest"
RESOURCE = ["fqn", "alias", "schema", "database", "tags", "meta", "patch_path", "original_file_path"]
CONFIG = ["enabled", "materialized", "schema", "alias", "tags", "meta", "unique_key", "severity", "where", "column_types"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / "project"
        shutil.copytree(FOLDER, project, ignore=shutil.ignore_patterns("expected.json"))
        dbt = pathlib.Path(sys.executable).with_name("dbt")
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"}
        arguments = [dbt, "parse", "--no-partial-parse", "--profiles-dir", "."]
        subprocess.run(arguments, cwd=project, env=environment, check=True)
        manifest = json.loads((project / "target" / "manifest.json").read_text())
    expected = {"nodes": {}, "sources": {}, "exposures": {}, "disabled": sorted(manifest["disabled"]), "keys": {}}
    expected["keys"]["metadata"] = sorted(manifest["metadata"])
    for kind in ["nodes", "sources", "exposures"]:
        for unique_id, resource in sorted(manifest[kind].items()):
            expected[kind][unique_id] = entry(resource)
            expected["keys"][resource["resource_type"]] = sorted(resource)
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


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
