"""The object filter against a worker that a test speaks by hand."""

import swift_here  # noqa: F401

import fcntl
import hashlib
import hmac
import io
import json
import os
import secrets
import socket
import tempfile
import threading
import time
from urllib.parse import unquote

from fakes import Call, FilterTest, Listener, environment, wait_for

from zerocloud import object as node

SECRET = b"secret of a test"
PATH = "/d1/7/AUTH_a/c/o"


def sign(path, seconds=None, nonce=None, etag="", timestamp="", policy="", secret=SECRET):
    """The header with the signature."""
    seconds = int(time.time()) if seconds is None else seconds
    nonce = nonce or secrets.token_hex(16)
    text = "POST\n%s\n%s\n%s\n%s\n%s\n%s\n" % (path, seconds, nonce, etag, timestamp, policy)
    mac = hmac.new(secret, text.encode("latin-1"), hashlib.sha256).hexdigest()
    return "%s.%s.%s" % (seconds, nonce, mac)


def node_environment(path=PATH, body=b"order", signature=None, **more):
    """A request of a coordinator for a node."""
    headers = {"X-Backend-Zerocloud-Node": "1", "Transfer-Encoding": "chunked",
               "X-Backend-Zerocloud-Transaction": "tx1",
               "X-Backend-Zerocloud-Signature": signature or sign(path)}
    env = environment(path=path, body=body, headers=headers, **more)
    env.pop("CONTENT_LENGTH", None)
    return env


class Reader:
    """An open file, as the object server hands it out."""

    def __init__(self, path):
        self._fp = open(path, "rb")
        self.closed = 0

    def __iter__(self):
        return iter(lambda: self._fp.read(3), b"")

    def close(self):
        self.closed += 1
        self._fp.close()


class Bytes:
    """An answer without a file below it."""

    def __init__(self, *pieces):
        self.pieces = iter(pieces)
        self.closed = 0

    def __iter__(self):
        return self.pieces

    def close(self):
        self.closed += 1


class Worker(Listener):
    """Reads the first message and its descriptor; `run` speaks about the rest."""

    def __init__(self, run):
        self.run = run
        self.greetings, self.objects = [], []
        super().__init__(self._greet)

    def _greet(self, conversation):
        conversation.file.close()
        greeting, descriptors, _, _ = socket.recv_fds(conversation.socket, 16, 4)
        self.greetings.append(greeting)
        for descriptor in descriptors:
            self.objects.append(os.pread(descriptor, 99, 0))
            self.mode = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
            os.close(descriptor)
        conversation.file = conversation.socket.makefile("rb")
        if conversation.read_head():
            self.run(conversation)


def parts_of(data):
    """The parts in a body, and what is left."""
    parts, part = [], b""
    while len(data) >= 4:
        size = int.from_bytes(data[:4], "big")
        part, data = part + data[4:4 + size], data[4 + size:]
        if not size:
            parts.append(part)
            part = b""
    return parts, part + data


class ObjectTest(FilterTest):
    HEADERS = {"Content-Length": "8", "ETag": '"abc"', "X-Timestamp": "0000000001.00000",
               "Content-Type": "text/plain"}

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "object")
        self.secret = os.path.join(folder.name, "secret")
        for path, data in ((self.file, b"contents"), (self.secret, SECRET + b"\n")):
            with open(path, "wb") as file:
                file.write(data)
        self.headers, self.status = dict(self.HEADERS), "200 OK"
        self.asked, self.readers = [], []
        self.make_reader = lambda: Reader(self.file)
        self.seen = {}

    def server(self, env, start_response):
        """The object server."""
        self.asked.append(env)
        start_response(self.status, list(self.headers.items()))
        self.readers.append(self.make_reader())
        return self.readers[-1]

    def run_node(self, conversation):
        """What a good worker does."""
        self.seen.update(conversation.headers, target=conversation.target)
        self.seen["body"] = conversation.ask_body()
        conversation.answer("200 OK", b"report", "X-Backend-Zerocloud-A: 1\r\nX-B: 2\r\n")

    def filter(self, path):
        """The filter in front of the object server."""
        return node.filter_factory({"secret_file": self.secret}, worker_socket=path)(self.server)

    def ask(self, env=None, run=None):
        """One request through the filter, with a worker."""
        self.worker = self.listen(Worker(run or self.run_node))
        answer = Call(self.filter(self.worker.path), env or node_environment()).finish()
        for reader in self.readers:
            self.assertEqual(reader.closed, 1)
        return answer


