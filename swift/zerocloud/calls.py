"""The calls that the coordinator makes while it works on a request, each a thread of its own.

Every call is answered with what Swift says: subrequests go through the pipeline to the right of
the filter, as the user who asked, and rights are Swift's to give.
"""

import io
import itertools
import json
import re
import threading
from contextlib import closing

from swift.common.middleware.gatekeeper import inbound_exclusions, make_exclusion_test
from swift.common.storage_policy import POLICIES
from swift.common.swob import str_to_wsgi
from swift.common.utils import Timestamp
from swift.common.wsgi import make_env, make_pre_authed_request, make_subrequest
from swift.proxy.controllers.base import get_account_info, get_container_info

from zerocloud.wire import Broken, Peer, close_all, lines_of

CALLS_MAX = 16
CALL_BYTES_MAX = 256 * 1024
SOURCE = "ZC"
IDENTIFIER = re.compile(r"[0-9A-Za-z_-]{1,64}")
NODE_FIELDS = ("ip", "port", "device", "region", "zone")
is_internal = make_exclusion_test(inbound_exclusions + ["x-timestamp$"])


class CallBody(io.RawIOBase):
    """Body of a subrequest: fetched from the coordinator when somebody reads it."""

    def __init__(self, connect, target, length):
        super().__init__()
        self._connect = connect
        self._target = target
        self._left = length
        self._peer = None
        self._pieces = None
        self._rest = b""

    def readable(self):
        """Makes `read` and `readline` work."""
        return True

    def readinto(self, buffer):
        """Next bytes; a body that breaks off is an error, so that nothing of it is stored."""
        if not self._rest:
            self._rest = self._next()
        taken = self._rest[:len(buffer)]
        self._rest = self._rest[len(taken):]
        buffer[:len(taken)] = taken
        return len(taken)

    def _next(self):
        if self._pieces is None:
            self._open()
        piece = next(self._pieces, b"")
        if self._left is not None:
            self._left -= len(piece)
            if self._left < 0 or (self._left > 0 and not piece):
                raise Broken("the body has another length than the call says")
        return piece

    def _open(self):
        self._peer = self._connect()
        self._peer.ask("GET", self._target)
        status, _, headers = self._peer.head()
        if status != 200:
            raise Broken("the coordinator has no body: %d" % status)
        self._pieces = self._peer.body(headers)

    def close(self):
        """Closes the connection; a coordinator that still sends knows by it."""
        if self._peer:
            self._peer.close()
        super().close()


