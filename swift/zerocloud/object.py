"""Filter of the object pipeline, left of `object-server`: hands a node of a job, and the open file
of its object, to the worker of the machine. It never writes to a disk."""

import hashlib
import hmac
import io
import json
import re
import socket
import time
from contextlib import ExitStack, closing
from itertools import chain
from urllib.parse import quote

from swift.common.swob import HTTPException, Request, wsgi_to_bytes
from swift.common.utils import Timestamp, close_if_possible, get_logger

from zerocloud.wire import (BLOCK_BYTES, PRINTABLE, Client, Peer, answer_for, raw_path, refusal,
                            relay)

OWN = "HTTP_X_BACKEND_ZEROCLOUD_"
POLICY = "HTTP_X_BACKEND_STORAGE_POLICY_INDEX"
SIGNATURE = re.compile("([0-9]{1,12})[.]([0-9a-f]{32})[.]([0-9a-f]{64})")
GOOD_SECONDS = 60
KEPT = re.compile("SCRIPT_NAME|PATH_INFO|RAW_PATH_INFO|SERVER_.*|REMOTE_ADDR|wsgi[.](?!input$).*|"
                  + POLICY)
PASSED = re.compile("x-backend-zerocloud-.*|content-length|content-type")
# Headers of an object whose bytes on the disk are not those that a client would get.
STREAMED = (
    ("slo", re.compile("x-static-large-object$|x-object-sysmeta-slo-")),
    ("dlo", re.compile("x-object-manifest$")),
    ("symlink", re.compile("x-object-sysmeta-symlink-")),
    ("encrypted", re.compile("x-object(-transient)?-sysmeta-crypto-")),
    ("erasure coded", re.compile("x-object-sysmeta-ec-")),
)


class ObjectFilter:
    """WSGI application in front of the object server."""

    def __init__(self, app, conf):
        self.app = app
        self.socket = conf.get("worker_socket", "/run/zerocloud/worker.sock")
        self.logger = get_logger(conf, log_route="zerocloud")
        self.secret = read_secret(conf)
        self.seen = {}

    def __call__(self, env, start_response):
        if OWN + "NODE" not in env:
            return self.app(env, start_response)
        try:
            with ExitStack() as stack:
                if env["REQUEST_METHOD"] != "POST" or not self.is_signed(env):
                    raise refusal("401 Unauthorized", "no good signature of a coordinator")
                return self._hand_over(env, start_response, stack)
        except (HTTPException, OSError) as error:
            absent = refusal("503 Service Unavailable", "no worker answers here", "worker")
            return answer_for(error, absent, self.logger)(env, start_response)

    def is_signed(self, env):
        """A good signature is not older than a minute, and was not seen before."""
        match = SIGNATURE.fullmatch(env.get(OWN + "SIGNATURE", ""))
        now = time.time()
        if not match or abs(now - int(match[1])) > GOOD_SECONDS:
            return False
        signed = ("POST", raw_path(env), match[1], match[2], env.get(OWN + "ETAG", ""),
                  env.get(OWN + "TIMESTAMP", ""), env.get(POLICY, ""), "")
        made = hmac.new(self.secret, "\n".join(signed).encode("latin-1"), hashlib.sha256)
        if not hmac.compare_digest(made.hexdigest(), match[3]):
            return False
        for nonce in [nonce for nonce, until in list(self.seen.items()) if until < now]:
            self.seen.pop(nonce, None)
        until = now + 2 * GOOD_SECONDS  # Of two threads exactly one finds its own there.
        return self.seen.setdefault(match[2], until) is until

    def _hand_over(self, env, start_response, stack):
        client = Client(env)
        pieces, descriptors, local = client.pieces(), [], "descriptor"
        headers = [("Host", "worker"), ("Expect", "100-continue"),
                   ("X-Zerocloud-Nonce", env[OWN + "SIGNATURE"].split(".")[1]),
                   ("X-Zerocloud-Transaction", env.get(OWN + "TRANSACTION", ""))]
        if env["PATH_INFO"].count("/") > 4:
            fields, body = self._open(env, stack)
            headers.append(("X-Zerocloud-Object", describe(fields)))
            if getattr(body, "_fp", None):
                descriptors = [body._fp.fileno()]
            else:
                pieces, local = chain(pieces, part_of(body)), "body"
        headers.append(("X-Zerocloud-Local", local))
        peer = stack.enter_context(closing(Peer(self.socket, client)))
        socket.send_fds(peer.socket, [b"zerocloud-node 1"], descriptors)
        peer.ask("POST", "/run", headers, chunked=True)
        return relay(peer, pieces, PASSED.fullmatch, start_response, stack)

    def _open(self, env, stack):
        """Headers and body of the object, whose file stays open as long as the stack."""
        inner = {key: value for key, value in env.items() if KEPT.fullmatch(key)}
        inner.update({"REQUEST_METHOD": "GET", "QUERY_STRING": "", "wsgi.input": io.BytesIO(),
                      "HTTP_X_TRANS_ID": env.get(OWN + "TRANSACTION", ""),
                      "HTTP_USER_AGENT": "ZeroCloud"})
        status, headers, body = Request(inner).call_application(self.app)
        stack.callback(close_if_possible, body)
        if not status.startswith("200"):
            raise refusal(status, "the object server says so")
        fields = {name.lower(): value for name, value in headers}
        check(fields, env)
        return fields, body


def check(fields, env):
    """Refuses an object that a program must not read from this disk."""
    for kind, pattern in STREAMED:
        if any(pattern.match(name) for name in fields):
            raise refusal("409 Conflict", "the file holds other bytes", "stream: " + kind)
    etag, timestamp = env.get(OWN + "ETAG"), env.get(OWN + "TIMESTAMP")
    try:
        good = not timestamp or Timestamp(timestamp) == Timestamp(fields["x-timestamp"])
    except (ValueError, KeyError):
        good = False
    if not good or etag and etag != fields.get("etag", "").strip('"'):
        raise refusal("412 Precondition Failed", "the object is another", "stale")


def describe(fields):
    """What the worker is told of the object."""
    prefix = "x-object-meta-"
    meta = {text_of(name[len(prefix):]): text_of(value)
            for name, value in fields.items() if name.startswith(prefix)}
    about = {"size": int(fields["content-length"]), "etag": fields.get("etag", "").strip('"'),
             "timestamp": fields.get("x-timestamp", ""), "meta": meta,
             "type": text_of(fields.get("content-type", ""))}
    return quote(json.dumps(about, ensure_ascii=False).encode(), safe=PRINTABLE.replace("%", " "))


def text_of(value):
    """Text of a header; bytes that are none are replaced, for JSON holds text."""
    return wsgi_to_bytes(value).decode("utf-8", "replace")


def part_of(body):
    """The bytes of the object as one more part: blocks with their lengths, then 0."""
    for block in body:
        for start in range(0, len(block), BLOCK_BYTES):
            part = block[start:start + BLOCK_BYTES]
            yield len(part).to_bytes(4, "big") + part
    yield bytes(4)


def read_secret(conf):
    """The secret of the cluster, without which nothing may be accepted."""
    path = conf.get("secret_file", "/etc/swift/zerocloud.secret")
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
    return lambda app: ObjectFilter(app, {**global_conf, **local_conf})
