#!/usr/bin/env bash
# Installs what compiles C to WebAssembly and to this machine, on Debian and its kin; needs root.
set -eu
apt-get update
apt-get install -y --no-install-recommends clang lld wasi-libc libclang-rt-dev-wasm32 libc6-dev
