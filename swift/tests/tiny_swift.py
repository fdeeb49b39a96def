"""A real Swift on one folder, as small as it goes, with the filters in its pipelines."""

import getpass
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from swift_here import SWIFT_FOLDER

BIN = "/usr/bin/"
# Swift reads swift.conf from one place alone, whatever `swift_dir` says.
OWN_SETTINGS = ("import runpy, sys; from swift.common import utils; "
                "utils.set_swift_dir(sys.argv[1]); sys.argv = sys.argv[2:]; "
                "runpy.run_path(sys.argv[0], run_name='__main__')")
KINDS = ("account", "container", "object")
FILTERS = ("catch_errors gatekeeper proxy-logging cache listing_formats tempurl tempauth "
           "zerocloud copy container-quotas slo dlo versioned_writes symlink proxy-server")
EGGS = {"cache": "memcache", "proxy-logging": "proxy_logging",
        "container-quotas": "container_quotas"}


def free_ports(count):
    """Ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class TinySwift:
    """Starts and stops all servers."""

    def __init__(self, coordinator_socket, worker_socket, secret):
        for name in ("swift-proxy-server", "swift-object-server", "memcached"):
            if not os.path.exists(BIN + name):
                raise unittest.SkipTest("needs the Debian packages of Swift: no " + name)
        self.folder = tempfile.mkdtemp()
        self.devices = os.path.join(self.folder, "disks")
        os.makedirs(os.path.join(self.devices, "d1"))
        self.ports = free_ports(5)
        self.processes = []
        secret_file = self.write("secret", secret)
        self.write("swift.conf", "[swift-hash]\nswift_hash_path_suffix = s\n")
        for kind, port in zip(KINDS, self.ports):
            self._storage(kind, port, worker_socket, secret_file)
        self._proxy(coordinator_socket)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def write(self, name, text):
        """A file of the folder; gives its path."""
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def _common(self, port):
        return ("[DEFAULT]\nuser = %s\nswift_dir = %s\nbind_ip = 127.0.0.1\nbind_port = %d\n"
                "workers = 0\nlog_level = ERROR\n" % (getpass.getuser(), self.folder, port))

    def _storage(self, kind, port, worker_socket, secret_file):
        pipeline = "zerocloud object-server" if kind == "object" else kind + "-server"
        self.write(kind + ".conf", self._common(port) + (
            "devices = %s\nmount_check = false\n[pipeline:main]\npipeline = %s\n"
            "[app:%s-server]\nuse = egg:swift#%s\n" % (self.devices, pipeline, kind, kind)) + (
            "[filter:zerocloud]\npaste.filter_factory = zerocloud.object:filter_factory\n"
            "worker_socket = %s\nsecret_file = %s\n" % (worker_socket, secret_file)))
        builder = os.path.join(self.folder, kind + ".builder")
        for step in (["create", "6", "1", "1"], ["add", "r1z1-127.0.0.1:%d/d1" % port, "1"],
                     ["rebalance"]):
            subprocess.run(self._command("swift-ring-builder", builder, *step), check=True,
                           stdout=subprocess.DEVNULL)

    def _proxy(self, coordinator_socket):
        text = self._common(self.ports[3]) + "[pipeline:main]\npipeline = %s\n" % FILTERS
        text += "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n"
        more = {"tempauth": "user_test_tester = testing .admin\nuser_test_other = testing\n"
                            "user_foreign_tester = testing .admin\n",
                "cache": "memcache_servers = 127.0.0.1:%d\n" % self.ports[4]}
        for name in FILTERS.split():
            if name not in ("zerocloud", "proxy-server"):
                egg = EGGS.get(name, name)
                text += "[filter:%s]\nuse = egg:swift#%s\n%s" % (name, egg, more.get(name, ""))
        text += ("[filter:zerocloud]\npaste.filter_factory = zerocloud.proxy:filter_factory\n"
                 "coordinator_socket = %s\n" % coordinator_socket)
        self.write("proxy.conf", text)

    def _environment(self):
        return dict(os.environ, PYTHONPATH=SWIFT_FOLDER)

    def _command(self, name, *arguments):
        """A program of Swift with our swift.conf."""
        python = BIN + "python3"
        return [python, "-c", OWN_SETTINGS, self.folder, BIN + name, *arguments]

    def _start(self):
        commands = [[BIN + "memcached", "-u", getpass.getuser(), "-l", "127.0.0.1",
                     "-p", str(self.ports[4])]]
        for kind in (*KINDS, "proxy"):
            settings = os.path.join(self.folder, kind + ".conf")
            commands.append(self._command("swift-%s-server" % kind, settings))
        output = None if os.environ.get("ZEROVM_SHOW_SWIFT") else subprocess.DEVNULL
        for command in commands:
            self.processes.append(subprocess.Popen(
                command, stdout=output, stderr=output, env=self._environment()))
        end = time.monotonic() + 120
        for port in self.ports:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    if time.monotonic() > end:
                        raise RuntimeError("Swift did not start") from None
                    time.sleep(0.1)

    def stop(self):
        """Stops every server and removes the folder."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(60)
        shutil.rmtree(self.folder)

    def request(self, method, path, body=None, headers=(), port=None):
        """One request to the proxy, or to another port: status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.ports[3], timeout=30)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read()
        finally:
            connection.close()

    def token(self, user="test:tester"):
        """Signs in; a token for the header."""
        headers = {"X-Auth-User": user, "X-Auth-Key": "testing"}
        status, found, _ = self.request("GET", "/auth/v1.0", headers=headers)
        assert status == 200, status
        return found["X-Auth-Token"]


if __name__ == "__main__":
    sys.exit("run the tests instead")
