"""The proxy filter against a coordinator that a test speaks by hand."""

import swift_here  # noqa: F401

import io
import os
import socket
import tempfile
import threading

from coordinator import Coordinator
from fakes import PATIENCE, Call, FilterTest, environment, wait_for

from zerocloud import proxy

EXECUTE = {"X-Zerovm-Execute": "1.0"}


def swift_app(env, start_response):
    """The rest of the pipeline: says what reached it."""
    start_response("200 OK", [("X-Path", env["PATH_INFO"])])
    return [b"swift"]


class ProxyTest(FilterTest):
    """Calls the filter with a coordinator."""

    def ask(self, coordinator, env, app=swift_app):
        """One request through the filter, read to its end."""
        return Call(self.filter(coordinator, app), env).finish()

    def filter(self, coordinator, app=swift_app):
        """The filter in front of an application."""
        path = coordinator if isinstance(coordinator, str) else coordinator.path
        return proxy.filter_factory({}, coordinator_socket=path)(app)

    def coordinator(self, job=None, **more):
        """A coordinator, closed at the end of the test."""
        return self.listen(Coordinator(job, **more))


class Recognition(ProxyTest):
    def is_job(self, path, method="GET", headers=()):
        answer = self.ask("/nowhere", environment(method, path, headers=headers))
        self.assertIn(answer.status[:3], ("200", "503"))
        return answer.status.startswith("503")

    def test_takes_requests_for_jobs(self):
        for path in ("/open/AUTH_a/c/o", "/api/AUTH_a/c", "/jobs", "/jobs/1", "/open/AUTH_a"):
            for method in ("GET", "POST", "OPTIONS", "HEAD"):
                self.assertTrue(self.is_job(path, method), path)
        for name in ("X-Zerovm-Execute", "X-Zerovm-Run"):
            self.assertTrue(self.is_job("/v1/AUTH_a", "POST", {name: ""}))
            self.assertTrue(self.is_job("/v1/AUTH_a/c/o/p", "POST", {name: "open/1.0"}))

    def test_passes_everything_else(self):
        for path in ("/v1/AUTH_a/c/o", "/v1", "/", "", "/openstack/a", "/open", "/open/", "/jobsx",
                     "/v1/open/api/jobs", "/info", "/apiary/a"):
            self.assertFalse(self.is_job(path), path)
        for path in ("/v1", "/v1/", "/info"):
            self.assertFalse(self.is_job(path, headers=EXECUTE), path)

    def test_passes_the_same_environment_without_what_a_client_forged(self):
        seen = []
        app = self.filter("/nowhere", lambda env, start: seen.append((env, start)) or [b""])
        env = environment(path="/v1/AUTH_a/c/o", body=b"abc",
                          headers={"X-Backend-Zerocloud-Node": "1", "X-A": "1"})
        expected = {name: value for name, value in env.items() if "ZEROCLOUD" not in name}
        app(env, "start")
        self.assertIs(seen[0][0], env)
        self.assertEqual((env, seen[0][1]), (expected, "start"))
        self.assertEqual(env["wsgi.input"].tell(), 0)

    def test_refuses_signed_urls(self):
        for more in ({"REMOTE_USER": ".wsgi.tempurl"}, {"REMOTE_USER": ".wsgi.formpost"},
                     {"swift.authorize_override": True}):
            coordinator = self.coordinator()
            answer = self.ask(coordinator, environment(path="/open/AUTH_a/c/o", **more))
            self.assertEqual(answer.status, "403 Forbidden")
            self.assertIn(b"signed URL", answer.body)
            self.assertEqual(coordinator.threads, [])

    def test_is_told_of_by_info(self):
        from swift.common.registry import get_swift_info
        self.filter("/nowhere")
        self.assertIn("version", get_swift_info()["zerocloud"])


