"""What the Python clients share. The environment names the server, the file to load and what comes of it."""

import os
import traceback

COPY = "COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE '%s')"
SOURCE = os.environ["RECON_SOURCE"]
BROKEN = os.environ["RECON_BROKEN"]  # a source whose mapping the file does not meet
TAG = os.environ["RECON_TAG"]


def pieces(data, sizes=(1, 7, 1000, 33, 8191)):
    """The data in pieces of odd sizes, so that anything may be split anywhere."""
    at = turn = 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        yield data[at : at + size]
        at += size
        turn += 1


def content():
    with open(os.environ["RECON_FILE"], "rb") as file:
        return file.read()


def check(what, condition):
    print("ok" if condition else "not ok", "-", what, flush=True)


def run(*steps):
    for step in steps:
        try:
            step()
        except Exception:
            check(step.__name__, False)
            traceback.print_exc()
