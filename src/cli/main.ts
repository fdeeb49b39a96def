/** The command line with all its commands. */
import { start } from "./dispatch.ts";
import { REGISTRY } from "./registry.ts";

void start(REGISTRY);
