/** Manifests: the text that declares everything a session may touch, read, judged and written. */
export { expectedLimit, parseLimit } from "./added-keywords.ts";
export { canonicalAddress } from "./canonical-address.ts";
export { checkSessionText, type TextKind, textKindOf } from "./check.ts";
export {
  EXIT,
  type Finding,
  makeFinding,
  type Stage,
  shown,
  sortFindings,
  stated,
} from "./finding.ts";
export { formatManifest } from "./format.ts";
export { CLOCK, FINDING_FIELDS, FUEL, HASH, MANIFEST, MANIFEST_TEXT, SEED } from "./forms.ts";
export { judgeChannels, judgeManifest, judgeMemory, type KindOf } from "./judge.ts";
export { judgeSource, openFailure, type SourceKind } from "./judge-source.ts";
export { rawAddress } from "./judge-wires.ts";
export {
  type ChannelDeclaration,
  channelShape,
  KEYWORDS,
  type Keyword,
  MANIFEST_BYTES_MAX,
  type Manifest,
  type NetworkHost,
  type NetworkProtocol,
  type NetworkSource,
  type PathSource,
  type Place,
  type Source,
} from "./manifest.ts";
export { parseCount, parseNumber, parseSize } from "./number.ts";
export { guestOrder, mountOrder, STANDARD_ALIASES } from "./order.ts";
export { foldLimits, freezeManifest, type ParsedManifest, parseManifest } from "./parse.ts";
export { PORT_RANGE } from "./source.ts";
