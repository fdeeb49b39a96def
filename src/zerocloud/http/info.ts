import type { HttpLimits } from "../exchange/index.ts";
import {
  LISTING_LIMIT_MAX,
  METADATA_LIMITS,
  NAME_BYTES_MAX,
  SEGMENTS_MAX,
  type Store,
} from "../store/index.ts";

/** Sections of `/info` by their names. */
export type InfoSections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What clients may know of a server: the limits that hold, and what it can do. */
export function infoText(parts: {
  readonly store: Store;
  readonly limits: HttpLimits;
  readonly info: InfoSections;
  readonly accountManagement: boolean;
  readonly strictCors: boolean;
}): string {
  const { store, limits } = parts;
  return JSON.stringify({
    swift: {
      max_file_size: store.objectBytesMax,
      max_account_name_length: NAME_BYTES_MAX.account,
      max_container_name_length: NAME_BYTES_MAX.container,
      max_object_name_length: NAME_BYTES_MAX.object,
      max_header_size: limits.headerBytes,
      max_meta_count: METADATA_LIMITS.items,
      max_meta_name_length: METADATA_LIMITS.nameBytes,
      max_meta_value_length: METADATA_LIMITS.valueBytes,
      max_meta_overall_size: METADATA_LIMITS.allBytes,
      account_listing_limit: LISTING_LIMIT_MAX,
      container_listing_limit: LISTING_LIMIT_MAX,
      account_autocreate: true,
      allow_account_management: parts.accountManagement,
      strict_cors_mode: parts.strictCors,
      valid_api_versions: ["v1", "v1.0"],
      policies: [{ name: "Policy-0", default: true, aliases: "Policy-0" }],
    },
    slo: {
      max_manifest_segments: SEGMENTS_MAX,
      max_manifest_size: limits.manifestBytes,
      min_segment_size: 1,
    },
    ...parts.info,
  });
}
