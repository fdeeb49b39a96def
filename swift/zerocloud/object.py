"""Filter of the object pipeline, left of `object-server`: hands a node of a job, and the open file
of its object, to the worker of the machine. It never writes to a disk."""

import hashlib
import hmac
import io
import json
import re
import socket
import threading
import time
from urllib.parse import quote

from swift.common.swob import wsgi_to_str
from swift.common.utils import Timestamp, get_logger
from swift.common.wsgi import WSGIContext

from zerocloud.wire import (BLOCK_BYTES, PRINTABLE, Answer, Client, ClientGone, Peer, close_all,
                            exchange, raw_path, refuse)

DEFAULT_SOCKET = "/run/zerocloud/worker.sock"
DEFAULT_SECRET = "/etc/swift/zerocloud.secret"
GREETING = b"zerocloud-node 1"
SIGNATURE = re.compile(r"([0-9]{1,12})\.([0-9a-f]{32})\.([0-9a-f]{64})")
GOOD_SECONDS = 60
OWN = "HTTP_X_BACKEND_ZEROCLOUD_"
REASON = "X-Backend-Zerocloud-Reason"
JSON_SAFE = PRINTABLE.replace("%", "") + " "
KEPT = re.compile(r"SCRIPT_NAME|PATH_INFO|RAW_PATH_INFO|SERVER_.*|REMOTE_ADDR|wsgi\.(?!input$).*")
# Headers of an object whose bytes on the disk are not those that a client would get.
STREAMED = (
    ("slo", re.compile("x-static-large-object$|x-object-sysmeta-slo-")),
    ("dlo", re.compile("x-object-manifest$")),
    ("symlink", re.compile("x-object-sysmeta-symlink-")),
    ("encrypted", re.compile("x-object(-transient)?-sysmeta-crypto-")),
    ("erasure coded", re.compile("x-object-sysmeta-ec-")),
)


class Signatures:
    """Tells whether a request comes from a coordinator of this cluster, and only once."""

    def __init__(self, secret):
        self._secret = secret
        self._seen = {}
        self._lock = threading.Lock()

    def accepts(self, env):
        """A good signature is not older than a minute, and was not seen before."""
        match = SIGNATURE.fullmatch(env.get(OWN + "SIGNATURE", ""))
        if not match:
            return False
        seconds, nonce, given = match.groups()
        now = time.time()
        if abs(now - int(seconds)) > GOOD_SECONDS:
            return False
        parts = ("POST", raw_path(env), seconds, nonce, env.get(OWN + "ETAG", ""),
                 env.get(OWN + "TIMESTAMP", ""),
                 env.get("HTTP_X_BACKEND_STORAGE_POLICY_INDEX", ""), "")
        made = hmac.new(self._secret, "\n".join(parts).encode("latin-1"), hashlib.sha256)
        return hmac.compare_digest(made.hexdigest(), given) and self._is_new(nonce, now)

    def _is_new(self, nonce, now):
        with self._lock:
            for old in [one for one, until in self._seen.items() if until < now]:
                del self._seen[old]
            known = nonce in self._seen
            self._seen[nonce] = now + 2 * GOOD_SECONDS
            return not known


class ObjectFilter:
    """WSGI application in front of the object server."""

    def __init__(self, app, socket_path, signatures, logger):
        self.app = app
        self.socket_path = socket_path
        self.signatures = signatures
        self.logger = logger

    def __call__(self, env, start_response):
        if OWN + "NODE" not in env:
            return self.app(env, start_response)
        if env["REQUEST_METHOD"] != "POST" or not self.signatures.accepts(env):
            return refuse(start_response, "401 Unauthorized", "no good signature of a coordinator")
        found = None
        try:
            client = Client(env)
            if env["PATH_INFO"].count("/") > 4:
                found = Found(self.app, env)
                if found.refusal:
                    close_all([found])
                    return refuse(start_response, *found.refusal)
            return self._hand_over(env, client, found, start_response)
        except ClientGone as error:
            close_all([found])
            self.logger.info("zerocloud: %s", error)
            return refuse(start_response, "499 Client Disconnect", str(error))
        except OSError as error:
            close_all([found])
            self.logger.error("zerocloud: no worker at %s: %s", self.socket_path, error)
            text = "no worker of ZeroCloud answers on this machine"
            return refuse(start_response, "503 Service Unavailable", text, [(REASON, "worker")])
        except BaseException:
            close_all([found])
            raise

    def _hand_over(self, env, client, found, start_response):
        peer = Peer(self.socket_path, client)
        try:
            descriptor = found.descriptor() if found else None
            if descriptor is None:
                peer.send(GREETING)
            else:
                socket.send_fds(peer.socket, [GREETING], [descriptor])
            streamed = found is not None and descriptor is None
            peer.ask("POST", "/run", worker_headers(env, found, streamed), chunked=True)
            pieces = client.pieces()
            status, reason, headers = exchange(
                peer, then_part(pieces, found.body) if streamed else pieces)
            passed = [pair for pair in headers if is_passed(pair[0].lower())]
            body = peer.body(headers)
            start_response("%d %s" % (status, reason), passed)
            return Answer(body, peer, found)
        except BaseException:
            peer.close()
            raise