class HandsOver(ObjectTest):
    def test_the_open_file(self):
        self.headers.update({"X-Object-Meta-Colour": "gr\xc3\xbcn %\"", "X-Object-Meta-B": "\xff",
                             "X-Object-Sysmeta-Else": "1"})
        answer = self.ask()
        self.assertEqual((answer.status, answer.body), ("200 OK", b"report"))
        self.assertEqual(answer.headers, {"content-length": "6", "x-backend-zerocloud-a": "1"})
        self.assertEqual(self.worker.greetings, [b"zerocloud-node 1"])
        self.assertEqual((self.worker.objects, self.worker.mode), ([b"contents"], os.O_RDONLY))
        seen = self.seen
        self.assertEqual((seen["target"], seen["body"]), ("/run", b"order"))
        self.assertEqual((seen["x-zerocloud-local"], seen["x-zerocloud-transaction"]),
                         ("descriptor", "tx1"))
        self.assertRegex(seen["x-zerocloud-nonce"], "^[0-9a-f]{32}$")
        self.assertEqual(seen["transfer-encoding"], "chunked")
        self.assertEqual(json.loads(unquote(seen["x-zerocloud-object"])), {
            "size": 8, "etag": "abc", "timestamp": "0000000001.00000", "type": "text/plain",
            "meta": {"colour": "gr\u00fcn %\"", "b": "\ufffd"}})

    def test_asks_for_the_object_as_nobody(self):
        env = node_environment(HTTP_X_BACKEND_STORAGE_POLICY_INDEX="2", QUERY_STRING="a=b",
                               HTTP_RANGE="bytes=1-", HTTP_IF_MATCH="x", HTTP_X_AUTH_TOKEN="t",
                               HTTP_X_BACKEND_REPLICATION="1", RAW_PATH_INFO=PATH,
                               signature=sign(PATH, policy="2"))
        self.assertEqual(self.ask(env).status, "200 OK")
        inner = self.asked[0]
        self.assertEqual((inner["REQUEST_METHOD"], inner["PATH_INFO"]), ("GET", PATH))
        self.assertEqual(inner["wsgi.input"].read(), b"")
        self.assertEqual(sorted(name for name in inner if name.startswith("HTTP_")), [
            "HTTP_USER_AGENT", "HTTP_X_BACKEND_STORAGE_POLICY_INDEX", "HTTP_X_TRANS_ID"])
        self.assertEqual(inner["QUERY_STRING"], "")

    def test_bytes_where_there_is_no_file(self):
        big = b"x" * 3_000_000
        for pieces in ((b"con", b"", b"tents"), (), (big,)):
            self.make_reader = lambda: Bytes(*pieces)
            self.ask(node_environment(body=(5).to_bytes(4, "big") + b"order" + bytes(4)))
            self.assertEqual(self.seen["x-zerocloud-local"], "body")
            self.assertEqual(self.worker.objects, [])
            parts, rest = parts_of(self.seen["body"])
            self.assertEqual((parts, rest), ([b"order", b"".join(pieces)], b""))
            self.readers.clear()

    def test_a_node_beside_no_object(self):
        answer = self.ask(node_environment("/d1/7/AUTH_a"))
        self.assertEqual((answer.status, answer.body), ("200 OK", b"report"))
        self.assertEqual((self.asked, self.worker.objects), ([], []))
        self.assertEqual(self.seen["x-zerocloud-local"], "descriptor")
        self.assertNotIn("x-zerocloud-object", self.seen)

    def test_passes_refusals_of_the_worker_before_any_of_the_body_is_read(self):
        env = node_environment()
        answer = self.ask(env, lambda talk: talk.answer(
            "503 Busy", b"full", "X-Backend-Zerocloud-Reason: busy\r\n"))
        self.assertEqual((answer.status, answer.body), ("503 Busy", b"full"))
        self.assertEqual(answer.headers["x-backend-zerocloud-reason"], "busy")
        self.assertEqual(env["wsgi.input"].tell(), 0)

    def test_everything_else_passes(self):
        for method in ("GET", "PUT", "POST", "REPLICATE"):
            env = environment(method, PATH, b"abc", {"X-Backend-Zerocloud-Etag": "1"})
            before = dict(env)
            call = Call(self.filter("/nowhere"), env).finish()
            self.assertEqual(call.body, b"contents")
            self.assertIs(self.asked[-1], env)
            self.assertEqual(env, before)


