"""Filter of the proxy pipeline: hands requests for jobs to the coordinator.

Right of the filter that authenticates, immediately left of `copy`.
"""

import re
import secrets
from collections import namedtuple
from urllib.parse import quote

from swift.common.utils import get_logger

from zerocloud import __version__
from zerocloud.calls import Calls
from zerocloud.wire import (HOP_BY_HOP, Answer, Client, ClientGone, Peer, escape, exchange,
                            raw_path, refuse)

try:
    from swift.common.registry import register_swift_info
except ImportError:  # Swift before 2.29
    from swift.common.utils import register_swift_info

DEFAULT_SOCKET = "/run/zerocloud/coordinator.sock"
OWN = "HTTP_X_BACKEND_ZEROCLOUD_"
NOT_PASSED = re.compile(
    "HTTP_(HOST|CONNECTION|TRANSFER_ENCODING|EXPECT|X_AUTH_TOKEN|X_STORAGE_TOKEN|AUTHORIZATION"
    "|COOKIE|X_BACKEND_.*|.*[^A-Z0-9_!#$%&'*+.^`|~-].*)")
NO_BODY_STATUS = (204, 304)

Settings = namedtuple("Settings", "socket swift_dir logger")


class ProxyFilter:
    """WSGI application in front of the rest of the pipeline."""

    def __init__(self, app, settings):
        self.app = app
        self.settings = settings

    def __call__(self, env, start_response):
        for name in [name for name in env if name.startswith(OWN)]:
            del env[name]
        if not is_job(env):
            return self.app(env, start_response)
        if is_signed_url(env):
            text = "Jobs cannot be run by a signed URL: sign in, and use a token."
            return refuse(start_response, "403 Forbidden", text)
        try:
            client = Client(env)
        except ValueError as error:
            return refuse(start_response, "400 Bad Request", str(error))
        try:
            return self._relay(env, client, start_response)
        except ClientGone as error:
            self.settings.logger.info("zerocloud: %s", error)
            return refuse(start_response, "499 Client Disconnect", str(error))
        except (OSError, RuntimeError) as error:
            self.settings.logger.error(
                "zerocloud: no coordinator at %s: %s", self.settings.socket, error)
            text = "The coordinator of ZeroCloud does not answer on this proxy: jobs cannot run."
            return refuse(start_response, "503 Service Unavailable", text)

    def _relay(self, env, client, start_response):
        name = secrets.token_hex(16)
        peer = Peer(self.settings.socket, client)
        try:
            Calls(self.app, env, name, self.settings).start()
            headers, chunked = headers_for(env, name, client)
            query = env.get("QUERY_STRING")
            target = raw_path(env) + ("?" + escape(query) if query else "")
            peer.ask(env["REQUEST_METHOD"], target, headers, chunked)
            pieces = client.pieces() if chunked or client.length else None
            status, reason, headers = exchange(peer, pieces)
            empty = env["REQUEST_METHOD"] == "HEAD" or status in NO_BODY_STATUS
            body = iter(()) if empty else peer.body(headers)
            passed = [pair for pair in headers if pair[0].lower() not in HOP_BY_HOP]
            start_response("%d %s" % (status, reason), passed)
            return Answer(body, peer)
        except BaseException:
            peer.close()
            raise


def is_job(env):
    """Whether the coordinator answers this request; asked for every one, so kept short."""
    path = env["PATH_INFO"]
    if not ("HTTP_X_ZEROVM_EXECUTE" in env or "HTTP_X_ZEROVM_RUN" in env
            or path.startswith(("/open/", "/api/", "/jobs"))):
        return False
    segments = path.split("/", 3)
    if segments[1:2] == ["jobs"]:
        return True
    return len(segments) > 2 and segments[2] != "" and (
        segments[1] in ("open", "api")
        or "HTTP_X_ZEROVM_EXECUTE" in env or "HTTP_X_ZEROVM_RUN" in env)


def is_signed_url(env):
    """Whether a filter allowed one request, by a key, in the name of a whole account."""
    user = env.get("REMOTE_USER")
    signed = isinstance(user, str) and user in (".wsgi.tempurl", ".wsgi.formpost")
    return signed or bool(env.get("swift.authorize_override"))


def headers_for(env, name, client):
    """What the coordinator gets to see of the request, and whether its body is chunked."""
    headers = [("Host", env.get("HTTP_HOST") or env.get("SERVER_NAME", "localhost"))]
    headers += [(key[5:].replace("_", "-").title(), value) for key, value in env.items()
                if key.startswith("HTTP_") and not NOT_PASSED.fullmatch(key)]
    if env.get("CONTENT_TYPE"):
        headers.append(("Content-Type", env["CONTENT_TYPE"]))
    if env.get("CONTENT_LENGTH") and not client.chunked:
        headers.append(("Content-Length", client.length))
    if client.chunked or client.length:
        headers.append(("Expect", "100-continue"))
    own = "X-Backend-Zerocloud-"
    headers.append((own + "Request", name))
    headers.append((own + "Transaction", env.get("swift.trans_id", "")))
    headers.append((own + "Client", env.get("REMOTE_ADDR", "")))
    user = user_of(env)
    if user:
        headers.append((own + "User", quote(as_bytes(user), safe=":@")))
    return headers, client.chunked


def user_of(env):
    """The name of who asks: nothing depends on it but what guests and logs are told."""
    user = env.get("REMOTE_USER")
    if isinstance(user, (tuple, list)):
        # Of keystone, whose filter removes such headers of clients.
        return env.get("HTTP_X_USER_NAME") or env.get("HTTP_X_USER_ID")
    groups = (user or "").split(",")
    return groups[1] if len(groups) > 1 else groups[0]


def as_bytes(text):
    """The bytes of a name that may be text, or WSGI's one character a byte."""
    try:
        encoded = text.encode("latin-1")
        encoded.decode("utf-8")
        return encoded
    except UnicodeError:
        return text.encode("utf-8", "surrogateescape")


def filter_factory(global_conf, **local_conf):
    """Makes the filter from its section of proxy-server.conf."""
    conf = dict(global_conf, **local_conf)
    settings = Settings(
        conf.get("coordinator_socket", DEFAULT_SOCKET), conf.get("swift_dir", "/etc/swift"),
        get_logger(conf, log_route="zerocloud"))
    register_swift_info("zerocloud", version=__version__)
    return lambda app: ProxyFilter(app, settings)
