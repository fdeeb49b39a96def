/** An export could not be written: its channel does not take it all, or no archive can hold it. */
export class ExportFailure extends Error {
  override readonly name = "ExportFailure";
}