class Signatures(ObjectTest):
    def refused(self, signature, **more):
        env = node_environment(**more)
        env["HTTP_X_BACKEND_ZEROCLOUD_SIGNATURE"] = signature
        answer = self.ask(env)
        self.assertEqual(answer.status, "401 Unauthorized")
        self.assertEqual((self.asked, self.worker.greetings, env["wsgi.input"].tell()), ([], [], 0))

    def test_refuses_what_is_not_signed(self):
        good = sign(PATH)
        seconds, nonce, mac = good.split(".")
        for bad in ("", "x", good[:-1], good + "0", "." * 2, good.upper(), good + "\n",
                    good.replace(".", "-"), "%s.%s.%s" % (seconds, nonce, "0" * 64),
                    "%s.%s.%s" % (seconds, "0" * 32, mac), " " + good,
                    "%s.%s.%s" % (int(seconds) + 1, nonce, mac), "\u0661" * 10 + good[10:],
                    sign(PATH, secret=b"other"), sign(PATH + "x"), sign(PATH, etag="abc"),
                    sign(PATH, timestamp="1"), sign(PATH, policy="1"), sign(PATH, secret=b"")):
            self.refused(bad)
        env = node_environment()
        del env["HTTP_X_BACKEND_ZEROCLOUD_SIGNATURE"]
        self.assertEqual(self.ask(env).status, "401 Unauthorized")

    def test_refuses_headers_that_are_not_those_signed(self):
        for name in ("HTTP_X_BACKEND_ZEROCLOUD_ETAG", "HTTP_X_BACKEND_ZEROCLOUD_TIMESTAMP",
                     "HTTP_X_BACKEND_STORAGE_POLICY_INDEX"):
            self.refused(sign(PATH), **{name: "1"})

    def test_refuses_other_methods(self):
        for method in ("GET", "PUT", "post"):
            self.refused(sign(PATH), method=method)

    def test_is_good_for_a_minute(self):
        now = int(time.time())
        for seconds in (now - 55, now, now + 55):
            self.assertEqual(self.ask(node_environment(signature=sign(PATH, seconds))).status,
                             "200 OK")
        self.asked.clear()
        for seconds in (now - 62, now + 65, 0, 10 ** 11):
            self.refused(sign(PATH, seconds))

    def test_is_good_once(self):
        app = self.filter(self.listen(Worker(self.run_node)).path)
        signature = sign(PATH, nonce="ab" * 16)
        statuses = []

        def ask():
            statuses.append(Call(app, node_environment(signature=signature)).finish().status)

        threads = [threading.Thread(target=ask) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(statuses), ["200 OK"] + ["401 Unauthorized"] * 9)

    def test_forged_ones_are_not_remembered(self):
        signatures = self.filter("/nowhere")
        for n in range(100):
            env = node_environment(signature=sign(PATH, secret=b"other"))
            self.assertFalse(signatures.is_signed(env))
        self.assertEqual(len(signatures.seen), 0)

    def test_old_ones_are_forgotten(self):
        signatures = self.filter("/nowhere")
        signatures.seen["old"] = time.time() - 1
        self.assertTrue(signatures.is_signed(node_environment()))
        self.assertEqual(len(signatures.seen), 1)

    def test_is_over_the_path_as_it_came(self):
        raw = "/d1/7/AUTH_a/c/gr%c3%bcn'%20o"
        env = node_environment("/d1/7/AUTH_a/c/gr\xc3\xbcn' o", signature=sign(raw),
                               RAW_PATH_INFO=raw)
        self.assertEqual(self.ask(env).status, "200 OK")


class Refusals(ObjectTest):
    def refused(self, status, reason=None, env=None):
        env = env or node_environment()
        answer = self.ask(env)
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.headers.get("x-backend-zerocloud-reason"), reason)
        self.assertEqual((self.worker.greetings, env["wsgi.input"].tell()), ([], 0))
        self.headers = dict(self.HEADERS)

    def test_what_is_not_the_file(self):
        for name, kind in (("X-Static-Large-Object", "slo"), ("X-Object-Sysmeta-Slo-Etag", "slo"),
                           ("X-Object-Manifest", "dlo"),
                           ("X-Object-Sysmeta-Symlink-Target", "symlink"),
                           ("X-Object-Sysmeta-Crypto-Body-Meta", "encrypted"),
                           ("X-Object-Transient-Sysmeta-Crypto-Meta", "encrypted"),
                           ("X-Object-Sysmeta-Ec-Frag-Index", "erasure coded"),
                           ("X-OBJECT-SYSMETA-EC-ETAG", "erasure coded")):
            self.headers[name] = "x"
            self.headers["ETag"] = "of something else"
            self.refused("409 Conflict", "stream: " + kind, self.dated(etag="abc"))

    def dated(self, etag="", timestamp=""):
        return node_environment(signature=sign(PATH, etag=etag, timestamp=timestamp), **{
            "HTTP_X_BACKEND_ZEROCLOUD_ETAG": etag, "HTTP_X_BACKEND_ZEROCLOUD_TIMESTAMP": timestamp})

    def test_what_is_stale(self):
        for stale in ({"etag": "abd"}, {"timestamp": "0000000002.00000"}, {"timestamp": "x"},
                      {"etag": "abc", "timestamp": "0000000000.99999"}):
            self.refused("412 Precondition Failed", "stale", self.dated(**stale))
        for good in ({"etag": "abc"}, {"timestamp": "1.0"},
                     {"etag": "abc", "timestamp": "0000000001.00000"}):
            self.assertEqual(self.ask(self.dated(**good)).status, "200 OK")
        del self.headers["X-Timestamp"]
        self.refused("412 Precondition Failed", "stale", self.dated(timestamp="1.0"))

    def test_what_the_object_server_refuses(self):
        for status in ("404 Not Found", "507 Insufficient Storage", "500 Internal Error",
                       "400 Bad Request", "301 Moved"):
            self.status = status
            self.refused(status)

    def test_an_object_server_that_fails_leaves_nothing_open(self):
        def fails(env, start_response):
            raise ValueError("disk")

        app = node.filter_factory({}, secret_file=self.secret)(fails)
        with self.assertRaises(ValueError):
            Call(app, node_environment())


