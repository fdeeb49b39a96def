#!/usr/bin/env bash
# Installs what compiles C to WebAssembly, to Native Client and to this machine, on Debian and its kin; needs root.
set -eu
apt-get update
apt-get install -y --no-install-recommends clang gcc lld wasi-libc libclang-rt-dev-wasm32 libc6-dev newlib-source
