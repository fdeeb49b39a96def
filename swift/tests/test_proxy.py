"""The proxy filter against a coordinator that a test speaks by hand."""

import swift_here  # noqa: F401

import json
import threading
import unittest

from fakes import Call, Listener, environment

from zerocloud import proxy


class Coordinator(Listener):
    """Serves calls, and keeps their answers; `job` speaks about the request itself."""

    def __init__(self, job, calls=()):
        self.job, self.calls = job, calls
        self.answers = {}
        self.bodies = {}
        self.job_done = threading.Event()
        super().__init__(self._converse_about)

    def _converse_about(self, conversation):
        if not conversation.read_head():
            return
        kind = conversation.target.split("/")[1]
        if kind == "calls":
            self.serve_calls(conversation)
        elif kind == "answers":
            head, _, body = conversation.read_body().partition(b"\n")
            call = conversation.target.split("/")[3]
            self.answers[call] = (json.loads(head), body, conversation.broken)
            conversation.answer()
        elif kind == "bodies":
            conversation.say(self.bodies[conversation.target.split("/")[3]])
        else:
            try:
                self.job(conversation)
            finally:
                self.job_done.set()

    def serve_calls(self, conversation):
        text = b"".join(json.dumps(call).encode() + b"\n" for call in self.calls)
        conversation.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        if text:
            conversation.say(b"%x\r\n%b\r\n" % (len(text), text))
        self.job_done.wait(10)
        conversation.say("0\r\n\r\n")


def swift_app(env, start_response):
    start_response("200 OK", [("X-Path", env["PATH_INFO"]), ("Content-Length", "5")])
    return [b"he", b"llo"]


class ThinPath(unittest.TestCase):
    def test_relays(self):
        seen = {}

        def job(conversation):
            seen.update(conversation.headers, target=conversation.target)
            seen["body"] = conversation.ask_body()
            for _ in range(100):
                if "7" in coordinator.answers:
                    break
                threading.Event().wait(0.05)
            conversation.answer("200 Fine", b"result", "X-Report: 1\r\nDate: x\r\n")

        call = {"id": 7, "op": "request", "method": "GET", "path": "/v1/AUTH_a/c/o%20x",
                "query": "a=b", "headers": {}}
        coordinator = Coordinator(job, [call])
        self.addCleanup(coordinator.close)
        app = proxy.filter_factory({}, coordinator_socket=coordinator.path)(swift_app)
        env = environment(body=b"job", headers={"X-Zerovm-Execute": "1.0"},
                          REMOTE_USER="acct,acct:user,AUTH_acct")
        answer = Call(app, env).finish()
        self.assertEqual(answer.status, "200 Fine")
        self.assertEqual(answer.headers, {"x-report": "1", "content-length": "6"})
        self.assertEqual(answer.body, b"result")
        self.assertEqual(seen["body"], b"job")
        self.assertEqual(coordinator.answers["7"][1], b"hello")
        self.assertEqual(coordinator.answers["7"][0]["headers"][0], ["X-Path", "/v1/AUTH_a/c/o x"])
        self.assertEqual(seen["x-backend-zerocloud-user"], "acct:user")


if __name__ == "__main__":
    unittest.main()