class Calls:
    """Serves the calls of one request, until the coordinator ends them."""

    def __init__(self, app, env, name, settings):
        self.app = app
        self.name = name
        self.settings = settings
        # A copy: a deferred job goes on when the request of the client is long answered.
        self.env = make_env(env, agent=None, swift_source=SOURCE)
        self.env.pop("swift.infocache", None)
        self._places = threading.Semaphore(CALLS_MAX)
        self._peer = self._connect()

    def _connect(self):
        return Peer(self.settings.socket)

    def start(self):
        """Asks for the calls, and serves them in the background."""
        try:
            self._peer.ask("GET", "/calls/" + self.name)
            threading.Thread(target=self._run, daemon=True).start()
        except BaseException:
            self._peer.close()
            raise

    def _run(self):
        with closing(self._peer):
            try:
                status, _, headers = self._peer.head()
                if status != 200:
                    raise Broken("GET /calls was answered with %d" % status)
                for line in lines_of(self._peer.body(headers), CALL_BYTES_MAX):
                    self._begin(parse_call(line))
            except (OSError, ValueError, RuntimeError) as error:
                self.settings.logger.error("zerocloud: calls of %s end: %s", self.name, error)

    def _begin(self, call):
        self._places.acquire()
        try:
            threading.Thread(target=self._serve, args=(call,), daemon=True).start()
        except BaseException:
            self._places.release()
            raise

    def _serve(self, call):
        body = ()
        try:
            head, body = self._perform(call)
            self._answer(call["id"], head, body)
        except OSError as error:
            # The coordinator wants no more of it, or the backends broke off: the end is missing.
            self.settings.logger.info("zerocloud: call of %s broke off: %s", self.name, error)
        finally:
            close_all([body])
            self._places.release()

    def _perform(self, call):
        try:
            operation = OPERATIONS.get(call.get("op"))
            if operation is None:
                raise ValueError("there is no op %r" % call.get("op"))
            return operation(self, call)
        except Exception as error:
            self.settings.logger.exception("zerocloud: call of %s failed", self.name)
            return {"status": 500, "error": "%s: %s" % (type(error).__name__, error)}, ()

    def _answer(self, identifier, head, body):
        with closing(self._connect()) as peer:
            peer.ask("POST", "/answers/%s/%s" % (self.name, identifier), chunked=True)
            peer.send(json.dumps(head).encode() + b"\n")
            for piece in body:
                peer.send(piece)
            peer.end()
            peer.head()

    def _subrequest(self, call, trusted=False):
        make = make_pre_authed_request if trusted else make_subrequest
        headers = {name: wire_text(value) for name, value in call.get("headers", {}).items()
                   if not is_internal(name)}
        path = checked_path(call["path"])
        query = call.get("query")
        return make(self.env, call["method"], path + ("?" + query if query else ""),
                    headers=headers, agent="ZeroCloud", swift_source=SOURCE)

    def request(self, call):
        """A request through the pipeline, from the place of the filter on."""
        req = self._subrequest(call, call.get("trusted") is True)
        source = None
        req.environ.pop("HTTP_TRANSFER_ENCODING", None)
        req.environ["CONTENT_LENGTH"] = "0"
        if "sends" in call:
            target = "/bodies/%s/%s" % (self.name, call["id"])
            source = CallBody(self._connect, target, call["sends"])
            req.environ["wsgi.input"] = source
            req.environ["CONTENT_LENGTH"] = str(call["sends"])
            if call["sends"] is None:
                del req.environ["CONTENT_LENGTH"]
                req.environ["HTTP_TRANSFER_ENCODING"] = "chunked"
        try:
            status, headers, body = req.call_application(self.app)
        finally:
            close_all([source])
        return {"status": int(status.split()[0]), "headers": headers}, body

    def authorize(self, call):
        """Whether Swift lets the user do this. Without a filter for it everything is allowed."""
        ask = self.env.get("swift.authorize")
        req = self._subrequest(call)
        req.acl = call.get("acl")
        refusal = ask(req) if ask else None
        owner = not ask or bool(req.environ.get("swift_owner"))
        return {"status": 200 if refusal is None else refusal.status_int, "owner": owner}, ()

    def container(self, call):
        """What is known of a container, whoever asks."""
        account, container = call["account"], call["container"]
        if "/" in account or not account or "/" in container or not container:
            raise ValueError("no account and container: %r, %r" % (account, container))
        path = "/v1/%s/%s" % (str_to_wsgi(account), str_to_wsgi(container))
        env = make_env(self.env, "HEAD", path, query_string="", swift_source=SOURCE)
        info = get_container_info(env, self.app, swift_source=SOURCE)
        status = info["status"]
        if not status:
            status = get_account_info(env, self.app, swift_source=SOURCE)["status"]
            status = 404 if 200 <= status < 300 else status
        prefix = "x-container-meta-"
        return {
            "status": status,
            "acls": {"read": info["read_acl"], "write": info["write_acl"]},
            "headers": {prefix + str_to_wsgi(name): str_to_wsgi(value or "")
                        for name, value in info["meta"].items()},
            "policy": int(info["storage_policy"]),
            "objects": info["object_count"],
            "bytes": info["bytes"],
            "timestamp": Timestamp(info.get("created_at") or 0).normal,
        }, ()

    def locate(self, call):
        """Where an object lies, or would: its primaries, then as many handoffs."""
        ring = POLICIES.get_object_ring(call.get("policy"), self.settings.swift_dir)
        if "object" in call:
            part, primaries = ring.get_nodes(call["account"], call["container"], call["object"])
        else:
            part = min(int(call["random"] * ring.partition_count), ring.partition_count - 1)
            primaries = ring.get_part_nodes(part)
        handoffs = itertools.islice(ring.get_more_nodes(part), len(primaries))
        nodes = [place(node) for node in primaries]
        nodes += [dict(place(node), handoff=True) for node in handoffs]
        return {"status": 200, "partition": part, "nodes": nodes}, ()


OPERATIONS = {"request": Calls.request, "authorize": Calls.authorize,
              "container": Calls.container, "locate": Calls.locate}


def parse_call(line):
    """A call, or an error where the line is none: then the coordinator is not to be trusted."""
    call = json.loads(line)
    if not isinstance(call, dict) or not IDENTIFIER.fullmatch(str(call.get("id"))):
        raise ValueError("no call: %r" % line[:40])
    return call


def place(node):
    """What the coordinator may know of a device."""
    return {field: node[field] for field in NODE_FIELDS}


def checked_path(path):
    """A raw path of Swift's API, without a query."""
    if not path.isascii() or not path.startswith("/v1/") or "?" in path or "#" in path:
        raise ValueError("no raw path of an account: %r" % path)
    return path


def wire_text(value):
    """A value of a header as WSGI has it: one character a byte."""
    text = str(value)
    return text if all(ord(one) < 256 for one in text) else str_to_wsgi(text)
