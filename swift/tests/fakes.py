"""A coordinator and a worker on Unix sockets, which do what a test tells them."""

import io
import logging
import os
import socket
import tempfile
import threading
import time
import unittest
import unittest.mock

# Seconds for what comes at once where nothing else runs.
PATIENCE = 60


class Conversation:
    """One accepted connection, spoken by hand: tests say what goes over the wire."""

    def __init__(self, sock):
        self.socket = sock
        self.file = sock.makefile("rb")
        self.method = self.target = None
        self.headers = {}

    def read_head(self):
        """Reads the head of a request; False at the end of the connection."""
        first = self.file.readline()
        if not first:
            return False
        self.method, self.target, _ = first.decode("latin-1").split(" ", 2)
        for line in iter(self.file.readline, b"\r\n"):
            if not line:
                return False
            name, _, value = line.decode("latin-1").partition(":")
            self.headers[name.lower()] = value.strip(" \t\r\n")
        return True

    def read_body(self):
        """The whole body, or what came of it with `broken` set."""
        self.broken = False
        if "content-length" in self.headers:
            return self.file.read(int(self.headers["content-length"]))
        body = b""
        while True:
            line = self.file.readline()
            if not line:
                self.broken = True
                return body
            size = int(line, 16)
            body += self.file.read(size)
            self.file.readline()
            if size == 0:
                return body

    def say(self, text):
        """Sends text or bytes, ignoring a filter that is gone."""
        try:
            self.socket.sendall(text if isinstance(text, bytes) else text.encode("latin-1"))
        except OSError:
            pass

    def ask_body(self):
        """Asks for the body, and reads it."""
        self.say("HTTP/1.1 100 Continue\r\n\r\n")
        return self.read_body()

    def answer(self, status="200 OK", body=b"", headers=""):
        """A whole answer."""
        length = "Content-Length: %d\r\n" % len(body)
        self.say(("HTTP/1.1 %s\r\n%s%s\r\n" % (status, headers, length)).encode("latin-1") + body)

    def is_closed(self, seconds=PATIENCE):
        """Waits for the other side to close."""
        self.socket.settimeout(seconds)
        try:
            return self.file.read(1) == b""
        except socket.timeout:
            return False
        except OSError:
            return True

    def close(self):
        """Closes both."""
        self.file.close()
        self.socket.close()


class FilterTest(unittest.TestCase):
    """Every test ends with as many descriptors and threads as it began with."""

    def setUp(self):
        # Swift's own loggers open descriptors of their own at times.
        for module in ("proxy", "object"):
            patched = unittest.mock.patch("zerocloud.%s.get_logger" % module, quiet_logger)
            patched.start()
            self.addCleanup(patched.stop)
        self.before = descriptors(), threading.active_count()
        self.addCleanup(self._compare)

    def _compare(self):
        wait_for(lambda: (descriptors(), threading.active_count()) == self.before)
        self.assertEqual((descriptors(), threading.active_count()), self.before)

    def listen(self, listener):
        """Closes a listener at the end of the test, and tells what went wrong in it."""
        def close():
            listener.close()
            self.assertEqual(listener.failures, [])
        self.addCleanup(close)
        return listener


def quiet_logger(conf, log_route):
    """A logger that says nothing."""
    logger = logging.getLogger(log_route)
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger


def descriptors():
    """How many this process has open."""
    return len(os.listdir("/proc/self/fd"))


def wait_for(condition, seconds=PATIENCE):
    """Waits until something is so; whether it came to be."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Listener:
    """A Unix socket, every connection of which gets a thread with `handle(conversation)`."""

    def __init__(self, handle):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "sock")
        self.handle = handle
        self.failures = []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.path)
        self.socket.listen(64)
        self.threads = []
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._converse, args=(sock,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _converse(self, sock):
        conversation = Conversation(sock)
        try:
            self.handle(conversation)
        except Exception as error:
            self.failures.append(error)
        finally:
            conversation.close()

    def close(self):
        """Stops accepting, waits for what runs, removes the socket."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(10)
        for thread in self.threads:
            thread.join(10)
        self.folder.cleanup()


def environment(method="POST", path="/v1/AUTH_a", body=b"", headers=(), **more):
    """A WSGI environment as Swift's server makes it."""
    env = {"REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "",
           "SERVER_NAME": "localhost", "SERVER_PORT": "8080", "SERVER_PROTOCOL": "HTTP/1.1",
           "HTTP_HOST": "cloud:8080", "REMOTE_ADDR": "192.0.2.7", "CONTENT_TYPE": "",
           "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(),
           "wsgi.input": io.BytesIO(body), "swift.trans_id": "tx1"}
    if body:
        env["CONTENT_LENGTH"] = str(len(body))
    for name, value in dict(headers).items():
        env["HTTP_" + name.upper().replace("-", "_")] = value
    env.update(more)
    return env


class Call:
    """Calls a WSGI application, and keeps what it answered."""

    def __init__(self, app, env):
        self.status = self.headers = None
        self.iterator = app(env, self._start)

    def _start(self, status, headers, exc_info=None):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}

    def finish(self):
        """Reads the whole body, and closes."""
        try:
            self.body = b"".join(self.iterator)
        finally:
            self.close()
        return self

    def close(self):
        """Closes as a server does."""
        getattr(self.iterator, "close", bool)()
