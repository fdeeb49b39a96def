/** What an error code means to whoever sees it. */
export interface ErrorKind {
  readonly meaning: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly exitStatus: number;
  readonly httpStatus: number;
}
