"""A JupyterLab on a free port of this machine, with settings of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

TOKEN = "of-a-test"
SAVING = "--ContentsManager.pre_save_hook=ecgae_lib.saving.keep_pictures"  # as in the Makefile
KERNEL = "shell.currentWidget?.sessionContext?.session?.kernel"  # of window.jupyterapp


@contextmanager
def running_lab(folder):
    """Serve the folder; the address while the context lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "RUNTIME", "DATA")}
    options = [
        "--no-browser", "--allow-root", f"--port={port}", f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True",
        SAVING,
    ]  # fmt: skip
    with open(folder / "log.txt", "w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=os.environ | places, stdout=log, stderr=log,
        )  # fmt: skip
    address = "http:" + f"//127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api?token={TOKEN}")
        yield address
    finally:
        server.terminate()
        server.wait()


def wait_for(address):
    """Return once somebody answers; TimeoutError after 40 s."""
    for _ in range(200):
        try:
            return urllib.request.urlopen(address).close()
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"nobody answers at {address}")