class Relay(ProxyTest):
    def relayed(self, env):
        """What the coordinator got of a request."""
        seen = {}

        def job(conversation):
            seen.update(conversation.headers, method=conversation.method,
                        target=conversation.target)
            if "expect" in conversation.headers:
                seen["body"] = conversation.ask_body()
            conversation.answer("200 Fine", b"result", "X-Report: \xe9\r\nDate: x\r\n"
                                "Keep-Alive: 1\r\nConnection: close\r\n")

        self.answer = self.ask(self.coordinator(job), env)
        return seen

    def test_passes_request_and_answer(self):
        env = environment("PUT", "/v1/AUTH_a/c", b"job", EXECUTE, QUERY_STRING="a=%20b",
                          CONTENT_TYPE="application/json")
        seen = self.relayed(env)
        self.assertEqual((seen["method"], seen["target"]), ("PUT", "/v1/AUTH_a/c?a=%20b"))
        self.assertEqual(seen["body"], b"job")
        self.assertEqual((seen["host"], seen["content-length"]), ("cloud:8080", "3"))
        self.assertEqual(seen["content-type"], "application/json")
        self.assertEqual(seen["x-backend-zerocloud-transaction"], "tx1")
        self.assertEqual(seen["x-backend-zerocloud-client"], "192.0.2.7")
        self.assertRegex(seen["x-backend-zerocloud-request"], "^[0-9a-f]{32}$")
        self.assertNotIn("x-backend-zerocloud-user", seen)
        self.assertEqual((self.answer.status, self.answer.body), ("200 Fine", b"result"))
        self.assertEqual(self.answer.headers, {"x-report": "\xe9", "content-length": "6"})

    def test_keeps_to_itself_what_is_not_the_business_of_the_coordinator(self):
        secret = {"Host": "h", "Connection": "close, x", "Transfer-Encoding": "identity",
                  "Expect": "x", "X-Auth-Token": "t", "X-Storage-Token": "t", "Cookie": "c",
                  "X-Service-Token": "t", "X-Service-Catalog": "[]",
                  "Authorization": "a", "X-Backend-A": "1", "X-Backend-Zerocloud-User": "root",
                  "X-Backend-Zerocloud-Else": "1", "Bad Name": "1", "X-Zerovm-Run": "1"}
        seen = self.relayed(environment("GET", headers=secret, **{"HTTP_X:Y": "1"}))
        self.assertEqual(sorted(seen), [
            "connection", "host", "method", "target", "x-backend-zerocloud-client",
            "x-backend-zerocloud-request", "x-backend-zerocloud-transaction", "x-zerovm-run"])
        self.assertEqual(seen["connection"], "close")

    def test_a_value_cannot_begin_another_header(self):
        value = "1\r\n X-Backend-Zerocloud-User: root\nX-A: b\0"
        seen = self.relayed(environment("GET", headers={"X-Zerovm-Run": value}))
        self.assertEqual(seen["x-zerovm-run"], "1   X-Backend-Zerocloud-User: root X-A: b")
        self.assertNotIn("x-backend-zerocloud-user", seen)

    def test_names_that_are_not_ascii(self):
        wire = "/open/AUTH_a/c/gr\xc3\xbcn o"
        for more, target in (
                ({}, "/open/AUTH_a/c/gr%C3%BCn%20o"),
                ({"RAW_PATH_INFO": "/open/AUTH_a/c/gr%c3%bcn%20%6f"},
                 "/open/AUTH_a/c/gr%c3%bcn%20%6f"),
                ({"RAW_PATH_INFO": "/open/AUTH_a/c/gr\xc3\xbcn%20o"},
                 "/open/AUTH_a/c/gr%C3%BCn%20o"),
                ({"RAW_PATH_INFO": "/open/alias/c/x"}, "/open/AUTH_a/c/gr%C3%BCn%20o"),
                ({"REQUEST_URI": "/open/AUTH_a/c/gr%c3%bcn o?x"},
                 "/open/AUTH_a/c/gr%c3%bcn%20o")):
            seen = self.relayed(environment("GET", wire, headers={"X-A": "\xc3\xa9\x85"}, **more))
            self.assertEqual(seen["target"], target)
            self.assertEqual(seen["x-a"], "\xc3\xa9\x85")

    def test_says_who_asks(self):
        keystone = {"HTTP_X_USER_NAME": "Ana", "REMOTE_USER": ("12", "project")}
        for more, user in (
                ({"REMOTE_USER": "acct,acct:user,AUTH_acct"}, "acct:user"),
                ({"REMOTE_USER": "alone"}, "alone"),
                ({"REMOTE_USER": "a,gr\xc3\xbcn,b"}, "gr%C3%BCn"),
                ({"REMOTE_USER": "a,gr\u00fcn \u4e2d,b"}, "gr%C3%BCn%20%E4%B8%AD"),
                (keystone, "Ana"),
                (dict(keystone, HTTP_X_USER_NAME="\u00fc"), "%C3%BC"),
                (dict(keystone, HTTP_X_USER_NAME="\u4e2d"), "%E4%B8%AD"),
                ({"HTTP_X_USER_NAME": "forged", "REMOTE_USER": "a,b"}, "b")):
            seen = self.relayed(environment("GET", "/open/AUTH_a/c/o", **more))
            self.assertEqual(seen["x-backend-zerocloud-user"], user)
        for more in ({"REMOTE_USER": ""}, {"HTTP_X_USER_NAME": "forged"}, {"REMOTE_USER": None}):
            seen = self.relayed(environment("GET", "/open/AUTH_a/c/o", **more))
            self.assertNotIn("x-backend-zerocloud-user", seen)

    def test_passes_bodies_in_chunks(self):
        env = environment(headers=dict(EXECUTE, **{"Transfer-Encoding": "chunked"}))
        env["wsgi.input"] = io.BytesIO(b"x" * 200_000)
        seen = self.relayed(env)
        self.assertEqual(seen["transfer-encoding"], "chunked")
        self.assertEqual(seen["body"], b"x" * 200_000)

    def test_does_not_read_a_body_that_nobody_asks_for(self):
        coordinator = self.coordinator(lambda conversation: conversation.answer("401 No", b"no"))
        env = environment(body=b"job", headers=EXECUTE)
        answer = self.ask(coordinator, env)
        self.assertEqual((answer.status, answer.body), ("401 No", b"no"))
        self.assertEqual(env["wsgi.input"].tell(), 0)

    def test_answers_without_a_body(self):
        for method, status in (("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Same")):
            coordinator = self.coordinator(
                lambda talk, status=status: talk.say("HTTP/1.1 %s\r\nX-A: 1\r\n\r\n" % status))
            answer = self.ask(coordinator, environment(method, "/open/AUTH_a/c/o"))
            self.assertEqual((answer.status, answer.body), (status, b""))
            # Where there is no length the server would send the end of chunks, which is content.
            length = {"content-length": "0"} if status.startswith("204") else {}
            self.assertEqual(answer.headers, {"x-a": "1", **length})

    def test_passes_pieces_as_they_come(self):
        first = threading.Event()

        def job(talk):
            talk.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\none\r\n")
            first.wait(PATIENCE)
            talk.say("3\r\ntwo\r\n0\r\nX-Trailer: 1\r\n\r\n")

        call = Call(self.filter(self.coordinator(job)), environment(headers=EXECUTE))
        pieces = iter(call.iterator)
        self.assertEqual(next(pieces), b"one")
        first.set()
        self.assertEqual(list(pieces), [b"two"])
        call.close()

    def test_refuses_a_length_that_is_none(self):
        for length in ("-1", "x", "1_0", "\u0661"):
            env = environment(headers=EXECUTE, CONTENT_LENGTH=length)
            self.assertEqual(self.ask("/nowhere", env).status, "400 Bad Request")


