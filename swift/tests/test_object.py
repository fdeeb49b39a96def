"""The object filter against a worker that a test speaks by hand."""

import swift_here  # noqa: F401

import hashlib
import hmac
import json
import os
import secrets
import tempfile
import time
import unittest
from urllib.parse import unquote

from fakes import Call, Listener, environment

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
    del env["CONTENT_LENGTH"]
    return env


class Reader:
    """An open file, as the object server hands it out."""

    def __init__(self, path):
        self._fp = open(path, "rb")

    def __iter__(self):
        return iter(lambda: self._fp.read(3), b"")

    def close(self):
        self._fp.close()


class Worker(Listener):
    """Reads the first message and its descriptor; `run` speaks about the rest."""

    def __init__(self, run):
        self.run = run
        self.greeting = self.descriptors = None
        super().__init__(self._greet)

    def _greet(self, conversation):
        import socket
        conversation.file.close()
        greeting, self.descriptors, _, _ = socket.recv_fds(conversation.socket, 16, 4)
        self.greeting = greeting
        conversation.file = conversation.socket.makefile("rb")
        if conversation.read_head():
            self.run(conversation)


class ThinPath(unittest.TestCase):
    def test_hands_over(self):
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(b"contents")
        self.addCleanup(os.unlink, file.name)
        seen = {}

        def run(conversation):
            seen.update(conversation.headers)
            seen["body"] = conversation.ask_body()
            seen["object"] = os.pread(worker.descriptors[0], 99, 0)
            os.close(worker.descriptors[0])
            conversation.answer("200 OK", b"report", "X-Backend-Zerocloud-A: 1\r\nX-B: 2\r\n")

        def object_server(env, start_response):
            seen["env"] = env
            start_response("200 OK", [("Content-Length", "8"), ("ETag", '"abc"'),
                                      ("X-Timestamp", "0000000001.00000"),
                                      ("X-Object-Meta-Colour", "gr\xc3\xbcn %"),
                                      ("Content-Type", "text/plain")])
            return Reader(file.name)

        worker = Worker(run)
        self.addCleanup(worker.close)
        with tempfile.NamedTemporaryFile() as secret:
            secret.write(SECRET + b"\n")
            secret.flush()
            app = node.filter_factory({}, worker_socket=worker.path, secret_file=secret.name)(
                object_server)
        answer = Call(app, node_environment()).finish()
        self.assertEqual(worker.failures, [])
        self.assertEqual((answer.status, answer.body), ("200 OK", b"report"))
        self.assertEqual(answer.headers, {"content-length": "6", "x-backend-zerocloud-a": "1"})
        self.assertEqual((seen["body"], seen["object"]), (b"order", b"contents"))
        self.assertEqual(worker.greeting, b"zerocloud-node 1")
        self.assertEqual(json.loads(unquote(seen["x-zerocloud-object"])), {
            "size": 8, "etag": "abc", "timestamp": "0000000001.00000", "type": "text/plain",
            "meta": {"colour": "grün %"}})
        self.assertEqual(seen["env"]["REQUEST_METHOD"], "GET")


if __name__ == "__main__":
    unittest.main()
