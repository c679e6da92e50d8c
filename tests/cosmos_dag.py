"""Compares the Airflow DAG that Astronomer Cosmos builds from our manifest with the one that it builds from dbt's.

    python tests/cosmos_dag.py OURS/manifest.json THEIRS/manifest.json [--select SELECTION ...]

Needs `astronomer-cosmos` and `apache-airflow`. Builds a DAG for every way to render tests and sources and for every selection; prints
the tasks that differ (kind, what is run, what they wait for), and ends with 1 when there are any.
"""

import argparse
import datetime
import os
import pathlib
import sys
import tempfile

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp())
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"

from cosmos import DbtDag, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import InvocationMode, LoadMode, SourceRenderingBehavior, TestBehavior


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("ours", type=pathlib.Path)
    arguments.add_argument("theirs", type=pathlib.Path)
    arguments.add_argument("--select", action="append", default=[])
    options = arguments.parse_args()
    different = compared = 0
    for tests in TestBehavior:
        for sources in SourceRenderingBehavior:
            for select in [[], *([text] for text in options.select)]:
                ours, theirs = (tasks(path, tests, sources, select) for path in (options.ours, options.theirs))
                for task in sorted(ours.keys() | theirs.keys()):
                    compared += 1
                    if ours.get(task) != theirs.get(task):
                        different += 1
                        print(f"{tests.value} {sources.value} {select} {task}: ours {ours.get(task)}, theirs {theirs.get(task)}")
    print(f"{different} differences in {compared} tasks")
    return 1 if different or not compared else 0


def tasks(manifest: pathlib.Path, tests: TestBehavior, sources: SourceRenderingBehavior, select: list) -> dict:
    """The tasks of the DAG: the kind of each, what it runs, and what it waits for."""
    with tempfile.TemporaryDirectory() as folder:
        # Tasks are called after the folder.
        project = pathlib.Path(folder) / "any"
        (project / "models").mkdir(parents=True)
        (project / "dbt_project.yml").write_text("name: any\n")
        (project / "profiles.yml").write_text("any: {target: dev, outputs: {dev: {type: duckdb, path: any}}}\n")
        dag = DbtDag(
            dag_id="compared",
            schedule=None,
            start_date=datetime.datetime(2024, 1, 1),
            project_config=ProjectConfig(dbt_project_path=str(project), manifest_path=str(manifest.resolve()), project_name="any"),
            profile_config=ProfileConfig(profile_name="any", target_name="dev", profiles_yml_filepath=str(project / "profiles.yml")),
            execution_config=ExecutionConfig(invocation_mode=InvocationMode.SUBPROCESS, dbt_executable_path=sys.executable),
            render_config=RenderConfig(
                load_method=LoadMode.DBT_MANIFEST,
                test_behavior=tests,
                source_rendering_behavior=sources,
                select=select,
            ),
        )
    shown = lambda task: (type(task).__name__, getattr(task, "select", None), sorted(task.upstream_task_ids))
    return {task.task_id: shown(task) for task in dag.tasks}


if __name__ == "__main__":
    sys.exit(main())
