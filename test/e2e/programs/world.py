"""Prints all that could differ from one run to the next."""

import datetime
import locale
import math
import os
import platform
import random
import secrets
import sys
import tempfile
import threading
import time
import uuid

print("clock", time.time_ns(), time.monotonic_ns(), time.perf_counter_ns(), time.process_time_ns())
print("zone", time.tzname, time.localtime(0)[:6], datetime.datetime.now().isoformat())
print("entropy", os.urandom(16).hex(), secrets.token_hex(8), random.random(), uuid.uuid4())
print("hashes", hash("channel"), hash(b"channel"), hash((1, "a")), hash(None))
print("sets", {"a", "b", "c", "d", "e"}, set(range(300, 305)), frozenset("sandbox"))
print("addresses", id(object()), id(sys), hex(id([])), object())
for place in ("/", "/dev", "/tmp"):
    print("listing", place, [entry.name for entry in os.scandir(place)])
    print("stat", place, os.stat(place))
for name in ("c", "a", "b"):
    open(f"/tmp/{name}", "w").close()
print("inodes", [(entry.name, entry.inode()) for entry in os.scandir("/tmp")])
print("temporary", tempfile.mktemp())
print("floats", 0.1 + 0.2, 1e23, math.exp(1), math.gamma(0.5), float("nan"), -0.0, 1 / 3)
print("powers", 2.0**0.5, math.pow(1.1, 100), math.atan2(1, 3), math.fsum([0.1] * 10))
print("identity", platform.platform(), sys.version, sys.maxsize, sys.byteorder)
print("environment", dict(os.environ), os.getcwd(), sys.argv, sys.path, sys.executable)
print("encodings", sys.getfilesystemencoding(), locale.getpreferredencoding(), sys.stdout.encoding)
print("thread", threading.get_ident(), threading.active_count())
