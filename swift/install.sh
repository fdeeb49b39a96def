#!/bin/sh
# Copies the filters to where Debian's Python finds them. What they do not overwrite is left alone:
# settings, the secret of the cluster and the pipelines are the operator's.
#
#   swift/install.sh [ROOT]
#
# ROOT is put before the path, for packages and images; it is empty on a running machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target="${1:-}/usr/lib/python3/dist-packages/zerocloud"
mkdir -p "$target"
install -m 644 "$here"/zerocloud/*.py "$target/"
echo "The filters are in $target; swift/README.md says how to put them into the pipelines."