class Failures(ObjectTest):
    def test_says_that_there_is_no_worker(self):
        env = node_environment()
        answer = Call(self.filter("/nowhere/worker.sock"), env).finish()
        self.assertEqual(answer.status, "503 Service Unavailable")
        self.assertEqual(answer.headers["x-backend-zerocloud-reason"], "worker")
        self.assertEqual((self.readers[0].closed, env["wsgi.input"].tell()), (1, 0))

    def test_says_so_where_it_dies_before_its_answer(self):
        for ending in (lambda talk: None, lambda talk: talk.say("HTTP/1.1 100 Continue\r\n\r\n"),
                       lambda talk: talk.ask_body(), lambda talk: talk.say("garbage\r\n"),
                       lambda talk: talk.say("HTTP/1.1 200 OK\r\nX-A: 1\r\n")):
            answer = self.ask(node_environment(body=b"x" * 1_000_000), ending)
            self.assertEqual(answer.status, "503 Service Unavailable")
            self.assertEqual(answer.headers["x-backend-zerocloud-reason"], "worker")

    def test_breaks_off_an_answer_that_breaks_off(self):
        for rest in ("Content-Length: 9\r\n\r\nabc", "Content-Length: abc\r\n\r\nabc",
                     "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"):
            with self.assertRaises(OSError):
                self.ask(run=lambda talk: talk.say("HTTP/1.1 200 OK\r\n" + rest))
            self.assertEqual(self.readers[-1].closed, 1)

    def test_tells_the_worker_of_a_body_that_breaks_off(self):
        class Resets(io.BytesIO):
            def read(self, size=-1):
                piece = super().read(size)
                if not piece:
                    raise OSError("reset")
                return piece

        for make_reader in (self.make_reader, lambda: Bytes(b"contents")):
            self.make_reader = make_reader
            seen = []
            env = node_environment()
            env["wsgi.input"] = Resets(b"order")
            answer = self.ask(env, lambda talk: seen.append((talk.ask_body(), talk.broken)))
            self.assertEqual(answer.status, "499 Client Disconnect")
            self.assertTrue(wait_for(lambda: seen))
            self.assertEqual(seen, [(b"order", True)])

    def test_a_disk_that_fails_breaks_off(self):
        def pieces():
            yield b"con"
            raise OSError("disk")

        self.make_reader = lambda: Failing(pieces())
        seen = []
        answer = self.ask(run=lambda talk: seen.append((talk.ask_body(), talk.broken)))
        self.assertEqual(answer.status, "503 Service Unavailable")
        self.assertTrue(wait_for(lambda: seen))
        self.assertEqual(seen[0][1], True)

    def test_keeps_the_file_open_until_the_answer_is_read(self):
        worker = self.listen(Worker(self.run_node))
        call = Call(self.filter(worker.path), node_environment())
        self.assertEqual(self.readers[0].closed, 0)
        call.finish()
        self.assertEqual(self.readers[0].closed, 1)

    def test_does_not_start_without_a_secret(self):
        for data, text in ((b"", "is empty"), (b" \n", "is empty"), (None, "No such file")):
            path = self.secret
            if data is None:
                path = path + "none"
            else:
                with open(path, "wb") as file:
                    file.write(data)
            with self.assertRaisesRegex(ValueError, "secret_file = %s.*%s" % (path, text)):
                node.filter_factory({}, secret_file=path)(self.server)


class Failing(Bytes):
    """Breaks off while it is read."""

    def __init__(self, pieces):
        super().__init__()
        self.pieces = pieces
