/** A folder of the host goes in and a tar comes out; users and places must leave no trace. */
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { observe, printTwice, sha256 } from "../support/matrix-session.mjs";

const SECONDS = 1_700_000_000;
const SCRIPT = `
import os, shutil
for folder, folders, names in os.walk("/in"):
    print(folder, folders, names)
    for name in names:
        path = os.path.join(folder, name)
        print(path, os.lstat(path)[:4], os.lstat(path)[6:], os.path.islink(path))
shutil.copytree("/in", "/out/copy", symlinks=True)
os.link("/out/copy/b.txt", "/out/second")
os.makedirs("/out/" + "long/" * 30)
for name in ("ä", "a", "Z", "z"):
    with open("/out/" + name, "w") as file:
        file.write(name * 1000)
os.utime("/out/a", (1, 2))
`;

await printTwice(async (folder) => {
  const input = join(folder, "in");
  makeInput(input);
  const tar = join(folder, "out.tar");
  const seen = await observe({
    program: "python",
    args: ["-c", SCRIPT],
    folders: [{ host: input, guest: "/in", mode: "ro" }],
    images: [{ path: tar, mountpoint: "/out", mode: "export" }],
  });
  return { ...seen, tar: sha256(readFileSync(tar)) };
});

/** The same whatever the user, the time and the mask for new files. */
function makeInput(folder) {
  for (const path of ["", "sub", "sub/empty"]) mkdirSync(join(folder, path));
  for (const path of ["b.txt", "a.txt", "sub/c.txt"]) writeFileSync(join(folder, path), path);
  symlinkSync("sub/c.txt", join(folder, "link"));
  lutimesSync(join(folder, "link"), SECONDS, SECONDS);
  for (const path of ["b.txt", "a.txt", "sub/c.txt"]) chmodSync(join(folder, path), 0o640);
  for (const path of ["b.txt", "a.txt", "sub/c.txt"]) {
    utimesSync(join(folder, path), SECONDS, SECONDS);
  }
  for (const path of ["sub/empty", "sub", ""]) {
    chmodSync(join(folder, path), 0o750);
    utimesSync(join(folder, path), SECONDS, SECONDS);
  }
}
