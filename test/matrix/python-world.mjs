/** CPython says what it sees of its world: clock, entropy, hashes, orders, addresses, numbers. */
import { fileURLToPath } from "node:url";
import { observe, printTwice } from "../support/matrix-session.mjs";

const SCRIPT = fileURLToPath(new URL("../e2e/programs/world.py", import.meta.url));

await printTwice(() => observe({ program: "python", args: [SCRIPT, "ä ö"], etag: "sha256" }));
