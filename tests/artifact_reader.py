"""Reads the artifacts of a target folder as other tools do, and prints what it finds as JSON.

Nothing of this comes from the tool under test: `dbt-artifacts-parser` holds the schemas that dbt publishes.
"""

import json
import pathlib
import sys

from dbt_artifacts_parser.parser import parse_catalog_v1, parse_manifest_v12, parse_run_results_v6, parse_sources_v3

KINDS = ["nodes", "sources", "macros", "docs", "exposures", "metrics", "groups", "saved_queries", "semantic_models", "unit_tests", "functions"]


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    manifest = parse_manifest_v12(json.loads((folder / "manifest.json").read_text()))
    found = {kind: len(getattr(manifest, kind, None) or {}) for kind in KINDS}
    kinds = [str(getattr(node.resource_type, "value", node.resource_type)) for node in manifest.nodes.values()]
    found["compiled"] = sum(bool(getattr(node, "compiled_code", None)) for node in manifest.nodes.values())
    found["resource_types"] = sorted(set(kinds))
    for name, parse in [("run_results", parse_run_results_v6), ("sources", parse_sources_v3)]:
        if (folder / f"{name}.json").exists():
            parsed = parse(json.loads((folder / f"{name}.json").read_text()))
            key = "results" if name == "run_results" else "freshness"
            found[key] = [str(getattr(result.status, "value", result.status)) for result in parsed.results]
    if (folder / "catalog.json").exists():
        catalog = parse_catalog_v1(json.loads((folder / "catalog.json").read_text()))
        found["catalog"] = sorted([*catalog.nodes, *catalog.sources])
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
