"""Judges OpenLineage events: by the published JSON schemas, and by the classes that OpenLineage's own client makes of its specification.

usage: openlineage_reader.py FOLDER    the events of `events.ndjson` in it; prints what was found as JSON
       openlineage_reader.py --serve   a server as Marquez has it, until standard input is closed; prints its address, and at the end
                                       what it was sent. It takes what is right (201), refuses what is not (422), wants the key
                                       `the-key`, and stumbles over the first request (503)
"""

import collections
import enum
import gzip
import http.server
import importlib
import json
import os
import pathlib
import pkgutil
import subprocess
import sys
import tempfile
import threading
import types
import typing

import attr
import openlineage.client.generated as generated
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

# The crate whose tests carry the schemas of OpenLineage 1.50 as they were published; the newer ones differ by optional fields alone.
SCHEMAS = ("datafusion-openlineage", "0.0.12")
CORE = "https://openlineage.io/spec/2-0-2/OpenLineage.json"


def schemas():
    """The published schemas by their ids."""
    name, version = SCHEMAS
    with tempfile.TemporaryDirectory() as elsewhere:
        fetching = ["cargo", "info", "--quiet", f"{name}@{version}"]
        subprocess.run(fetching, cwd=elsewhere, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
    found = {}
    for path in home.glob(f"registry/src/*/{name}-{version}/tests/schemas/openlineage/**/*.json"):
        schema = json.loads(path.read_text())
        if str(schema.get("$id", "")).startswith("https://openlineage.io/"):
            found[schema["$id"]] = schema
    assert CORE in found, "the schemas are not where they were"
    return found


def facets_of(event):
    """Every facet of an event: where it is, its key, itself."""
    bags = [("run", event["run"].get("facets")), ("job", event["job"].get("facets"))]
    for side, own in (("inputs", "inputFacets"), ("outputs", "outputFacets")):
        for dataset in event.get(side, []):
            bags += [(side, dataset.get("facets")), (side, dataset.get(own))]
    for where, bag in bags:
        for key, facet in (bag or {}).items():
            yield where, key, facet


class BySchema:
    """What the JSON schemas find."""

    def __init__(self):
        self.schemas = schemas()
        self.registry = Registry().with_resources(
            (address, Resource.from_contents(schema)) for address, schema in self.schemas.items()
        )

    def errors(self, reference, instance):
        validator = Draft202012Validator({"$ref": reference}, registry=self.registry, format_checker=FormatChecker())
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(instance)]

    def check(self, event):
        errors = self.errors(f"{CORE}#/$defs/RunEvent", event)
        for where, key, facet in facets_of(event):
            address = facet["_schemaURL"].split("#")[0]
            file = address.rsplit("/", 1)[1]
            # The same facet in the version that the crate has.
            known = [known for known in self.schemas if known.rsplit("/", 1)[1] == file]
            if not known:
                continue
            errors += [f"{where} {key}: {error}" for error in self.errors(f"{known[0]}#/$defs/{file[:-5]}", facet)]
            if key not in self.schemas[known[0]].get("properties", {}):
                errors.append(f"{where} {key}: {file} has another key")
        return errors


