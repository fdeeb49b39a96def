import { byteStringOf } from "../../base/index.ts";
import { EXIT, type Finding, makeFinding } from "./finding.ts";
import { type Draft, KEYWORD_RULES } from "./keywords.ts";
import { type Collected, LineReport } from "./line-report.ts";
import { linesOf, type Setting, settingOf } from "./lines.ts";
import { KEYWORDS, type Keyword, MANIFEST_BYTES_MAX } from "./manifest.ts";

/** Reads a whole text. The findings are in the order in which the original would meet them. */
export function readDraft(bytes: Uint8Array): { draft: Draft; findings: Finding[] } {
  const draft: Draft = { channels: [], limits: {}, seen: new Map() };
  const refused = refuseSize(bytes.length);
  if (refused !== undefined) return { draft, findings: [refused] };
  const collected: Collected = { original: [], added: [], warnings: [] };
  const nul = bytes.indexOf(0);
  const text = byteStringOf(bytes, 0, nul < 0 ? bytes.length : nul);
  let report: LineReport | undefined;
  for (const line of linesOf(text)) {
    const setting = settingOf(line, collected);
    if (setting !== undefined) readSetting(draft, setting, collected);
    report = new LineReport(line, collected, false);
  }
  if (nul >= 0 && report !== undefined) {
    const end = { text: "", offset: report.line.text.length };
    report.warning(end, "The text ends at this NUL byte: what follows is ignored");
  }
  const { original, added, warnings } = collected;
  original.push(...judgeCounts(draft, false));
  added.push(...judgeCounts(draft, true));
  return { draft, findings: [...original, ...added, ...warnings] };
}

function refuseSize(sizeBytes: number): Finding | undefined {
  const stage = "parse";
  if (sizeBytes === 0) {
    const message = "Manifest is empty";
    const hint = `Keywords that it must have: ${obligatoryKeywords().join(", ")}`;
    return makeFinding({ stage, code: EXIT.INPUT, state: "manifest read error", message, hint });
  }
  if (sizeBytes <= MANIFEST_BYTES_MAX) return undefined;
  return makeFinding({
    stage,
    code: EXIT.FAULT,
    state: "manifest read error",
    message: `Manifest has ${sizeBytes} bytes`,
    expected: `at most ${MANIFEST_BYTES_MAX} bytes`,
  });
}

function readSetting(draft: Draft, setting: Setting, collected: Collected): void {
  const rule = KEYWORD_RULES[setting.keyword];
  const report = new LineReport(setting.line, collected, rule.isAdded === true);
  const places = draft.seen.get(setting.keyword);
  const place = report.place(setting.key);
  if (places === undefined) draft.seen.set(setting.keyword, [place]);
  else places.push(place);
  rule.read(draft, report, setting);
}

function obligatoryKeywords(): readonly Keyword[] {
  return KEYWORDS.filter((keyword) => KEYWORD_RULES[keyword].isObligatory === true);
}

/** The keyword table is walked backwards; for each keyword missing comes before duplicate. */
function judgeCounts(draft: Draft, isAdded: boolean): Finding[] {
  const keywords = KEYWORDS.filter((word) => (KEYWORD_RULES[word].isAdded === true) === isAdded);
  return keywords.reverse().flatMap((keyword) => judgeCount(draft, keyword) ?? []);
}

function judgeCount(draft: Draft, keyword: Keyword): Finding | undefined {
  const rule = KEYWORD_RULES[keyword];
  const [first, second] = draft.seen.get(keyword) ?? [];
  if (first === undefined && rule.isObligatory === true) {
    return makeFinding({
      stage: "parse",
      code: EXIT.FAULT,
      state: `${keyword} not specified`,
      message: `Manifest has no ${keyword}`,
      expected: `a line such as: ${rule.example}`,
    });
  }
  if (first === undefined || second === undefined || rule.isRepeatable === true) return undefined;
  return makeFinding({
    ...second,
    stage: "parse",
    code: EXIT.FAULT,
    state: `duplicate ${keyword} keyword`,
    message: `${keyword} stands here again; the first is on line ${first.line}`,
    expected: `one line of ${keyword}`,
  });
}
