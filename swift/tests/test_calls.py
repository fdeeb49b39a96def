"""The calls of a coordinator, which the proxy filter serves."""

import swift_here  # noqa: F401

import functools
import json
import threading
import time

from coordinator import Coordinator, body_of, chunks_of
from fakes import PATIENCE, Call, FilterTest, environment, wait_for

from zerocloud import proxy

OBJECT = {"id": 1, "op": "request", "method": "GET", "path": "/v1/AUTH_a/c/o", "headers": {}}
PUT = dict(OBJECT, method="PUT", sends=5)


class Pieces:
    """Body of an answer that knows whether it was closed."""

    def __init__(self, pieces):
        self.pieces = iter(pieces)
        self.closed = 0

    def __iter__(self):
        return self.pieces

    def close(self):
        self.closed += 1


class Refusal:
    status_int = 403


class CallsTest(FilterTest):
    def ask(self, coordinator, app=None, **more):
        """Sends a request; its coordinator makes its calls."""
        def no_app(env, start_response):
            raise AssertionError("nothing may get to the pipeline")

        job_filter = proxy.filter_factory({}, coordinator_socket=coordinator.path)(app or no_app)
        env = environment("POST", headers={"X-Zerovm-Execute": "1.0"}, **more)
        answer = Call(job_filter, env).finish()
        self.assertEqual(answer.status, "200 OK")

    def answers(self, calls, app=None, bodies=None, **more):
        """The answers to calls, by their names."""
        coordinator = self.listen(Coordinator(calls=calls, bodies=bodies))
        self.ask(coordinator, app, **more)
        self.fetched = coordinator.fetched
        return coordinator.answers

    def answer(self, call, app=None, bodies=None, **more):
        """The answer to one call."""
        return self.answers([dict(call, id=1)], app, bodies, **more)["1"]


