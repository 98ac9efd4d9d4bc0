"""psycopg (version 3): cursor.copy()."""

import psycopg

from checks import BROKEN, COPY, SOURCE, TAG, check, content, pieces, run

connection = psycopg.connect("", autocommit=True)


def still_usable(what):
    row = connection.execute("SELECT %s + 1", (41,)).fetchone()
    check(what + ": the connection goes on", row == (42,))


def load():
    with connection.cursor() as cursor:
        with cursor.copy(COPY % SOURCE) as copy:
            for piece in pieces(content()):
                copy.write(piece)
        check("load: the tag", cursor.statusmessage == TAG)
        check("load: the count", cursor.rowcount == int(TAG.split()[1]))


def large():
    """The same again, all at once and as text: known already."""
    with connection.cursor() as cursor:
        with cursor.copy(COPY % SOURCE) as copy:
            copy.write(content().decode())
        check("the same again: the tag", cursor.statusmessage == "COPY 0")


def error():
    with connection.cursor() as cursor:
        try:
            with cursor.copy(COPY % BROKEN) as copy:
                for piece in pieces(content() * 20):
                    copy.write(piece)
            check("error in mid-stream", False)
        except psycopg.errors.UndefinedColumn as failure:
            check("error in mid-stream", "Betrag" in failure.diag.message_primary)
            check("error: its place", failure.diag.context == 'COPY inbox, source "mapped", line 1')
    still_usable("error")


def abort():
    with connection.cursor() as cursor:
        try:
            with cursor.copy(COPY % SOURCE) as copy:
                copy.write(content())
                raise RuntimeError("changed my mind")
        except (RuntimeError, psycopg.errors.QueryCanceled) as failure:  # which one depends on the version
            check("abort by the client", "changed my mind" in str(failure))
    still_usable("abort")


def cancel():
    with connection.cursor() as cursor:
        try:
            with cursor.copy(COPY % SOURCE) as copy:
                copy.write(content())
                with psycopg.connect("") as other:
                    other.execute("SELECT pg_cancel_backend(%s)", (connection.info.backend_pid,))
                copy.write(content() * 20)
            check("cancel", False)
        except psycopg.errors.QueryCanceled as failure:
            check("cancel", "user request" in str(failure))
    still_usable("cancel")


def transaction():
    try:
        with connection.transaction():
            with connection.cursor() as cursor, cursor.copy((COPY % SOURCE).replace(")", ", FORCE)")) as copy:
                copy.write(b"external_id,amount,reference\nundone,1,\n")
            raise psycopg.Rollback
    except psycopg.Rollback:
        pass
    row = connection.execute("SELECT count(*) FROM recon.records WHERE external_id = 'undone'").fetchone()
    check("a transaction that is rolled back", row == (0,))


run(load, large, error, abort, cancel, transaction)
