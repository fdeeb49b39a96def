"""Both filters in the pipelines of a real Swift."""

import swift_here  # noqa: F401

import json
import os
import socket
import threading
import unittest
from urllib.parse import unquote

from coordinator import Coordinator, body_of, chunks_of
from fakes import PATIENCE, wait_for
from test_object import SECRET, Worker, sign
from tiny_swift import TinySwift

CONTAINER = "/v1/AUTH_test/c"


def wire(text):
    """Text as headers carry it."""
    return text.encode().decode("latin-1")


class RealSwift(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.coordinator = Coordinator()
        cls.addClassCleanup(cls.coordinator.close)
        cls.worker = Worker(lambda talk: cls.run_node(talk))
        cls.addClassCleanup(cls.worker.close)
        cls.swift = TinySwift(cls.coordinator.path, cls.worker.path, SECRET.decode())
        cls.addClassCleanup(cls.swift.stop)
        cls.token = {"X-Auth-Token": cls.swift.token()}
        headers = {"X-Container-Read": "test:other", "X-Container-Meta-Colour": wire("grün")}
        cls.put(CONTAINER, headers=headers)
        cls.put(CONTAINER + "/o%20%C3%BC", b"contents", {"X-Object-Meta-Colour": wire("grün")})

    def setUp(self):
        self.coordinator.__dict__.update(
            job=None, calls=[], bodies={}, answers={}, deferred=False,
            job_done=threading.Event(), calls_done=threading.Event())
        self.addCleanup(self.coordinator.calls_done.set)

    @classmethod
    def put(cls, path, body=b"", headers=()):
        """Puts something as its owner."""
        status, found, text = cls.swift.request("PUT", path, body, dict(cls.token, **dict(headers)))
        assert status in (201, 202), (path, status, text)
        return found

    def run_job(self, *calls, path=CONTAINER, method="POST", body=b"job", bodies=None, **headers):
        """Sends a request for a job whose coordinator makes calls; gives their answers."""
        self.coordinator.calls = [dict(call, id=n) for n, call in enumerate(calls)]
        self.coordinator.bodies = bodies or {}
        self.coordinator.answers = {}
        headers = headers or dict(self.token, **{"X-Zerovm-Execute": "1.0"})
        status, _, text = self.swift.request(method, path, body, headers)
        self.assertEqual(status, 200, text)
        return [self.coordinator.answers[str(n)] for n in range(len(calls))]

    def call(self, op, **fields):
        """The answer to one call."""
        return self.run_job(dict(fields, op=op))[0]

    def test_requests_read_and_write(self):
        get = {"op": "request", "method": "GET", "path": CONTAINER + "/o%20%C3%BC", "headers": {}}
        head, body, _ = self.run_job(get)[0]
        headers = dict(head["headers"])
        self.assertEqual((head["status"], body), (200, b"contents"))
        self.assertEqual(headers["X-Object-Meta-Colour"], wire("grün"))
        sent = {"0": body_of(b"abcde"), "1": chunks_of(b"abc", b"de"), "2": body_of(b"abc"),
                "3": chunks_of(b"abc", end=False)}
        puts = [{"op": "request", "method": "PUT", "path": CONTAINER + "/%d" % n, "headers": {},
                 "sends": length} for n, length in enumerate((5, None, 5, None))]
        statuses = [head["status"] for head, _, _ in self.run_job(*puts, bodies=sent)]
        self.assertEqual(statuses, [201, 201, 499, 499])
        gets = [dict(get, path=CONTAINER + "/%d" % n) for n in range(4)]
        found = [(head["status"], body if head["status"] == 200 else None)
                 for head, body, _ in self.run_job(*gets)]
        self.assertEqual(found, [(200, b"abcde"), (200, b"abcde"), (404, None), (404, None)])

    def test_requests_are_those_of_the_user(self):
        list_all = {"op": "request", "method": "GET", "path": CONTAINER, "query": "format=json",
                    "headers": {}}
        foreign = dict(list_all, path="/v1/AUTH_foreign/c")
        listed, refused, trusted = self.run_job(list_all, foreign, dict(foreign, trusted=True))
        self.assertIn("o ü", [item["name"] for item in json.loads(listed[1])])
        self.assertEqual((refused[0]["status"], trusted[0]["status"]), (403, 404))

    def test_requests_and_rights_of_nobody_by_somebody(self):
        own = {"op": "request", "method": "GET", "path": CONTAINER, "headers": {}}
        ask = {"op": "authorize", "method": "GET", "path": CONTAINER + "/o", "anonymous": True}
        answers = self.run_job(own, dict(own, anonymous=True), ask, dict(ask, acl=".r:*"))
        self.assertEqual([head["status"] for head, _, _ in answers], [200, 401, 401, 200])

    def test_rights(self):
        ask = {"op": "authorize", "method": "GET", "path": "/v1/AUTH_foreign/c/o"}
        own = dict(ask, method="POST", path="/v1/AUTH_test")
        answers = self.run_job(ask, dict(ask, acl="test:tester"), dict(ask, acl="a:b"), own)
        self.assertEqual([head for head, _, _ in answers], [
            {"status": 403, "owner": False}, {"status": 200, "owner": False},
            {"status": 403, "owner": False}, {"status": 200, "owner": True}])

    def test_rights_of_nobody(self):
        asks = [{"op": "authorize", "method": "POST", "path": "/v1/AUTH_test"},
                {"op": "request", "method": "GET", "path": "/v1/AUTH_test", "headers": {}},
                {"op": "request", "method": "GET", "path": "/v1/other/c/o", "headers": {}}]
        for path in ("/jobs/1", "/open/AUTH_test/c/o", "/open/other/c/o", "/api/AUTH_test/c"):
            answers = self.run_job(*asks, path=path, **{"X-A": "1"})
            self.assertEqual([head["status"] for head, _, _ in answers], [401] * 3)

    def test_containers(self):
        head = self.call("container", account="AUTH_test", container="c")[0]
        self.assertRegex(head.pop("timestamp"), "^[0-9]{10}[.][0-9]{5}$")
        self.assertGreaterEqual(head.pop("objects") + head.pop("bytes"), 0)
        self.assertEqual(head, {
            "status": 200, "policy": 0, "acls": {"read": "test:other", "write": None},
            "headers": {"x-container-meta-colour": wire("grün")}})
        for account in ("AUTH_test", "none"):
            head = self.call("container", account=account, container="ü")[0]
            self.assertEqual((account, head["status"]), (account, 404), head)

    def test_places(self):
        node = {"ip": "127.0.0.1", "port": self.swift.ports[2], "device": "d1", "region": 1,
                "zone": 1}
        head = self.call("locate", account="AUTH_test", container="c", object="o ü", policy=0)[0]
        self.assertEqual((head["status"], head["nodes"]), (200, [node]))
        for part, random in ((0, 0), (32, 0.5), (63, 0.9999999)):
            head = self.call("locate", random=random, policy=0)[0]
            self.assertEqual((head["partition"], head["nodes"]), (part, [node]))

    def test_signed_urls_cannot_run_jobs(self):
        import hashlib
        import hmac
        self.swift.request("POST", "/v1/AUTH_test", b"",
                           dict(self.token, **{"X-Account-Meta-Temp-Url-Key": "key"}))
        path = CONTAINER + "/job"
        text = "POST\n4000000000\n%s" % path
        query = "?temp_url_expires=4000000000&temp_url_sig=" + hmac.new(
            b"key", text.encode(), hashlib.sha256).hexdigest()
        status, _, body = self.swift.request(
            "POST", path + query, b"job", {"X-Zerovm-Execute": "1.0"})
        self.assertEqual(status, 403)
        self.assertIn(b"signed URL", body)

    def test_preflights_and_bad_tokens(self):
        preflight = {"Origin": "http://page", "Access-Control-Request-Method": "POST"}
        self.run_job(path="/open/AUTH_test/c/o", method="OPTIONS", body=None, **preflight)
        status, _, _ = self.swift.request(
            "GET", "/open/AUTH_test/c/o", headers={"X-Auth-Token": "AUTH_forged"})
        self.assertEqual(status, 401)

    def test_a_client_that_leaves_cancels(self):
        closed = []
        self.coordinator.job = lambda talk: (leave.set(), closed.append(talk.is_closed()))
        leave = threading.Event()
        with socket.create_connection(("127.0.0.1", self.swift.ports[3])) as client:
            client.sendall(("GET /open/AUTH_test/c/o HTTP/1.1\r\nHost: a\r\nX-Auth-Token: %s\r\n"
                            "\r\n" % self.token["X-Auth-Token"]).encode())
            self.assertTrue(leave.wait(PATIENCE))
        self.assertTrue(wait_for(lambda: closed))
        self.assertEqual(closed, [True])

    def test_asks_a_client_for_its_body_when_the_coordinator_does(self):
        self.coordinator.job = lambda talk: talk.answer("403 No", b"no")
        head = ("POST %s HTTP/1.1\r\nHost: a\r\nX-Auth-Token: %s\r\nX-Zerovm-Execute: 1.0\r\n"
                "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
                % (CONTAINER, self.token["X-Auth-Token"])).encode()
        with socket.create_connection(("127.0.0.1", self.swift.ports[3])) as client:
            client.sendall(head)
            self.assertTrue(client.recv(999).startswith(b"HTTP/1.1 403"))
        got = []
        self.coordinator.job = lambda talk: (got.append(talk.ask_body()), talk.answer())
        with socket.create_connection(("127.0.0.1", self.swift.ports[3])) as client:
            client.sendall(head)
            self.assertEqual(client.recv(999), b"HTTP/1.1 100 Continue\r\n\r\n")
            client.sendall(b"3\r\njob\r\n0\r\n\r\n")
            self.assertTrue(client.recv(999).startswith(b"HTTP/1.1 200"))
        self.assertEqual(got, [b"job"])

    def test_a_deferred_job_goes_on(self):
        call = {"op": "request", "method": "GET", "path": CONTAINER + "/o%20%C3%BC", "headers": {}}
        self.coordinator.deferred = True
        self.coordinator.job = lambda talk: talk.answer()
        lines, served = self.coordinator._serve_calls, threading.Event()
        self.addCleanup(setattr, self.coordinator, "_serve_calls", lines)

        def later(conversation):
            served.wait(PATIENCE)
            conversation.lines = self.coordinator.lines_of([dict(call, id=1)])
            lines(conversation)

        self.coordinator._serve_calls = later
        self.run_job()
        served.set()
        self.assertTrue(wait_for(lambda: self.coordinator.answers))
        self.assertEqual(self.coordinator.answers["1"][1], b"contents")

    def node(self, name, etag=None, timestamp=None, secret=SECRET):
        """Asks the object server for a node; looks for the object through the proxy first."""
        where = self.call("locate", account="AUTH_test", container="c", object=name, policy=0)[0]
        path = "/d1/%d/AUTH_test/c/%s" % (where["partition"], name.replace(" ", "%20"))
        status, headers, _ = self.swift.request("HEAD", CONTAINER + "/" + name.replace(" ", "%20"),
                                                headers=self.token)
        etag = headers.get("Etag", "").strip('"') if etag is None else etag
        timestamp = headers.get("X-Timestamp", "") if timestamp is None else timestamp
        signature = sign(path, etag=etag, timestamp=timestamp, policy="0", secret=secret)
        own = "X-Backend-Zerocloud-"
        return self.swift.request("POST", path, iter([b"or", b"der"]), {
            own + "Node": "1", own + "Signature": signature, own + "Etag": etag,
            own + "Timestamp": timestamp, "X-Backend-Storage-Policy-Index": "0",
            own + "Transaction": "tx1"}, port=self.swift.ports[2])

    @classmethod
    def run_node(cls, talk):
        """The worker."""
        cls.got = talk.ask_body(), talk.headers
        talk.answer("200 OK", b"report", "X-Backend-Zerocloud-A: 1\r\n")

    def test_nodes_get_the_open_file(self):
        self.put(CONTAINER + "/plain", b"plain", {
            "X-Object-Meta-Colour": wire("grün"), "Content-Type": "text/x"})
        status, headers, body = self.node("plain")
        self.assertEqual((status, body, headers["X-Backend-Zerocloud-A"]), (200, b"report", "1"))
        self.assertEqual((self.got[0], self.worker.objects[-1]), (b"order", b"plain"))
        about = json.loads(unquote(self.got[1]["x-zerocloud-object"]))
        self.assertRegex(about.pop("timestamp") + about.pop("etag"), "^[0-9.]{16}[0-9a-f]{32}$")
        self.assertEqual(about, {"size": 5, "type": "text/x", "meta": {"colour": "grün"}})

    def test_nodes_whose_object_is_another(self):
        self.put(CONTAINER + "/stale", b"old")
        self.assertEqual(self.node("stale", timestamp="0000000001.00000")[0], 412)
        status, headers, _ = self.node("stale", etag="0" * 32)
        self.assertEqual((status, headers["X-Backend-Zerocloud-Reason"]), (412, "stale"))
        changed = dict(self.token, **{"X-Object-Meta-A": "1"})
        self.assertEqual(self.swift.request("POST", CONTAINER + "/stale", b"", changed)[0], 202)
        self.assertEqual(self.node("stale")[0], 200)
        self.assertEqual(self.node("missing")[0], 404)
        self.assertEqual(self.node("stale", secret=b"forged")[0], 401)

    def test_nodes_whose_bytes_are_elsewhere(self):
        self.put(CONTAINER + "/part", b"part")
        manifest = json.dumps([{"path": "/c/part"}]).encode()
        self.put(CONTAINER + "/slo?multipart-manifest=put", manifest)
        self.put(CONTAINER + "/dlo", b"", {"X-Object-Manifest": "c/part"})
        self.put(CONTAINER + "/link", b"", {"X-Symlink-Target": "c/part"})
        for name, kind in (("slo", "slo"), ("dlo", "dlo"), ("link", "symlink")):
            status, headers, _ = self.node(name)
            self.assertEqual((status, headers.get("X-Backend-Zerocloud-Reason")),
                             (409, "stream: " + kind), name)

    def test_servers_leave_nothing_open(self):
        def open_files():
            return [len(os.listdir("/proc/%d/fd" % process.pid))
                    for process in self.swift.processes[-2:]]

        self.put(CONTAINER + "/leak", b"leak")
        self.node("leak")
        before = open_files()
        for _ in range(20):
            self.assertEqual(self.node("leak")[0], 200)
            self.assertEqual(self.node("leak", etag="0" * 32)[0], 412)
        # A connection to a memcache or of a client that stays may come and go.
        self.assertTrue(wait_for(lambda: all(
            now <= then + 3 for now, then in zip(open_files(), before))), (before, open_files()))