class Requests(CallsTest):
    def test_is_a_request_through_the_pipeline(self):
        seen = {}
        body = Pieces([b"one", b"", b"two"])

        def app(env, start_response):
            seen.update(env, body=env["wsgi.input"].read())
            start_response("206 Partial", [("X-A", "\xe9"), ("Content-Length", "6")])
            return body

        authorize = object()
        call = dict(OBJECT, path="/v1/AUTH_a/c/gr%C3%BCn%20%2525", query="a=%20b&c",
                    headers={"Range": "bytes=1-", "X-Object-Meta-A": "\xe9", "X-B": "\u4e2d",
                             "X-C": 5})
        head, got, broken = self.answer(
            call, app, REMOTE_USER="a,a:b", HTTP_X_AUTH_TOKEN="t", HTTP_REFERER="r", **{
                "swift.authorize": authorize, "swift.infocache": {"old": 1}, "swift_owner": True})
        self.assertEqual((head, got, broken), (
            {"status": 206, "headers": [["X-A", "\xe9"], ["Content-Length", "6"]]},
            b"onetwo", False))
        self.assertEqual(seen["PATH_INFO"], "/v1/AUTH_a/c/gr\xc3\xbcn %25")
        self.assertEqual((seen["REQUEST_METHOD"], seen["QUERY_STRING"]), ("GET", "a=%20b&c"))
        self.assertEqual((seen["HTTP_RANGE"], seen["HTTP_X_C"]), ("bytes=1-", "5"))
        self.assertEqual((seen["HTTP_X_OBJECT_META_A"], seen["HTTP_X_B"]),
                         ("\xc3\xa9", "\xe4\xb8\xad"))
        self.assertEqual((seen["REMOTE_USER"], seen["HTTP_REFERER"]), ("a,a:b", "r"))
        self.assertIs(seen["swift.authorize"], authorize)
        self.assertEqual((seen["swift.source"], seen["swift.trans_id"]), ("ZC", "tx1"))
        self.assertEqual((seen["body"], seen["CONTENT_LENGTH"]), (b"", "0"))
        for name in ("swift.infocache", "swift_owner", "HTTP_X_AUTH_TOKEN",
                     "HTTP_X_ZEROVM_EXECUTE"):
            self.assertNotIn(name, seen)
        self.assertEqual(body.closed, 1)

    def test_internal_headers_do_not_get_through(self):
        seen = {}

        def app(env, start_response):
            seen.update(env)
            start_response("200 OK", [])
            return []

        names = ["X-Backend-A", "x-backend-allow-reserved-names", "X-Object-Sysmeta-A",
                 "X-Object-Transient-Sysmeta-A", "X-Timestamp", "X-Container-Host"]
        headers = dict.fromkeys(names, "1")
        self.answer(dict(OBJECT, headers=dict(headers, **{"X-Timestamp-A": "1"})), app)
        self.assertEqual(seen["HTTP_X_TIMESTAMP_A"], "1")
        for name in names:
            self.assertNotIn("HTTP_" + name.upper().replace("-", "_"), seen)

    def test_trusted_is_authorized_already(self):
        def app(env, start_response):
            allowed = env["swift.authorize"](None) is None
            start_response("200 OK" if allowed else "403 Forbidden", [])
            return []

        refuse = {"swift.authorize": lambda request: Refusal, "REMOTE_USER": "a,b"}
        for trusted, status in ((None, 403), (False, 403), ("true", 403), (1, 403), (True, 200)):
            head, _, _ = self.answer(dict(OBJECT, trusted=trusted), app, **refuse)
            self.assertEqual(head["status"], status)

    def stored(self, call, body):
        """What a PUT gets of its body, or the error."""
        seen = {}

        def app(env, start_response):
            seen.update(env)
            try:
                seen["got"] = b"".join(iter(lambda: env["wsgi.input"].read(3), b""))
            except OSError as error:
                seen["got"] = type(error).__name__
            start_response("201 Created", [])
            return []

        self.answer(call, app, {"1": body})
        return seen

    def test_fetches_bodies(self):
        seen = self.stored(PUT, body_of(b"abcde"))
        self.assertEqual((seen["got"], seen["CONTENT_LENGTH"]), (b"abcde", "5"))
        self.assertNotIn("HTTP_TRANSFER_ENCODING", seen)
        seen = self.stored(PUT, chunks_of(b"ab", b"cde"))
        self.assertEqual(seen["got"], b"abcde")
        for length in (0, None):
            seen = self.stored(dict(PUT, sends=length), chunks_of())
            self.assertEqual(seen["got"], b"")
        seen = self.stored(dict(PUT, sends=None), chunks_of(b"abcd", b"e"))
        self.assertEqual((seen["got"], seen["HTTP_TRANSFER_ENCODING"]), (b"abcde", "chunked"))
        self.assertNotIn("CONTENT_LENGTH", seen)

    def test_a_header_cannot_say_another_length(self):
        forged = {"Content-Length": "2", "Transfer-Encoding": "chunked"}
        seen = self.stored(dict(PUT, headers=forged), body_of(b"abcde"))
        self.assertEqual((seen["got"], seen["CONTENT_LENGTH"]), (b"abcde", "5"))
        self.assertNotIn("HTTP_TRANSFER_ENCODING", seen)

    def test_a_body_that_breaks_off_is_an_error(self):
        unknown = dict(PUT, sends=None)
        for call, body in ((PUT, body_of(b"abc")), (PUT, body_of(b"abcdef")), (PUT, b""),
                           (PUT, body_of(b"abcde", "404 Not Found")), (PUT, chunks_of(b"abc")),
                           (PUT, chunks_of(b"ab", end=False)), (PUT, b"garbage\r\n\r\n"),
                           (unknown, chunks_of(b"abcde", end=False)), (unknown, b""),
                           (unknown, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
                           (unknown, b"HTTP/1.1 200 OK\r\n\r\nabc")):
            with self.subTest(body):
                self.assertEqual(self.stored(call, body)["got"], "Broken")

    def test_does_not_fetch_what_nobody_reads(self):
        def app(env, start_response):
            start_response("413 Too Large", [])
            return [b"no"]

        head, body, _ = self.answer(PUT, app, {"1": body_of(b"abcde")})
        self.assertEqual((head["status"], body, self.fetched), (413, b"no", []))

    def test_breaks_off_what_breaks_off(self):
        def pieces():
            yield b"abc"
            raise error

        def app(env, start_response):
            start_response("200 OK", [])
            return pieces()

        for error in (OSError("disk"), ValueError("other")):
            self.assertEqual(self.answer(OBJECT, app)[1:], (b"abc", True))

    def test_a_coordinator_that_closes_wants_no_more(self):
        def endless():
            while True:
                yield b"x" * 65536

        body = Pieces(endless())

        def app(env, start_response):
            start_response("200 OK", [])
            return body

        class Closes(Coordinator):
            def take_answer(self, conversation, call):
                conversation.file.read(100_000)
                self.answers[call] = None

        coordinator = self.listen(Closes(calls=[OBJECT]))
        self.ask(coordinator, app)
        self.assertTrue(wait_for(lambda: body.closed == 1))

    def test_says_what_it_cannot_do(self):
        def fails(env, start_response):
            raise KeyError("pipeline")

        calls = [dict(OBJECT, op="format"), dict(OBJECT, op=None), {"id": 1},
                 dict(OBJECT, path="/v2/AUTH_a"), dict(OBJECT, path="/v1/\xfc"),
                 dict(OBJECT, path="/v1/a?b"), dict(OBJECT, path=5), dict(OBJECT, headers=[]),
                 dict(OBJECT, path="/v1/a b"), dict(OBJECT, path="http://h/v1/a"), OBJECT,
                 {"op": "container", "account": "a"},
                 {"op": "container", "account": "a", "container": "c/o"},
                 {"op": "container", "account": "", "container": "c"},
                 {"op": "locate", "policy": 99, "random": 0.5}, {"op": "locate"}]
        found = self.answers([dict(call, id=n) for n, call in enumerate(calls)], fails)
        for head, body, broken in found.values():
            self.assertEqual((head["status"], body, broken), (500, b"", False))
            self.assertTrue(head["error"])
        self.assertEqual(found["0"][0]["error"], "ValueError: there is no op 'format'")


class Rights(CallsTest):
    CALL = {"op": "authorize", "method": "POST", "path": "/v1/AUTH_a/c"}

    def test_are_those_of_swift(self):
        seen = {}

        def authorize(request):
            seen.update(request.environ, acl=request.acl)
            request.environ["swift_owner"] = seen["acl"] == "own"
            return None if request.acl else Refusal

        more = {"swift.authorize": authorize, "REMOTE_USER": ("id", "name")}
        for acl, expected in (("a:b", {"status": 200, "owner": False}),
                              ("own", {"status": 200, "owner": True}),
                              (None, {"status": 403, "owner": False})):
            head, body, _ = self.answer(dict(self.CALL, acl=acl), **more)
            self.assertEqual((head, body), (expected, b""))
            self.assertEqual((seen["REQUEST_METHOD"], seen["PATH_INFO"], seen["acl"]),
                             ("POST", "/v1/AUTH_a/c", acl))
            self.assertEqual(seen["REMOTE_USER"], ("id", "name"))

    def test_are_asked_for_nobody(self):
        class Keystone:
            def authorize(self, identity, request):
                raise AssertionError("is known")

            def authorize_anonymous(self, request):
                return seen.append(request.environ.get("REMOTE_USER")) or Refusal

        def authorize(request):
            return None if request.environ.get("REMOTE_USER") else Refusal

        seen = []
        call = dict(self.CALL, anonymous=True, trusted=True)
        keystone = functools.partial(Keystone().authorize, {})
        for ask, user in ((authorize, "a,b"), (keystone, ("1", "project"))):
            more = {"swift.authorize": ask, "REMOTE_USER": user, "HTTP_X_USER_ID": "1"}
            self.assertEqual(self.answer(call, **more)[0]["status"], 403)
        self.assertEqual(seen, [None])
        unknown = {"swift.authorize": functools.partial(authorize), "REMOTE_USER": "a,b"}
        self.assertEqual(self.answer(call, **unknown)[0]["status"], 500)

    def test_requests_as_nobody(self):
        seen = {}

        def app(env, start_response):
            seen.update(env)
            start_response("200 OK", [])
            return []

        self.answer(dict(OBJECT, anonymous=True), app, REMOTE_USER="a,b")
        self.assertNotIn("REMOTE_USER", seen)

    def test_are_everybodys_without_a_filter_for_them(self):
        self.assertEqual(self.answer(self.CALL)[0], {"status": 200, "owner": True})


class Streams(CallsTest):
    def app(self, env, start_response):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.all_there.wait()
        # Those beyond them would come in this time.
        time.sleep(0.05)
        with self.lock:
            self.running -= 1
        start_response("200 OK", [])
        return [env["PATH_INFO"].encode()]

    def setUp(self):
        super().setUp()
        self.lock = threading.Lock()
        self.running = self.most = 0
        self.all_there = threading.Barrier(1)

    def test_serves_at_most_16_at_a_time(self):
        self.all_there = threading.Barrier(16, timeout=PATIENCE)
        calls = [dict(OBJECT, id="n-%d" % n, path="/v1/a/c/%d" % n) for n in range(48)]
        found = self.answers(calls, self.app)
        self.assertEqual({name: body for name, (_, body, _) in found.items()},
                         {"n-%d" % n: b"/v1/a/c/%d" % n for n in range(48)})
        self.assertEqual(self.most, 16)

    def test_goes_on_after_the_answer_of_a_deferred_job(self):
        class Deferred(Coordinator):
            deferred = True

            def _serve_calls(self, conversation):
                self.job_done.wait(PATIENCE)
                answered.wait(PATIENCE)
                super()._serve_calls(conversation)

        answered = threading.Event()
        coordinator = self.listen(Deferred(lambda talk: talk.answer(), calls=[OBJECT]))
        self.ask(coordinator, self.app, REMOTE_USER="a,b")
        answered.set()
        self.assertTrue(wait_for(lambda: coordinator.answers))
        self.assertEqual(coordinator.answers["1"][1], b"/v1/AUTH_a/c/o")
        coordinator.calls_done.set()

    def test_ends_with_a_coordinator_that_sends_garbage(self):
        good = json.dumps(OBJECT).encode()
        for lines in (b"garbage\n", b"[]\n", b"{}\n", b"5\n", b'{"id": "../../x"}\n',
                      b'{"id": ""}\n', b'{"id": "%b"}\n' % (b"x" * 65), b"\xff\xfe\n",
                      b'{"id": 1, "op": "' + b"x" * 300_000 + b'"}\n', b"[" * 100_000 + b"\n",
                      b"x" * 1_000_000, good + b"\n" + b"garbage\n" + good + b"\n"):
            with self.subTest(lines[:40]):
                coordinator = self.listen(Coordinator(
                    lambda talk: (wait_for(lambda: coordinator.calls_closed), talk.answer())))
                coordinator.lines = lines
                self.ask(coordinator, self.app)
                self.assertTrue(coordinator.calls_closed)

    def test_ends_with_a_coordinator_that_refuses_or_goes(self):
        for answer in (b"", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", b"garbage\r\n",
                       chunks_of(json.dumps(OBJECT).encode(), end=False),
                       chunks_of(json.dumps(OBJECT).encode()[:30])):
            class Ends(Coordinator):
                def _serve_calls(self, conversation):
                    conversation.say(answer)

            self.ask(self.listen(Ends(lambda talk: talk.answer())), self.app)

    def test_ends_calls_that_nobody_takes_the_answers_of(self):
        class Refuses(Coordinator):
            def take_answer(self, conversation, call):
                conversation.say(reply)
                self.answers[call] = None

        for reply in (b"", b"HTTP/1.1 404 Not Found\r\n\r\n", b"garbage\r\n\r\n"):
            calls = [dict(OBJECT, id=n) for n in range(40)]
            self.ask(self.listen(Refuses(calls=calls)), self.app)
