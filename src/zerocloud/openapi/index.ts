/** The description of the HTTP interface, from tables, for programs that read OpenAPI. */
export { COMMON_ANSWERS } from "./components.ts";
export { OPERATIONS, openApiDocument } from "./document.ts";
export type { Operation } from "./operations.ts";
