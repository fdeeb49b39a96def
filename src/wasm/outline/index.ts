/** Loops that become functions, so that an engine that replaces code at calls can do so. Pure. */
export { type CodePlace, OriginFinder, type ReadModule } from "./find-origin.ts";
export { HEAT_EXPORTS } from "./heat.ts";
export { chooseFunctions, type OutlineOptions, outlineLoops } from "./outline-loops.ts";
