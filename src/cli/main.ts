/** The command line with all its commands. */
import { start } from "./dispatch.ts";
import { CLASSIC, REGISTRY } from "./registry.ts";

void start(REGISTRY, CLASSIC);
