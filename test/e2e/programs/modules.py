"""Uses standard modules for what they are there for; prints a line for each that did its work.

A module counts only when its own answer was compared with a known one.
"""

import sys

CHECKS = []


def check(*names):
    def register(function):
        CHECKS.append((names, function))
        return function

    return register


@check("json")
def _():
    import json

    text = json.dumps({"b": [1, 2.5, None], "a": "ü"}, sort_keys=True)
    assert text == '{"a": "\\u00fc", "b": [1, 2.5, null]}'
    assert json.loads(text)["a"] == "ü"
    assert json.__file__.startswith("/py/json/"), json.__file__


@check("re")
def _():
    import re

    assert re.sub(r"(?P<k>\w+)=(?P<v>\w+)", r"\g<v>:\g<k>", "a=1 b=2") == "1:a 2:b"
    assert re.split(r"[,;]\s*", "x, y;z") == ["x", "y", "z"]


@check("collections", "heapq", "bisect")
def _():
    import bisect
    import collections
    import heapq

    assert collections.Counter("mississippi").most_common(2) == [("i", 4), ("s", 4)]
    assert collections.deque([1, 2, 3], maxlen=2) == collections.deque([2, 3])
    assert heapq.nsmallest(3, [5, 1, 4, 2, 3]) == [1, 2, 3]
    assert bisect.bisect([1, 3, 5], 4) == 2


@check("itertools", "functools", "operator")
def _():
    import functools
    import itertools
    import operator

    assert functools.reduce(operator.mul, range(1, 21)) == 2432902008176640000
    assert ["".join(it) for it in itertools.combinations("abc", 2)] == ["ab", "ac", "bc"]


@check("math", "cmath", "decimal", "fractions", "statistics")
def _():
    import cmath
    import decimal
    import fractions
    import math
    import statistics

    assert math.isqrt(10**40) == 10**20 and math.comb(50, 25) == 126410606437752
    assert repr(math.sin(1)) == "0.8414709848078965"
    assert abs(cmath.exp(1j * math.pi) + 1) < 1e-15
    decimal.getcontext().prec = 30
    assert str(decimal.Decimal(2).sqrt()) == "1.41421356237309504880168872421"
    assert fractions.Fraction(1, 3) + fractions.Fraction(1, 6) == fractions.Fraction(1, 2)
    assert statistics.quantiles([1, 2, 3, 4, 5], n=4) == [1.5, 3.0, 4.5]


@check("hashlib", "hmac", "zlib", "binascii", "base64")
def _():
    import base64
    import binascii
    import hashlib
    import hmac
    import zlib

    assert hashlib.sha256(b"abc").hexdigest().startswith("ba7816bf8f01cfea414140de5dae2223")
    assert hashlib.blake2s(b"abc").hexdigest().startswith("508c5e8c327c14e2e1a72ba34eeb452f")
    assert hmac.new(b"key", b"text", "md5").hexdigest() == "d0ca6177c61c975fd2f8c07d8c6528c6"
    data = bytes(range(256)) * 64
    assert zlib.decompress(zlib.compress(data, 9)) == data and zlib.crc32(b"abc") == 0x352441C2
    assert binascii.unhexlify(binascii.hexlify(b"\0\xff")) == b"\0\xff"
    assert base64.b85decode(base64.b85encode(b"channel")) == b"channel"


