#!/usr/bin/env bash
# Installs OpenStack Swift and its clients, for a cluster at hand, on Debian and its kin; needs root. No service is started.
set -eu
# Where there is a policy, it stays; else none of the services starts by being installed.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends swift-proxy swift-object swift-container swift-account memcached python3-swift python3-pyeclib python3-swiftclient curl
