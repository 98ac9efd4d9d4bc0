# Loads a file by the upload door: upload.py SOURCE_ID FILE; prints the seconds it took, and
# zeros for what is measured of other ways in only.
import sys
import time

import psycopg

CHUNK = 4 << 20

source, path = int(sys.argv[1]), sys.argv[2]
with psycopg.connect(autocommit=True) as connection:
    cursor = connection.cursor(binary=True)
    start = time.monotonic()
    (upload,) = cursor.execute("SELECT recon.upload_begin(%s, %s)", (source, "load.csv")).fetchone()
    with open(path, "rb") as file:
        number = 0
        while data := file.read(CHUNK):
            number += 1
            cursor.execute("SELECT recon.upload_chunk(%s, %s::int, %b)", (upload, number, data))
    report = cursor.execute("SELECT status FROM recon.upload_finish(%s)", (upload,)).fetchone()
    print(time.monotonic() - start, 0, 0, 0)
    assert report[0] == "completed"
