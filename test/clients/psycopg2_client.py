"""psycopg2: copy_expert()."""

import psycopg2

from checks import BROKEN, COPY, SOURCE, TAG, check, content, pieces, run

connection = psycopg2.connect("")
connection.autocommit = True


class Pieces:
    """A file whose read() gives less than it is asked for; `at` calls a function before a piece."""

    def __init__(self, data, at=None, then=None):
        self.pieces = pieces(data)
        self.count, self.at, self.then = 0, at, then

    def read(self, size=-1):
        if self.count == self.at:
            self.then()
        self.count += 1
        return next(self.pieces, b"")


def still_usable(what):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 42")
        check(what + ": the connection goes on", cursor.fetchone() == (42,))


def load():
    with connection.cursor() as cursor:
        cursor.copy_expert(COPY % SOURCE, Pieces(content()))
        check("load: the count", cursor.rowcount == int(TAG.split()[1]))


def error():
    with connection.cursor() as cursor:
        try:
            cursor.copy_expert(COPY % BROKEN, Pieces(content() * 20))
            check("error in mid-stream", False)
        except psycopg2.errors.UndefinedColumn as failure:
            check("error in mid-stream", "Betrag" in str(failure))
    still_usable("error")


def abort():
    def give_up():
        raise RuntimeError("changed my mind")

    with connection.cursor() as cursor:
        try:
            cursor.copy_expert(COPY % SOURCE, Pieces(content(), 3, give_up))
            check("abort by the client", False)
        except psycopg2.errors.QueryCanceled as failure:
            check("abort by the client", "COPY from stdin failed" in str(failure))
    still_usable("abort")


def cancel():
    def stop():
        with psycopg2.connect("") as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_cancel_backend(%s)", (connection.info.backend_pid,))

    with connection.cursor() as cursor:
        try:
            cursor.copy_expert(COPY % SOURCE, Pieces(content() * 2000, 3, stop))
            check("cancel", False)
        except psycopg2.errors.QueryCanceled as failure:
            check("cancel", "user request" in str(failure))
    still_usable("cancel")


run(load, error, abort, cancel)
