#!/usr/local/bin/python
"""Does what the upstream entry point does: `generate` makes a configuration and its keys, `run` starts the server, both
as the user that UID and GID name."""

import os
import subprocess
import sys
from pathlib import Path

PYTHON = "/usr/local/bin/python"


def as_user(argv: list[str]) -> list[str]:
    if os.getuid() != 0:
        return argv
    return ["gosu", f"{os.environ.get('UID', '991')}:{os.environ.get('GID', '991')}", *argv]


def own(folder: Path) -> None:
    if os.getuid() == 0:
        owner = f"{os.environ.get('UID', '991')}:{os.environ.get('GID', '991')}"
        subprocess.run(["chown", owner, str(folder)], check=True)


def generate(folder: Path, config: Path) -> None:
    name = os.environ.get("SYNAPSE_SERVER_NAME") or sys.exit("SYNAPSE_SERVER_NAME is not set")
    reports = os.environ.get("SYNAPSE_REPORT_STATS") or sys.exit("SYNAPSE_REPORT_STATS is not set")
    data = Path(os.environ.get("SYNAPSE_DATA_DIR", "/data"))
    for place in (folder, data):
        place.mkdir(parents=True, exist_ok=True)
        own(place)
    options = ["--server-name", name, "--report-stats", reports, "--config-path", str(config)]
    options += ["--config-directory", str(folder), "--data-directory", str(data)]
    argv = as_user([PYTHON, "-m", "synapse.app.homeserver", *options, "--generate-config", "--open-private-ports"])
    os.chdir(data)
    os.execvp(argv[0], argv)


def run(config: Path) -> None:
    if not config.exists():
        sys.exit(f"Config file '{config}' does not exist. `generate` makes a new one.")
    worker = os.environ.get("SYNAPSE_WORKER", "synapse.app.homeserver")
    argv = as_user([PYTHON, "-m", worker, "--config-path", str(config), *sys.argv[2:]])
    os.execvp(argv[0], argv)


folder = Path(os.environ.get("SYNAPSE_CONFIG_DIR", "/data"))
config = Path(os.environ.get("SYNAPSE_CONFIG_PATH", folder / "homeserver.yaml"))
mode = sys.argv[1] if len(sys.argv) > 1 else "run"
if mode == "generate":
    generate(folder, config)
elif mode == "run":
    run(config)
else:
    sys.exit(f"Unknown execution mode '{mode}'")