class ByClass:
    """What the client's classes say: of each facet in its newest version the fields, their types, and where it may stand."""

    def __init__(self):
        modules = [importlib.import_module(f"{generated.__name__}.{found.name}") for found in pkgutil.iter_modules(generated.__path__)]
        self.classes = {
            known._get_schema(): known
            for module in modules
            for known in vars(module).values()
            if isinstance(known, type) and attr.has(known) and known.__module__ == module.__name__ and hasattr(known, "_get_schema")
        }

    def check(self, event):
        errors = []
        self.value(self.classes[event["schemaURL"]], event, "event", errors)
        return errors

    def value(self, wanted, value, where, errors):
        origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
        if wanted is typing.Any:
            return
        if origin in (typing.Union, types.UnionType):
            tried = []
            for one in arguments:
                if one is not type(None):
                    found = []
                    self.value(one, value, where, found)
                    tried.append(found)
            errors += min(tried, key=len)
        elif origin is list:
            if not isinstance(value, list):
                errors.append(f"{where}: no list")
                return
            for place, one in enumerate(value):
                self.value(arguments[0], one, f"{where}[{place}]", errors)
        elif origin is dict:
            if not isinstance(value, dict):
                errors.append(f"{where}: no object")
                return
            for key, one in value.items():
                self.entry(arguments[1], one, f"{where}.{key}", errors)
        elif isinstance(wanted, type) and attr.has(wanted):
            self.record(wanted, value, where, errors)
        elif isinstance(wanted, type) and issubclass(wanted, enum.Enum):
            if value not in [one.value for one in wanted]:
                errors.append(f"{where}: {value!r} is no {wanted.__name__}")
        else:
            kinds = {str: str, bool: bool, int: int, float: (int, float)}
            is_bool = isinstance(value, bool) and wanted is not bool
            if is_bool or not isinstance(value, kinds[wanted]):
                errors.append(f"{where}: {value!r} is no {wanted.__name__}")

    def entry(self, wanted, value, where, errors):
        """A facet is what its schema says, and of the kind that has its place here."""
        if not (isinstance(value, dict) and "_schemaURL" in value):
            self.value(wanted, value, where, errors)
            return
        if not value["_schemaURL"].startswith("https://openlineage.io/"):
            return
        known = self.classes.get(value["_schemaURL"])
        if known is None:
            errors.append(f"{where}: no such schema: {value['_schemaURL']}")
            return
        if not issubclass(known, wanted):
            errors.append(f"{where}: a {known.__name__} is no {wanted.__name__}")
        self.record(known, value, where, errors)

    def record(self, wanted, value, where, errors):
        if not isinstance(value, dict):
            errors.append(f"{where}: no object")
            return
        names = {}
        for base in reversed(wanted.__mro__):
            names.update(vars(sys.modules[base.__module__]) if base.__module__ in sys.modules else {})
        hints = typing.get_type_hints(wanted, names)
        fields = {field.name: field for field in attr.fields(wanted)}
        told = ("_producer", "_schemaURL", "producer", "schemaURL")
        for name, field in fields.items():
            if name in value:
                self.value(hints[name], value[name], f"{where}.{name}", errors)
                if field.validator:
                    try:
                        field.validator(None, field, value[name])
                    except (ValueError, TypeError) as error:
                        errors.append(f"{where}.{name}: {error}")
            elif field.default is attr.NOTHING or name in told:
                errors.append(f"{where}: no {name}")
        errors += [f"{where}: {name} is no field" for name in value if name not in fields]


def judge(events):
    """Errors of the events, and how often each kind of event and each facet was there."""
    judges = [BySchema(), ByClass()]
    errors = [f"{number}: {error}" for number, event in enumerate(events) for judge in judges for error in judge.check(event)]
    facets = collections.Counter(f"{where} {key}" for event in events for where, key, _ in facets_of(event))
    kinds = collections.Counter(event["eventType"] for event in events)
    return {"errors": errors, "facets": dict(sorted(facets.items())), "kinds": dict(sorted(kinds.items()))}


def serve():
    judges = [BySchema(), ByClass()]
    answers, jobs = [], []

    class Marquez(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            self.send_response(self.answer(body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def answer(self, body):
            status = self.judged(body)
            answers.append(status)
            return status

        def judged(self, body):
            if not answers:
                return 503
            if self.path != "/api/v1/lineage" or self.headers["Content-Type"] != "application/json":
                return 404
            if self.headers.get("Authorization") != "Bearer the-key":
                return 401
            event = json.loads(body)
            if any(judge.check(event) for judge in judges):
                return 422
            jobs.append(f"{event['eventType']} {event['job']['name']}")
            return 201

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Marquez)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
    server.shutdown()
    print(json.dumps({"answers": answers, "jobs": jobs}), flush=True)


if sys.argv[1] == "--serve":
    serve()
else:
    lines = (pathlib.Path(sys.argv[1]) / "events.ndjson").read_text().splitlines()
    print(json.dumps(judge([json.loads(line) for line in lines])))
