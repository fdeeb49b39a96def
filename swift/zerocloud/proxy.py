"""Filter of the proxy pipeline, right of the one that signs in and immediately left of `copy`:
hands requests for jobs to the coordinator."""

import re
import secrets
from contextlib import ExitStack, closing
from urllib.parse import quote

from swift.common.registry import register_swift_info
from swift.common.swob import HTTPException
from swift.common.utils import get_logger

from zerocloud import __version__
from zerocloud.calls import Calls
from zerocloud.wire import Client, Peer, answer_for, escape, raw_path, refusal, relay

OWN = "X-Backend-Zerocloud-"
OWN_KEY = "HTTP_X_BACKEND_ZEROCLOUD_"
PASSED = re.compile(
    "HTTP_(?!(HOST|CONNECTION|TRANSFER_ENCODING|EXPECT|X_AUTH_TOKEN|X_STORAGE_TOKEN|AUTHORIZATION"
    "|COOKIE|X_SERVICE_TOKEN|X_SERVICE_CATALOG)$|X_BACKEND_)[A-Z0-9_!#$%&'*+.^`|~-]+")
# Hop by hop, or what Swift says of itself.
HOP_BY_HOP = frozenset(("connection", "keep-alive", "date", "transfer-encoding", "x-trans-id",
                        "x-openstack-request-id"))
ABSENT = "The coordinator of ZeroCloud does not answer on this proxy: no job can run."


class ProxyFilter:
    """WSGI application in front of the rest of the pipeline."""

    def __init__(self, app, conf):
        self.app = app
        self.socket = conf.get("coordinator_socket", "/run/zerocloud/coordinator.sock")
        self.swift_dir = conf.get("swift_dir", "/etc/swift")
        self.logger = get_logger(conf, log_route="zerocloud")

    def __call__(self, env, start_response):
        if OWN_KEY in "\n".join(env):  # The quickest way to know that there is none.
            for name in [name for name in env if name.startswith(OWN_KEY)]:
                del env[name]
        if not is_job(env):
            return self.app(env, start_response)
        try:
            with ExitStack() as stack:
                return self._relay(env, start_response, stack)
        except (HTTPException, OSError, RuntimeError) as error:
            absent = refusal("503 Service Unavailable", ABSENT)
            return answer_for(error, absent, self.logger)(env, start_response)

    def _relay(self, env, start_response, stack):
        if is_signed_url(env):
            raise refusal("403 Forbidden", "A signed URL cannot run jobs: sign in, use a token.")
        client = Client(env)
        name = secrets.token_hex(16)
        method, query = env["REQUEST_METHOD"], env.get("QUERY_STRING")
        target = raw_path(env) + ("?" + escape(query) if query else "")
        peer = stack.enter_context(closing(Peer(self.socket, client)))
        Calls(self, env, name).start()
        peer.ask(method, target, headers_for(env, name, client), client.length is None)
        pieces = None if client.length == 0 else client.pieces()
        return relay(peer, pieces, lambda name: name not in HOP_BY_HOP, start_response, stack,
                     empty=method == "HEAD")


def is_job(env):
    """Whether the coordinator answers this request; asked for every one, so kept short."""
    path = env["PATH_INFO"]
    named = "HTTP_X_ZEROVM_EXECUTE" in env or "HTTP_X_ZEROVM_RUN" in env
    if not named and not path.startswith(("/open/", "/api/", "/jobs")):
        return False
    _, first, account = (path.split("/", 3) + ["", ""])[:3]
    return first == "jobs" or account != "" and (named or first in ("open", "api"))


def is_signed_url(env):
    """Whether a filter allowed one request, by a key, in the name of a whole account."""
    user = env.get("REMOTE_USER")
    return user in (".wsgi.tempurl", ".wsgi.formpost") or bool(env.get("swift.authorize_override"))


def headers_for(env, name, client):
    """What the coordinator gets to see of the request."""
    headers = [("Host", env.get("HTTP_HOST") or env["SERVER_NAME"])]
    headers += [(key[5:].replace("_", "-").title(), value) for key, value in env.items()
                if PASSED.fullmatch(key)]
    if env.get("CONTENT_TYPE"):
        headers.append(("Content-Type", env["CONTENT_TYPE"]))
    if env.get("CONTENT_LENGTH") and client.length is not None:
        headers.append(("Content-Length", client.length))
    if client.length != 0:
        headers.append(("Expect", "100-continue"))
    user = user_of(env)
    if user:
        headers.append((OWN + "User", quote(as_bytes(user), safe=":@")))
    return headers + [(OWN + "Request", name), (OWN + "Client", env.get("REMOTE_ADDR", "")),
                      (OWN + "Transaction", env.get("swift.trans_id", ""))]


def user_of(env):
    """The name of who asks: nothing depends on it but what guests and logs are told."""
    user = env.get("REMOTE_USER") or ""
    if isinstance(user, tuple):  # Of keystone, whose filter removes such headers of clients.
        return env.get("HTTP_X_USER_NAME") or env.get("HTTP_X_USER_ID")
    return user.split(",")[1] if "," in user else user


def as_bytes(text):
    """The bytes of a name that may be text, or WSGI's one character a byte."""
    try:
        text.encode("latin-1").decode("utf-8")
        return text.encode("latin-1")
    except UnicodeError:
        return text.encode("utf-8", "surrogateescape")


def filter_factory(global_conf, **local_conf):
    """Makes the filter from its section of proxy-server.conf."""
    register_swift_info("zerocloud", version=__version__)
    return lambda app: ProxyFilter(app, {**global_conf, **local_conf})