class Failures(ProxyTest):
    def test_says_that_there_is_no_coordinator(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "file")
            open(file, "w").close()
            for path in (os.path.join(folder, "none"), file, "/" + "x" * 200):
                env = environment(body=b"job", headers=EXECUTE)
                answer = self.ask(path, env)
                self.assertEqual(answer.status, "503 Service Unavailable")
                self.assertIn(b"coordinator of ZeroCloud does not answer", answer.body)
                self.assertEqual(env["wsgi.input"].tell(), 0)

    def test_says_so_wherever_it_dies_before_its_answer(self):
        endings = {
            "at once": lambda talk: None,
            "after asking for the body": lambda talk: talk.say("HTTP/1.1 100 Continue\r\n\r\n"),
            "after the body": lambda talk: talk.ask_body(),
            "within the status": lambda talk: talk.say("HTTP/1.1 20"),
            "within the headers": lambda talk: talk.say("HTTP/1.1 200 OK\r\nX-A: 1\r\n"),
            "with garbage": lambda talk: talk.say("garbage\r\n\r\n"),
            "with a garbage status": lambda talk: talk.say("HTTP/1.1 abc OK\r\n\r\n"),
            "with a garbage header": lambda talk: talk.say("HTTP/1.1 200 OK\r\nabc\r\n\r\n"),
            "with a long line": lambda talk: talk.say("HTTP/1.1 200 " + "x" * 100_000 + "\r\n"),
            "with many headers": lambda talk: talk.say("HTTP/1.1 200 OK\r\n" + "a: b\r\n" * 1000),
            "with bytes": lambda talk: talk.say(b"\xff\x00\n"),
        }
        for when, ending in endings.items():
            with self.subTest(when):
                env = environment(body=b"x" * 1_000_000, headers=EXECUTE)
                answer = self.ask(self.coordinator(ending), env)
                self.assertEqual(answer.status, "503 Service Unavailable")

    def test_breaks_off_an_answer_that_breaks_off(self):
        chunked = "Transfer-Encoding: chunked\r\n\r\n"
        for rest in ("Content-Length: 9\r\n\r\nabc", "Content-Length: -1\r\n\r\nabc", "\r\nabc",
                     "Content-Length: abc\r\n\r\nabc", chunked + "9\r\nabc",
                     chunked + "3\r\nabc\r\n", chunked + "zz\r\n", chunked + "-3\r\nabc",
                     chunked + "f" * 20 + "\r\n", chunked + "3\r\nabc\r\n" + "x" * 70_000):
            with self.subTest(rest):
                job = self.coordinator(lambda talk: talk.say("HTTP/1.1 200 OK\r\n" + rest))
                with self.assertRaises(OSError):
                    self.ask(job, environment(headers=EXECUTE))

    def test_passes_an_answer_that_comes_before_the_body_is_sent(self):
        def job(talk):
            talk.say("HTTP/1.1 100 Continue\r\n\r\n")
            talk.file.read(1000)
            talk.answer("413 Too Large", b"too large")

        env = environment(body=b"x" * 10_000_000, headers=EXECUTE)
        answer = self.ask(self.coordinator(job), env)
        self.assertEqual((answer.status, answer.body), ("413 Too Large", b"too large"))
        self.assertLess(env["wsgi.input"].tell(), 10_000_000)

    def test_passes_an_answer_of_a_coordinator_that_takes_no_more(self):
        def job(talk):
            talk.say("HTTP/1.1 100 Continue\r\n\r\n")
            talk.answer("413 Too Large", b"y" * 3_000_000)
            talk.is_closed(20)

        env = environment(body=b"x" * 10_000_000, headers=EXECUTE)
        answer = self.ask(self.coordinator(job), env)
        self.assertEqual((answer.status, len(answer.body)), ("413 Too Large", 3_000_000))

    def test_sees_a_client_go_while_the_coordinator_takes_nothing(self):
        def job(talk):
            talk.say("HTTP/1.1 100 Continue\r\n\r\n")
            client.close()
            answered.wait(PATIENCE)

        answered = threading.Event()
        coordinator = self.coordinator(job)
        with socket.create_server(("127.0.0.1", 0)) as server:
            client = socket.create_connection(server.getsockname())
            served, _ = server.accept()
        with served:
            env = environment(body=b"x" * 10_000_000, headers=EXECUTE)
            env["wsgi.input"] = Socketed(served, b"x" * 10_000_000)
            answer = self.ask(coordinator, env)
        answered.set()
        self.assertEqual(answer.status, "499 Client Disconnect")

    def test_tells_the_coordinator_of_a_body_that_breaks_off(self):
        class Resets(io.BytesIO):
            def read(self, size=-1):
                return super().read(size) or self.fail()

            def fail(self):
                raise OSError("reset")

        class Garbles(Resets):
            def fail(self):
                raise ValueError("no chunk")

        chunked = {"HTTP_TRANSFER_ENCODING": "chunked"}
        for source, more in ((io.BytesIO(b"abc"), {"CONTENT_LENGTH": "9"}),
                             (Resets(b"abc"), {"CONTENT_LENGTH": "9"}),
                             (Resets(b"abc"), chunked), (Garbles(b"abc"), chunked)):
            seen = []

            def job(talk):
                seen.append(talk.ask_body())
                seen.append(talk.is_closed())

            env = environment(headers=EXECUTE, **more)
            env["wsgi.input"] = source
            coordinator = self.coordinator(job)
            answer = self.ask(coordinator, env)
            self.assertEqual(answer.status, "499 Client Disconnect")
            self.assertTrue(coordinator.job_done.wait(PATIENCE))
            self.assertEqual(seen, [b"abc", True])

    def test_closes_when_the_answer_is_closed(self):
        closed = []

        def job(talk):
            talk.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            closed.append(talk.is_closed())

        coordinator = self.coordinator(job)
        call = Call(self.filter(coordinator), environment(headers=EXECUTE))
        self.assertEqual(next(iter(call.iterator)), b"abc")
        call.close()
        call.close()
        self.assertTrue(coordinator.job_done.wait(PATIENCE))
        self.assertEqual(closed, [True])

    def test_closes_when_the_client_goes_away(self):
        for early in ("", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"):
            for unread in (b"", b"pipelined"):
                closed = []

                def job(talk):
                    talk.say(early)
                    leave.set()
                    closed.append(talk.is_closed())

                leave = threading.Event()
                coordinator = self.coordinator(job)
                with socket.create_server(("127.0.0.1", 0)) as server:
                    client = socket.create_connection(server.getsockname())
                    served, _ = server.accept()
                with served:
                    client.sendall(unread)
                    env = environment(headers=EXECUTE)
                    env["wsgi.input"] = Wrapped(served)
                    thread = threading.Thread(
                        target=lambda: leave.wait(PATIENCE) and client.close())
                    thread.start()
                    if early:
                        with self.assertRaises(OSError):
                            self.ask(coordinator, env)
                    else:
                        answer = self.ask(coordinator, env)
                        self.assertEqual(answer.status, "499 Client Disconnect")
                    thread.join()
                self.assertTrue(coordinator.job_done.wait(PATIENCE))
                self.assertEqual(closed, [True])

    def test_ends_the_calls_where_no_thread_can_be_started(self):
        coordinator = self.coordinator()
        start = threading.Thread.start
        self.addCleanup(setattr, threading.Thread, "start", start)

        def fail(thread):
            if thread._target.__name__ == "_run":
                raise RuntimeError("can't start new thread")
            start(thread)

        threading.Thread.start = fail
        answer = self.ask(coordinator, environment(headers=EXECUTE))
        self.assertEqual(answer.status, "503 Service Unavailable")
        coordinator.calls_done.set()
        self.assertTrue(wait_for(lambda: True))


class Wrapped:
    """As proxy-logging wraps the input of eventlet."""

    def __init__(self, sock):
        self.wsgi_input = self
        del self.wsgi_input
        self.inner = sock

    def __getattr__(self, name):
        if name != "wsgi_input":
            raise AttributeError(name)
        return Socketed(self.inner)


class Socketed(io.BytesIO):
    """An input with the socket of the client."""

    def __init__(self, sock, data=b""):
        super().__init__(data)
        self.sock = sock

    def get_socket(self):
        return self.sock
