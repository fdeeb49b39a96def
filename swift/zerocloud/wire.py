"""HTTP over a Unix socket, and the passing on of a request: what both filters share.

Nothing here knows eventlet. Under its monkey patching the sockets are green, without it they
block, and the same code is right for both.
"""

import socket
from urllib.parse import quote, unquote_to_bytes

BLOCK_BYTES = 64 * 1024
LINE_BYTES_MAX = 64 * 1024
HEADERS_MAX = 256
CONNECT_SECONDS = 10
LOOK_SECONDS = 1
TCP_ESTABLISHED = 1
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
HOP_BY_HOP = frozenset(("connection", "keep-alive", "date", "transfer-encoding"))


class Broken(OSError):
    """The other side of a Unix socket closed it, or spoke no HTTP."""


class ClientGone(OSError):
    """Who sent the request is not there any more, or broke off its body."""


class Client:
    """The request that came in: its body, and whether its sender is still there."""

    def __init__(self, env):
        self.input = env["wsgi.input"]
        self.chunked = env.get("HTTP_TRANSFER_ENCODING", "").lower().endswith("chunked")
        length = env.get("CONTENT_LENGTH") or "0"
        if not self.chunked and not (length.isascii() and length.isdigit()):
            raise ValueError("Content-Length is no number")
        self.length = None if self.chunked else int(length)
        self.socket = _socket_of(self.input)

    def pieces(self):
        """The body, piece by piece; a body that breaks off is an error."""
        left = self.length
        while left is None or left > 0:
            size = BLOCK_BYTES if left is None else min(left, BLOCK_BYTES)
            try:
                piece = self.input.read(size)
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


def _socket_of(source):
    """The socket below a `wsgi.input` of eventlet, also where proxy-logging wrapped it."""
    while hasattr(source, "wsgi_input"):
        source = source.wsgi_input
    return source.get_socket() if hasattr(source, "get_socket") else None


class Peer:
    """A connection to the coordinator or a worker, for one request."""

    def __init__(self, path, client=None):
        self.client = client
        self.chunked = False
        self._buffer = b""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.settimeout(CONNECT_SECONDS)
            self.socket.connect(path)
            self.socket.settimeout(None)
        except BaseException:
            self.socket.close()
            raise

    def close(self):
        """Closes the connection; more than once does no harm."""
        self.socket.close()

    def ask(self, method, target, headers=(), chunked=False):
        """Sends the head of a request."""
        self.chunked = chunked
        lines = ["%s %s HTTP/1.1" % (method, target), "Connection: close"]
        lines += ["%s: %s" % (name, one_line(value)) for name, value in headers]
        lines += ["Transfer-Encoding: chunked"] if chunked else []
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode("latin-1"))

    def send(self, piece):
        """Sends a piece of the body."""
        if self.chunked and piece:
            piece = b"%x\r\n%b\r\n" % (len(piece), piece)
        self.socket.sendall(piece)

    def end(self):
        """Ends the body. Without this the other side knows that it broke off."""
        if self.chunked:
            self.socket.sendall(b"0\r\n\r\n")

    def head(self):
        """Status, reason and headers of the next answer, be it a preliminary one."""
        words = self._line().split(b" ", 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            raise Broken("no answer of HTTP: %r" % words[0][:20])
        headers = []
        for line in iter(self._line, b""):
            name, colon, value = line.partition(b":")
            if not colon or len(headers) == HEADERS_MAX:
                raise Broken("no headers of HTTP: %r" % line[:20])
            headers.append((name.decode("latin-1"), value.strip().decode("latin-1")))
        reason = words[2].decode("latin-1") if len(words) > 2 else ""
        return int(words[1]), reason, headers

    def body(self, headers):
        """The body of an answer with such headers, piece by piece."""
        fields = {name.lower(): value for name, value in headers}
        length = fields.get("content-length", "")
        if fields.get("transfer-encoding", "").lower() == "chunked":
            for size in iter(self._chunk_size, 0):
                yield from self._counted(size)
                self._line()
            self._line()
        elif length.isdigit():
            yield from self._counted(int(length))
        else:
            raise Broken("an answer that does not say how long it is")

    def _chunk_size(self):
        line = self._line().split(b";", 1)[0].strip()
        try:
            return int(line, 16)
        except ValueError:
            raise Broken("no chunk of HTTP: %r" % line[:20]) from None

    def _counted(self, left):
        while left > 0:
            if not self._buffer:
                self._fill()
            piece, self._buffer = self._buffer[:left], self._buffer[left:]
            left -= len(piece)
            yield piece

    def _line(self):
        while b"\n" not in self._buffer:
            if len(self._buffer) > LINE_BYTES_MAX:
                raise Broken("a line of more than %d bytes" % LINE_BYTES_MAX)
            self._fill()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def _fill(self):
        """Waits for bytes, and now and then looks whether the client waits, too."""
        self.socket.settimeout(LOOK_SECONDS if self.client else None)
        while True:
            try:
                piece = self.socket.recv(BLOCK_BYTES)
                break
            except socket.timeout:
                if self.client.is_gone():
                    raise ClientGone("the client went away") from None
        self.socket.settimeout(None)
        if not piece:
            raise Broken("closed before the end")
        self._buffer += piece


def lines_of(pieces, bytes_max):
    """The lines in a stream of pieces, without those that are empty."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        if any(len(line) > bytes_max for line in (*lines, rest)):
            raise Broken("a line of more than %d bytes" % bytes_max)
        yield from filter(bytes.strip, lines)


def exchange(peer, pieces):
    """The head of the final answer; `pieces` are sent once the peer asks for the body."""
    while True:
        status, reason, headers = peer.head()
        if status >= 200:
            return status, reason, headers
        if status == 100 and pieces is not None:
            _send_all(peer, pieces)
            pieces = None


def _send_all(peer, pieces):
    """Sends the body; a peer that closes early has answered, or is gone: its head will tell."""
    for piece in pieces:
        try:
            peer.send(piece)
        except OSError:
            return
    try:
        peer.end()
    except OSError:
        return


class Answer:
    """The body of an answer for WSGI, which closes what it came from."""

    def __init__(self, pieces, *sources):
        self._pieces = pieces
        self._sources = sources

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._pieces)

    def close(self):
        """Closes every source, also when one of them fails."""
        close_all(self._sources)


def close_all(sources):
    """Closes what can be closed, all of it."""
    for source in sources:
        try:
            getattr(source, "close", bool)()
        except Exception:  # noqa: it is at its end, whatever it says
            continue


def refuse(start_response, status, text, headers=()):
    """An answer of a filter itself."""
    body = (text + "\n").encode()
    own = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, own + list(headers))
    return [body]


def raw_path(env):
    """The path as the client wrote it, unless a filter on the left changed it."""
    path = env.get("SCRIPT_NAME", "") + env.get("PATH_INFO", "")
    raw = env.get("RAW_PATH_INFO") or env.get("REQUEST_URI", "").split("?", 1)[0]
    if raw and wsgi_unquote(raw) == path:
        return escape(raw)
    return quote(path.encode("latin-1"), safe="/:~")


def wsgi_unquote(text):
    """A raw path as WSGI has it: one character a byte."""
    return unquote_to_bytes(text.encode("latin-1")).decode("latin-1")


def escape(text):
    """Percent-encodes what may not stand in the first line of a request."""
    return quote(text.encode("latin-1"), safe=PRINTABLE)


def one_line(value):
    """A value of a header, which cannot begin another one."""
    return str(value).translate({0: " ", 10: " ", 13: " "})