@check("gzip", "bz2", "tarfile", "zipfile", "io")
def _():
    import bz2
    import gzip
    import io
    import tarfile
    import zipfile

    assert gzip.decompress(gzip.compress(b"x" * 999)) == b"x" * 999
    assert bz2.decompress(bz2.compress(b"y" * 999)) == b"y" * 999
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("a/b.txt")
        member.size = 3
        tar.addfile(member, io.BytesIO(b"tar"))
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as tar:
        assert tar.extractfile("a/b.txt").read() == b"tar"
    with zipfile.ZipFile("/tmp/x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("one.txt"), "1" * 500, zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile("/tmp/x.zip") as archive:
        assert archive.testzip() is None and archive.read("one.txt") == b"1" * 500


@check("csv", "configparser", "string", "textwrap", "difflib")
def _():
    import configparser
    import csv
    import difflib
    import io
    import string
    import textwrap

    assert list(csv.reader(io.StringIO('a,"b,c"\r\n'))) == [["a", "b,c"]]
    settings = configparser.ConfigParser()
    settings.read_string("[x]\nhome = /a\npath = %(home)s/b\n")
    assert settings["x"]["path"] == "/a/b"
    assert string.Template("$a-${b}").substitute(a=1, b=2) == "1-2"
    assert textwrap.wrap("one two three", 7) == ["one two", "three"]
    assert difflib.get_close_matches("chanel", ["channel", "session"]) == ["channel"]


@check("datetime", "time", "calendar")
def _():
    import calendar
    import datetime
    import time

    assert datetime.date(2024, 2, 28) + datetime.timedelta(2) == datetime.date(2024, 3, 1)
    assert datetime.datetime.fromisoformat("2024-01-01T00:00:00+02:00").timestamp() == 1704060000
    assert time.strftime("%Y-%m-%d", time.gmtime(86400 * 365)) == "1971-01-01"
    assert calendar.monthrange(2023, 2) == (2, 28)
    before = time.monotonic()
    assert 0 < time.monotonic() - before < 1


@check("random", "secrets", "uuid")
def _():
    import random
    import secrets
    import uuid

    random.seed(42)
    assert [random.randrange(100) for _ in range(3)] == [81, 14, 3]
    assert len(secrets.token_bytes(32)) == 32
    assert str(uuid.uuid5(uuid.NAMESPACE_DNS, "example.org")).startswith("aad03681")


@check("os", "pathlib", "shutil", "tempfile", "glob", "fnmatch", "stat")
def _():
    import fnmatch
    import glob
    import os
    import pathlib
    import shutil
    import stat
    import tempfile

    top = pathlib.Path(tempfile.mkdtemp(dir="/tmp"))
    (top / "a" / "b").mkdir(parents=True)
    (top / "a" / "b" / "c.txt").write_text("deep")
    os.symlink("a/b/c.txt", top / "link")
    assert (top / "link").read_text() == "deep" and os.readlink(top / "link") == "a/b/c.txt"
    os.rename(top / "a" / "b" / "c.txt", top / "a" / "d.txt")
    assert not (top / "link").exists()
    shutil.copytree(top / "a", top / "copy")
    assert sorted(os.path.relpath(it, top) for it in glob.glob(f"{top}/**/*.txt", recursive=True)) == [
        "a/d.txt",
        "copy/d.txt",
    ]
    assert stat.S_ISDIR(os.stat(top).st_mode) and stat.S_ISREG(os.stat(top / "a/d.txt").st_mode)
    assert fnmatch.filter(["x.py", "x.txt"], "*.py") == ["x.py"]
    with open(top / "big", "wb") as file:
        file.seek(3_000_000_000)
        file.write(b"!")
    assert os.path.getsize(top / "big") == 3_000_000_001
    shutil.rmtree(top)
    assert not top.exists()


@check("struct", "array", "copy", "pickle", "marshal")
def _():
    import array
    import copy
    import marshal
    import pickle
    import struct

    assert struct.pack("<IhB", 1, -2, 3) == b"\1\0\0\0\xfe\xff\3"
    assert array.array("d", [1.5, 2.5]).tobytes()[:8] == struct.pack("d", 1.5)
    value = {"k": [1, (2, 3)]}
    assert pickle.loads(pickle.dumps(value)) == value == copy.deepcopy(value)
    assert marshal.loads(marshal.dumps(value)) == value


@check("sqlite3")
def _():
    import sqlite3

    database = sqlite3.connect("/tmp/numbers.db")
    database.execute("create table t (x integer primary key, y text)")
    database.executemany("insert into t (y) values (?)", [(str(it),) for it in range(100)])
    database.commit()
    database.close()
    again = sqlite3.connect("/tmp/numbers.db")
    assert again.execute("select sum(x), max(y) from t").fetchone() == (5050, "99")


@check("xml.etree.ElementTree", "html", "html.parser")
def _():
    import html
    import html.parser
    import xml.etree.ElementTree as tree

    root = tree.fromstring("<a><b n='1'/><b n='2'/></a>")
    assert [it.get("n") for it in root.findall("b")] == ["1", "2"]
    assert html.unescape("&lt;&eacute;") == "<é"
    seen = []

    class Parser(html.parser.HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.append((tag, dict(attrs)))

    Parser().feed("<p class='x'>y</p>")
    assert seen == [("p", {"class": "x"})]


@check("urllib.parse", "email", "ipaddress")
def _():
    import email.message
    import ipaddress
    import urllib.parse

    assert urllib.parse.urlsplit("https://u@h:1/p?q=ä#f").port == 1
    assert urllib.parse.quote("a b/ä") == "a%20b/%C3%A4"
    message = email.message.EmailMessage()
    message["Subject"] = "grün"
    message.set_content("text")
    assert "=?utf-8?" in message.as_string()
    assert ipaddress.ip_address("10.1.2.3") in ipaddress.ip_network("10.0.0.0/8")


@check("argparse", "shlex", "getopt", "logging")
def _():
    import argparse
    import getopt
    import io
    import logging
    import shlex

    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int)
    assert parser.parse_args(["-n", "3"]).n == 3
    assert shlex.split("a 'b c'") == ["a", "b c"]
    assert getopt.getopt(["-x", "y"], "x") == ([("-x", "")], ["y"])
    stream = io.StringIO()
    log = logging.getLogger("zerovm")
    log.addHandler(logging.StreamHandler(stream))
    log.warning("%s of %d", "one", 2)
    assert stream.getvalue() == "one of 2\n"


@check("ast", "dis", "inspect", "tokenize", "traceback", "types")
def _():
    import ast
    import dis
    import inspect
    import io
    import tokenize
    import traceback
    import types

    assert ast.unparse(ast.parse("x=1+2*3")) == "x = 1 + 2 * 3"
    assert any(it.opname == "RETURN_VALUE" for it in dis.get_instructions(lambda: 1))
    assert str(inspect.signature(lambda a, *b, c=1: 0)) == "(a, *b, c=1)"
    assert len(list(tokenize.generate_tokens(io.StringIO("a + 1\n").readline))) == 5
    try:
        raise ValueError("known")
    except ValueError as error:
        assert traceback.format_exception_only(error) == ["ValueError: known\n"]
    assert types.SimpleNamespace(a=1).a == 1


@check("dataclasses", "enum", "typing", "abc", "contextlib", "weakref")
def _():
    import abc
    import contextlib
    import dataclasses
    import enum
    import io
    import typing
    import weakref

    @dataclasses.dataclass(order=True)
    class Point:
        x: int
        y: int = 2

    class Color(enum.Flag):
        RED = 1
        BLUE = 2

    class Shape(abc.ABC):
        @abc.abstractmethod
        def area(self): ...

    assert Point(1) < Point(2) and dataclasses.asdict(Point(1)) == {"x": 1, "y": 2}
    assert Color.RED | Color.BLUE == Color(3)
    assert typing.get_args(dict[str, int]) == (str, int)
    with contextlib.suppress(TypeError):
        Shape()
        raise AssertionError
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        print("caught")
    assert stream.getvalue() == "caught\n"
    point = Point(5)
    assert weakref.ref(point)() is point


@check("unicodedata", "codecs", "locale", "pprint", "unittest")
def _():
    import codecs
    import locale
    import pprint
    import unicodedata
    import unittest

    assert unicodedata.normalize("NFD", "é") == "e\u0301"
    assert codecs.decode("uryyb", "rot13") == "hello" and "ü".encode("cp1252") == b"\xfc"
    assert locale.localeconv()["decimal_point"] == "."
    assert pprint.pformat({"b": 1, "a": 2}) == "{'a': 2, 'b': 1}"

    class Case(unittest.TestCase):
        def test(self):
            self.assertEqual(1, 1)

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert result.wasSuccessful() and result.testsRun == 1


@check("importlib", "pkgutil", "runpy")
def _():
    import importlib
    import os
    import pkgutil
    import runpy
    import sys

    os.mkdir("/tmp/lib")
    with open("/tmp/lib/fresh.py", "w") as file:
        file.write("answer = 6 * 7\n")
    sys.path.append("/tmp/lib")
    assert importlib.import_module("fresh").answer == 42
    assert runpy.run_path("/tmp/lib/fresh.py")["answer"] == 42
    assert "json" in {it.name for it in pkgutil.iter_modules(["/py"])}


done = 0
for names, function in CHECKS:
    function()
    done += len(names)
    print(*names)
outside = [
    name
    for name, module in sys.modules.items()
    if getattr(getattr(module, "__spec__", None), "origin", None) not in (None, "built-in", "frozen")
    and not module.__file__.startswith(("/py/", "/tmp/", "/dev/"))
]
print(done, "modules, from elsewhere:", outside)
