import { existsSync } from "node:fs";
import { type Needed, runs } from "../packages.ts";

export const PYTHON = "/usr/bin/python3";
export const SWIFT_SCRIPT = "tools/install-swift.sh";

const isThere = (program: string) => () => existsSync(`/usr/bin/${program}`);

/** Packages of Debian that a cluster is made of, and its clients. */
export const SWIFT_PACKAGES: Needed = {
  "swift-proxy": isThere("swift-proxy-server"),
  "swift-object": isThere("swift-object-server"),
  "swift-container": isThere("swift-container-server"),
  "swift-account": isThere("swift-account-server"),
  memcached: isThere("memcached"),
  "python3-swift": () => runs(PYTHON, "-c", "import swift"),
  "python3-pyeclib": () => runs(PYTHON, "-c", "import pyeclib"),
  "python3-swiftclient": isThere("swift"),
  curl: isThere("curl"),
};
