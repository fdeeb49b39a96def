/** `node library.mjs PROGRAM`: one session through the library. */
import { run } from "../../../dist/index.js";

const { stdout } = await run({ program: process.argv[2] });
process.stdout.write(stdout);
