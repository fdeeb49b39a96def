/** Loaded before the command line: a cell starts while the rest is read. */
import { launchAhead } from "./launch/index.ts";

launchAhead();
