"""A coordinator for tests: serves calls, keeps their answers, and speaks about jobs by hand."""

import json
import threading

from fakes import PATIENCE, Listener, wait_for


class Coordinator(Listener):
    """`job` speaks about the request itself; `calls` are made while it does."""

    deferred = False

    def __init__(self, job=None, calls=(), bodies=None):
        self.job, self.calls = job, calls
        self.bodies = bodies or {}
        self.answers = {}
        self.fetched = []
        self.called = set()
        self.lines = None
        self.job_done = threading.Event()
        self.calls_done = threading.Event()
        self.calls_closed = None
        super().__init__(self._converse_about)

    def _converse_about(self, conversation):
        if not conversation.read_head():
            return
        parts = conversation.target.split("/")
        if parts[1] == "calls":
            conversation.lines = self.lines_of(self.calls) if self.lines is None else self.lines
            self.called.add(parts[2])
            self._serve_calls(conversation)
        elif parts[1] == "answers":
            self.take_answer(conversation, parts[3])
        elif parts[1] == "bodies":
            self.fetched.append(parts[3])
            conversation.say(self.bodies[parts[3]])
        else:
            self._job(conversation)

    def take_answer(self, conversation, call):
        """Keeps the head, the body, and whether it broke off."""
        head, _, body = conversation.read_body().partition(b"\n")
        self.answers[call] = (json.loads(head), body, conversation.broken)
        conversation.answer()

    def _serve_calls(self, conversation):
        lines = conversation.lines
        conversation.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        if lines:
            conversation.say(b"%x\r\n%b\r\n" % (len(lines), lines))
        if self.lines is not None:
            self.calls_closed = conversation.is_closed()
        self.calls_done.wait(PATIENCE)
        conversation.say("0\r\n\r\n")

    @staticmethod
    def lines_of(calls):
        """Calls as they go over the wire."""
        return b"".join(json.dumps(call).encode() + b"\n" for call in calls)

    def _job(self, conversation):
        # A stream that comes late would serve the calls of the next test.
        name = conversation.headers["x-backend-zerocloud-request"]
        wait_for(lambda: name in self.called)
        try:
            if self.job:
                self.job(conversation)
            else:
                wait_for(lambda: len(self.answers) == len(self.calls))
                conversation.answer()
        finally:
            self.job_done.set()
            if not self.deferred:
                self.calls_done.set()


def body_of(data, status="200 OK"):
    """An answer to a request for the body of a call."""
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status.encode(), len(data), data)


def chunks_of(*pieces, end=True):
    """The same in chunks, maybe without their end."""
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + chunks + (b"0\r\n\r\n" if end else b"")
