"""A server of BigQuery's REST protocol on this machine, until standard input is closed. Prints its address.

It is the package `local-bigquery`, over DuckDB, whose extensions come from packages, too: nothing is fetched from elsewhere.
"""

import logging
import os
import sys
import tempfile
import threading

import duckdb

folder = tempfile.TemporaryDirectory(prefix="transform-bigquery-")
# DuckDB keeps extensions in the home folder.
os.environ["HOME"] = folder.name
os.environ["DATA_DIR"] = os.path.join(folder.name, "data")
os.makedirs(os.environ["DATA_DIR"])

import uvicorn  # noqa: E402
from duckdb_extensions import import_extension  # noqa: E402

for extension in ["icu", "json", "spatial", "ducklake"]:
    import_extension(extension, con=duckdb.connect())

logging.disable(logging.WARNING)
config = uvicorn.Config("local_bigquery:app", host="127.0.0.1", port=0, log_level="error")
server = uvicorn.Server(config)
threading.Thread(target=server.run, daemon=True).start()
while not server.started:
    threading.Event().wait(0.05)
print("http://{}:{}".format(*server.servers[0].sockets[0].getsockname()), flush=True)
sys.stdin.read()
server.should_exit = True
