"""Reads a manifest (and run results beside it) as other tools do, and prints what it finds as JSON.

Nothing of this comes from the tool under test: `dbt-artifacts-parser` holds the schemas that dbt publishes.
"""

import json
import pathlib
import sys

from dbt_artifacts_parser.parser import parse_manifest_v12, parse_run_results_v6


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    manifest = parse_manifest_v12(json.loads((folder / "manifest.json").read_text()))
    kinds = ["nodes", "sources", "macros", "docs", "exposures", "metrics", "groups", "saved_queries", "semantic_models", "unit_tests", "functions"]
    found = {kind: len(getattr(manifest, kind, None) or {}) for kind in kinds}
    results = folder / "run_results.json"
    if results.exists():
        parsed = parse_run_results_v6(json.loads(results.read_text()))
        found["results"] = [str(getattr(result.status, "value", result.status)) for result in parsed.results]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
