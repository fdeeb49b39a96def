#!/usr/bin/env bash
# Installs the clients of object stores that the suite of clients tries, and what Swift's own tests need, on Debian and its kin; needs root.
set -eu
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-swiftclient curl python3-swift python3-pytest python3-mock
