#!/usr/bin/env bash
# Installs what makes hosts of network namespaces, and watches what passes between them, on Debian and its kin; needs root.
set -eu
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends iproute2 python3-minimal
