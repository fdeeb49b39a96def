"""HTTP over a Unix socket, and the passing on of a request: what both filters share."""

import io
import re
import socket
from contextlib import suppress
from itertools import islice
from urllib.parse import quote

from swift.common.swob import HTTPException, wsgi_quote, wsgi_unquote

BLOCK_BYTES = 64 * 1024
HEADERS_MAX = 256
CONNECT_SECONDS = 10
LOOK_SECONDS = 1
TCP_ESTABLISHED = 1
STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}( .*)?)")
LENGTHS = {10: re.compile(b"[0-9]{1,18}"), 16: re.compile(b"[0-9A-Fa-f]{1,15}")}
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


class Broken(OSError):
    """The other side of a Unix socket closed it, or spoke no HTTP."""


class ClientGone(OSError):
    """Who sent the request is not there any more, or broke off its body."""


class Client:
    """The request that came in: its body, and whether its sender is still there."""

    def __init__(self, env):
        self.input = source = env["wsgi.input"]
        chunked = env.get("HTTP_TRANSFER_ENCODING", "").lower().endswith("chunked")
        length = env.get("CONTENT_LENGTH") or "0"
        if not chunked and not (length.isascii() and length.isdigit()):
            raise refusal("400 Bad Request", "Invalid Content-Length")
        self.length = None if chunked else int(length)
        while hasattr(source, "wsgi_input"):  # proxy-logging wraps the input of eventlet
            source = source.wsgi_input
        self.socket = source.get_socket() if hasattr(source, "get_socket") else None

    def pieces(self):
        """The body, piece by piece; a body that breaks off is an error."""
        left = self.length
        while left != 0:
            try:
                piece = self.input.read(BLOCK_BYTES if left is None else min(left, BLOCK_BYTES))
            except (OSError, ValueError) as error:
                raise ClientGone("the body broke off: %s" % error) from error
            if not piece and left is None:
                return
            if not piece:
                raise ClientGone("the body broke off, %d bytes before its end" % left)
            left = None if left is None else left - len(piece)
            yield piece

    def is_gone(self):
        """Whether the connection is known to be closed: the kernel is asked, nothing is read."""
        try:
            info = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
            return info[0] != TCP_ESTABLISHED
        except (AttributeError, OSError):
            return False