class Found:
    """The object, opened by an internal GET; its file stays open until this is closed."""

    def __init__(self, app, env):
        inner = {key: value for key, value in env.items() if KEPT.fullmatch(key)}
        inner.update({"REQUEST_METHOD": "GET", "QUERY_STRING": "", "wsgi.input": io.BytesIO(),
                      "HTTP_X_TRANS_ID": env.get(OWN + "TRANSACTION", ""),
                      "HTTP_USER_AGENT": "zerocloud"})
        policy = env.get("HTTP_X_BACKEND_STORAGE_POLICY_INDEX")
        if policy:
            inner["HTTP_X_BACKEND_STORAGE_POLICY_INDEX"] = policy
        context = WSGIContext(app)
        self.body = context._app_call(inner)
        self.status = context._response_status
        self.headers = {name.lower(): value for name, value in context._response_headers}
        self.refusal = self._why_not(env)

    def _why_not(self, env):
        if not self.status.startswith("200"):
            return self.status, "the object server says so"
        for kind, pattern in STREAMED:
            if any(pattern.match(name) for name in self.headers):
                return "409 Conflict", "the file holds other bytes", [(REASON, "stream: " + kind)]
        if self._is_stale(env):
            return "412 Precondition Failed", "the object is another", [(REASON, "stale")]
        return None

    def _is_stale(self, env):
        etag, timestamp = env.get(OWN + "ETAG"), env.get(OWN + "TIMESTAMP")
        try:
            return bool(etag and etag != self.etag()) or bool(
                timestamp and Timestamp(timestamp) != Timestamp(self.headers["x-timestamp"]))
        except (ValueError, KeyError):
            return True

    def etag(self):
        """Without its quotes."""
        return self.headers.get("etag", "").strip('"')

    def descriptor(self):
        """The open file below the answer of the object server, where it has one."""
        try:
            return self.body._fp.fileno()
        except (AttributeError, OSError, ValueError):
            return None

    def describe(self):
        """What the worker is told of the object."""
        prefix = "x-object-meta-"
        about = {"size": int(self.headers["content-length"]), "etag": self.etag(),
                 "timestamp": self.headers.get("x-timestamp", ""),
                 "type": text_of(self.headers.get("content-type", "")),
                 "meta": {text_of(name[len(prefix):]): text_of(value)
                          for name, value in self.headers.items() if name.startswith(prefix)}}
        return quote(json.dumps(about, ensure_ascii=False).encode(), safe=JSON_SAFE)

    def close(self):
        """Closes the file."""
        close_all([self.body])


def text_of(value):
    """Text of a header; bytes that are none are replaced, for JSON holds text."""
    return wsgi_to_str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def worker_headers(env, found, streamed):
    """The head of the request for the worker."""
    headers = [("Host", "worker"), ("Expect", "100-continue"),
               ("X-Zerocloud-Transaction", env.get(OWN + "TRANSACTION", "")),
               ("X-Zerocloud-Local", "body" if streamed else "descriptor")]
    return headers + ([("X-Zerocloud-Object", found.describe())] if found else [])


def then_part(pieces, body):
    """A body, and after it the object as one more part: blocks with their lengths, then 0."""
    yield from pieces
    for block in body:
        for start in range(0, len(block), BLOCK_BYTES):
            part = block[start:start + BLOCK_BYTES]
            yield len(part).to_bytes(4, "big") + part
    yield bytes(4)


def is_passed(name):
    """Whether a header of the worker goes back to the coordinator."""
    return name.startswith("x-backend-zerocloud-") or name in ("content-length", "content-type")


def read_secret(path):
    """The secret of the cluster, without which nothing may be accepted."""
    try:
        with open(path, "rb") as file:
            secret = file.read().strip()
    except OSError as error:
        raise ValueError("zerocloud: secret_file = %s: %s" % (path, error.strerror)) from error
    if not secret:
        raise ValueError("zerocloud: secret_file = %s is empty: write the secret of the cluster "
                         "into it, the same on every machine" % path)
    return secret


def filter_factory(global_conf, **local_conf):
    """Makes the filter from its section of object-server.conf."""
    conf = dict(global_conf, **local_conf)
    signatures = Signatures(read_secret(conf.get("secret_file", DEFAULT_SECRET)))
    path = conf.get("worker_socket", DEFAULT_SOCKET)
    logger = get_logger(conf, log_route="zerocloud")
    return lambda app: ObjectFilter(app, path, signatures, logger)
