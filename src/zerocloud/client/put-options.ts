/** What an upload is made of: bytes at any place, so that a part can be sent again. */
export interface UploadSource {
  readonly sizeBytes: number;
  /**
   * Tells these bytes from others that the object has, had or gets, as the time of a file does:
   * segments are named after it, so that those of this state are gone on with, and those of
   * another are not written over. Without it all bytes are read once more, for a digest.
   */
  readonly version?: string;
  /**
   * Throws ZVM_CLIENT_CHANGED where the bytes are not those of the beginning any more. Asked of
   * each part when it was read and is not yet whole at the server, which then never stores it.
   */
  judgeUnchanged?(): void | Promise<void>;
  /** Bytes from `startBytes` on, `sizeBytes` of them. */
  read(startBytes: number, sizeBytes: number): AsyncIterable<Uint8Array>;
}

export interface PutOptions {
  readonly contentType?: string;
  readonly meta?: Readonly<Record<string, string>>;
  /** Larger objects are stored in segments of this size; 1 GiB unless given. */
  readonly segmentBytes?: number;
  /** Where segments are stored; the container with `_segments` behind its name unless given. */
  readonly segmentContainer?: string;
  /** Segments that are sent at a time, 64 at most; 4 unless given. */
  readonly parallel?: number;
  /** Told how many bytes the server has: what is sent again counts again. */
  readonly onProgress?: (sentBytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface PutResult {
  /** Of the bytes, MD5; of a large object the server's digest of its segments. */
  readonly etag: string;
  readonly sizeBytes: number;
  /** 0 where it is stored in one piece. */
  readonly segments: number;
  /** Why a program is not marked as valid, in the server's words; the object is stored. */
  readonly validation?: string;
  /** Of the large object that was replaced, where not all of it could be removed. */
  readonly leftOver?: LeftOver;
}

/** Segments that no object names any more, and that are there all the same. */
export interface LeftOver {
  /** Each as `CONTAINER/NAME`. */
  readonly segments: readonly string[];
  /** Why they could not be removed. */
  readonly reason: string;
}