class Peer(io.RawIOBase):
    """A connection to the coordinator or a worker, for one request."""

    def __init__(self, path, client=None):
        super().__init__()
        self.client = client
        self.chunked = False
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.settimeout(CONNECT_SECONDS)
            self.socket.connect(path)
            self.socket.settimeout(None)
        except BaseException:
            self.socket.close()
            raise
        self.file = io.BufferedReader(self, BLOCK_BYTES)

    def readable(self):
        """For the buffered reader."""
        return True

    def readinto(self, buffer):
        """For the buffered reader."""
        return self._patiently(self.socket.recv_into, buffer)

    def _patiently(self, act, argument):
        """Does what may wait, and now and then looks whether it still has a point."""
        while True:
            try:
                self.socket.settimeout(LOOK_SECONDS)
                return act(argument)
            except socket.timeout:
                if self.client and self.client.is_gone():
                    raise ClientGone("the client went away") from None
                if act == self.socket.send and self._answers():
                    raise BrokenPipeError("answered before the end") from None
            finally:
                self.socket.settimeout(None)

    def _answers(self):
        try:
            self.socket.settimeout(LOOK_SECONDS / 100)
            return self.socket.recv(1, socket.MSG_PEEK) is not None
        except socket.timeout:
            return False

    def close(self):
        """Closes the connection; more than once does no harm."""
        self.socket.close()
        super().close()

    def ask(self, method, target, headers=(), chunked=False):
        """Sends the head of a request."""
        self.chunked = chunked
        more = [] if ("Host" in dict(headers)) else [("Host", "zerocloud")]
        more += [("Connection", "close")] + [("Transfer-Encoding", "chunked")] * chunked
        # A value cannot begin another header.
        lines = ["%s: %s" % (name, str(value).translate({0: " ", 10: " ", 13: " "}))
                 for name, value in [*headers, *more]]
        text = "\r\n".join(["%s %s HTTP/1.1" % (method, target), *lines, "", ""])
        self.socket.sendall(text.encode("latin-1", "replace"))  # Of keystone come other texts.

    def send(self, piece):
        """Sends a piece of the body, unless the other side answers instead of taking it."""
        if self.chunked and piece:
            piece = b"%x\r\n%b\r\n" % (len(piece), piece)
        left = memoryview(piece)
        while left:
            left = left[self._patiently(self.socket.send, left):]

    def end(self):
        """Ends the body; without this the other side knows that it broke off."""
        self.socket.sendall(b"0\r\n\r\n" if self.chunked else b"")

    def head(self):
        """Status line and headers of the next answer, be it a preliminary one."""
        first = STATUS.fullmatch(self._line())
        lines = list(islice(iter(self._line, b""), HEADERS_MAX))
        if not first or len(lines) == HEADERS_MAX or not all(b":" in line for line in lines):
            raise Broken("an answer that is no HTTP")
        pairs = [line.decode("latin-1").split(":", 1) for line in lines]
        return first[1].decode("latin-1"), [(name, value.strip(" \t")) for name, value in pairs]

    def body(self, headers):
        """The body of an answer with such headers, piece by piece."""
        fields = {name.lower(): value for name, value in headers}
        if fields.get("transfer-encoding", "").lower() != "chunked":
            yield from self._counted(fields.get("content-length", "").encode("latin-1"), 10)
            return
        for size in iter(lambda: self._line().split(b";")[0].strip(), b"0"):
            yield from self._counted(size, 16)
            self._line()
        self._line()

    def _counted(self, length, base):
        if not LENGTHS[base].fullmatch(length):
            raise Broken("an answer that does not say how long it is")
        left = int(length, base)
        while left:
            piece = self.file.read1(min(left, BLOCK_BYTES))
            if not piece:
                raise Broken("closed before the end")
            left -= len(piece)
            yield piece

    def _line(self):
        line = self.file.readline(BLOCK_BYTES)
        if not line.endswith(b"\n"):
            raise Broken("closed before the end" if len(line) < BLOCK_BYTES else "a long line")
        return line.rstrip(b"\r\n")


def relay(peer, pieces, is_passed, start_response, stack, empty=False):
    """Passes a body on, once the peer asks for it, and the answer back; closes all afterwards."""
    status, headers = peer.head()
    while status[0] == "1":
        if status.startswith("100") and pieces is not None:
            # A peer that takes no more has answered, or is gone: its head will tell.
            with suppress(BrokenPipeError, ConnectionResetError):
                for piece in pieces:
                    peer.send(piece)
                peer.end()
            pieces = None
        status, headers = peer.head()
    body = iter(()) if empty or status[:3] in ("204", "304") else peer.body(headers)
    passed = [pair for pair in headers if is_passed(pair[0].lower())]
    start_response(status, passed + [("Content-Length", "0")] * (status[:3] == "204"))  # No chunks
    return Answer(body, stack.pop_all())


class Answer:
    """The body of an answer, which closes what it came from when the server closes it."""

    def __init__(self, pieces, stack):
        self.pieces, self.close = pieces, stack.close

    def __iter__(self):
        return self.pieces


def refusal(status, text, reason=None):
    """An answer of a filter itself, to be raised or called."""
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    if reason:
        headers["X-Backend-Zerocloud-Reason"] = reason
    return HTTPException(status=status, body=text + "\n", headers=headers)


def answer_for(error, absent, logger):
    """What the sender is told of an error on the way."""
    if isinstance(error, HTTPException):
        return error
    if isinstance(error, ClientGone):
        return refusal("499 Client Disconnect", str(error))
    logger.error("zerocloud: %s: %s", absent.body.decode().strip(), error)
    return absent


def raw_path(env):
    """The path as the client wrote it, unless a filter on the left changed it."""
    path = env.get("SCRIPT_NAME", "") + env.get("PATH_INFO", "")
    raw = env.get("RAW_PATH_INFO") or env.get("REQUEST_URI", "").split("?", 1)[0]
    return escape(raw) if raw and wsgi_unquote(raw) == path else wsgi_quote(path, safe="/:~")


def escape(text):
    """Percent-encodes what may not stand in the first line of a request."""
    return quote(text.encode("latin-1"), safe=PRINTABLE)
