import {
  type FindingAdvice,
  type FindingWords,
  type JobFinding,
  type JobPlace,
  makeFinding,
  type RuleName,
} from "../job/index.ts";

/** Collects findings; what is wrong at one place of the job is said once, however many nodes. */
export class PlanReport {
  readonly findings: JobFinding[] = [];
  readonly #said = new Set<string>();

  add(rule: RuleName, place: JobPlace, words?: FindingWords, advice?: FindingAdvice): undefined {
    const key = `${rule} ${place.path}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.findings.push(makeFinding(rule, place, words, advice));
  }

  get hasErrors(): boolean {
    return this.findings.some(({ severity }) => severity === "error");
  }
}
