"""The calls that the coordinator makes while it works on a request, each in a thread of its own.
They are answered with what Swift says, as the user who asked: rights are Swift's to give."""

import functools
import itertools
import json
import re
import threading
from contextlib import ExitStack, closing

from swift.common.middleware.gatekeeper import inbound_exclusions, make_exclusion_test
from swift.common.storage_policy import POLICIES
from swift.common.swob import str_to_wsgi
from swift.common.utils import FileLikeIter, Timestamp, close_if_possible
from swift.common.wsgi import make_env, make_pre_authed_request, make_subrequest
from swift.proxy.controllers.base import get_account_info, get_container_info

from zerocloud.wire import Broken, Peer

CALLS_MAX = 16
CALL_BYTES_MAX = 256 * 1024
SOURCE = "ZC"
IDENTIFIER = re.compile("[0-9A-Za-z_-]{1,64}")
NODE_FIELDS = ("ip", "port", "device", "region", "zone")
is_internal = make_exclusion_test(inbound_exclusions + ["x-timestamp$"])


class Calls:
    """Serves the calls of one request, until the coordinator ends them."""

    def __init__(self, job_filter, env, name):
        self.filter, self.name = job_filter, name
        # A copy: a deferred job goes on when the request of the client is long answered.
        self.env = make_env(env, agent=None, swift_source=SOURCE)
        self.env.pop("swift.infocache", None)
        self.places = threading.Semaphore(CALLS_MAX)

    def start(self):
        """Asks for the calls, and serves them in the background."""
        with ExitStack() as stack:
            peer = stack.enter_context(closing(Peer(self.filter.socket)))
            peer.ask("GET", "/calls/" + self.name)
            threading.Thread(target=self._run, args=(peer,), daemon=True).start()
            stack.pop_all()

    def _run(self, peer):
        try:
            with closing(peer):
                lines = FileLikeIter(successful(peer))
                for line in iter(lambda: lines.readline(CALL_BYTES_MAX), b""):
                    call = json.loads(line)
                    if not IDENTIFIER.fullmatch(str(call["id"])):
                        raise ValueError("no name of a call: %r" % call["id"])
                    with ExitStack() as stack:
                        self.places.acquire()
                        stack.callback(self.places.release)
                        threading.Thread(target=self._serve, args=(call,), daemon=True).start()
                        stack.pop_all()
        except Exception as error:  # What sends such lines is no coordinator.
            self.filter.logger.error("zerocloud: calls of %s end: %r", self.name, error)

    def _serve(self, call):
        body = ()
        try:
            head, body = self._perform(call)
            with closing(Peer(self.filter.socket)) as peer:
                peer.ask("POST", "/answers/%s/%s" % (self.name, call["id"]), chunked=True)
                peer.send(json.dumps(head).encode() + b"\n")
                for piece in body:
                    peer.send(piece)
                peer.end()
                peer.head()
        except Exception as error:  # The coordinator, or a backend: then the end is missing.
            self.filter.logger.info("zerocloud: call of %s broke off: %r", self.name, error)
        finally:
            self.places.release()
            close_if_possible(body)

    def _perform(self, call):
        try:
            if call.get("op") not in OPERATIONS:
                raise ValueError("there is no op %r" % call.get("op"))
            return OPERATIONS[call["op"]](self, call)
        except Exception as error:
            self.filter.logger.exception("zerocloud: call of %s failed", self.name)
            return {"status": 500, "error": "%s: %s" % (type(error).__name__, error)}, ()

    def _subrequest(self, call):
        trusted = call.get("trusted") is True and call["op"] == "request"
        make = make_pre_authed_request if trusted else make_subrequest
        headers = {name: str_to_wsgi(str(value)) for name, value in call.get("headers", {}).items()
                   if not is_internal(name)}
        path, query = call["path"], call.get("query")
        if not re.fullmatch("/v1/[!-~]+", path) or "?" in path or "#" in path:
            raise ValueError("no raw path of an account: %r" % path)
        return make(anonymous(self.env) if call.get("anonymous") else self.env, call["method"],
                    path + ("?" + query if query else ""), headers=headers, agent="ZeroCloud",
                    swift_source=SOURCE)

    def request(self, call):
        """A request through the pipeline, from the place of the filter on."""
        req = self._subrequest(call)
        sends = call.get("sends", 0)
        req.environ.pop("HTTP_TRANSFER_ENCODING", None)
        req.environ["CONTENT_LENGTH"] = str(sends)
        if sends is None:
            del req.environ["CONTENT_LENGTH"]
            req.environ["HTTP_TRANSFER_ENCODING"] = "chunked"
        with closing(self._body(call["id"], sends)) as body:
            if "sends" in call:
                req.environ["wsgi.input"] = FileLikeIter(body)
            status, headers, answer = req.call_application(self.filter.app)
        return {"status": int(status.split()[0]), "headers": headers}, answer

    def _body(self, identifier, length):
        """Body of a subrequest, fetched once it is read; if it breaks off, nothing is stored."""
        with closing(Peer(self.filter.socket)) as peer:
            peer.ask("GET", "/bodies/%s/%s" % (self.name, identifier))
            for piece in successful(peer):
                length = None if length is None else length - len(piece)
                if length is not None and length < 0:
                    break
                yield piece
        if length:
            raise Broken("the body has another length than the call says")

    def authorize(self, call):
        """Whether Swift lets the user do this; without a filter for it everything is allowed."""
        req = self._subrequest(call)
        ask = req.environ.get("swift.authorize")
        req.acl = call.get("acl")
        refusal = ask(req) if ask else None
        owner = not ask or bool(req.environ.get("swift_owner"))
        return {"status": 200 if refusal is None else refusal.status_int, "owner": owner}, ()

    def container(self, call):
        """What is known of a container, whoever asks."""
        names = [str_to_wsgi(call["account"]), str_to_wsgi(call["container"])]
        if not all(names) or "/" in "".join(names):
            raise ValueError("no account and container: %r" % names)
        env = make_env(self.env, "HEAD", "/v1/" + "/".join(names), swift_source=SOURCE)
        info = get_container_info(env, self.filter.app, swift_source=SOURCE)
        status = 200 if info["status"] // 100 == 2 else info["status"]
        if not status:  # It is the account that was not found.
            status = get_account_info(env, self.filter.app, swift_source=SOURCE)["status"]
            status = 404 if status // 100 == 2 else status
        meta = {"x-container-meta-" + str_to_wsgi(name): str_to_wsgi(value or "")
                for name, value in info["meta"].items()}
        return {"status": status, "headers": meta, "policy": info["storage_policy"],
                "acls": {"read": info["read_acl"], "write": info["write_acl"]},
                "objects": info["object_count"], "bytes": info["bytes"],
                "timestamp": Timestamp(info["created_at"] or 0).normal}, ()

    def locate(self, call):
        """Where an object lies, or would: its primaries, then as many handoffs."""
        ring = POLICIES.get_object_ring(call.get("policy"), self.filter.swift_dir)
        if "object" in call:
            part, found = ring.get_nodes(call["account"], call["container"], call["object"])
        else:
            part = int(call["random"] * ring.partition_count) % ring.partition_count
            found = ring.get_part_nodes(part)
        nodes = [{field: node[field] for field in NODE_FIELDS} for node in found]
        nodes += [dict({field: node[field] for field in NODE_FIELDS}, handoff=True)
                  for node in itertools.islice(ring.get_more_nodes(part), len(found))]
        return {"status": 200, "partition": part, "nodes": nodes}, ()


OPERATIONS = {"request": Calls.request, "authorize": Calls.authorize,
              "container": Calls.container, "locate": Calls.locate}


def successful(peer):
    """The body of an answer of status 200."""
    status, headers = peer.head()
    if not status.startswith("200"):
        raise Broken("the coordinator answers " + status)
    yield from peer.body(headers)


def anonymous(env):
    """The environment of somebody who has not signed in."""
    ask, known = env.get("swift.authorize"), ("REMOTE_USER", "HTTP_X_USER_ID", "HTTP_X_PROJECT_ID")
    left = {name: value for name, value in env.items() if name not in known}
    if isinstance(ask, functools.partial):  # keystoneauth binds the user to its function.
        left["swift.authorize"] = ask.func.__self__.authorize_anonymous
    return left
