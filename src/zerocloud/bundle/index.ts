/** Projects and bundles of applications as files of the host: made, packed and opened. */
export { createProject } from "./create-project.ts";
export { type OpenedBundle, openBundle } from "./open-bundle.ts";
export { findProject, type PackedZapp, type Packing, packProject } from "./pack.ts";
export { writeProgramImage } from "./program-image.ts";
