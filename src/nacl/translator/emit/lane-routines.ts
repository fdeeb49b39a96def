import { TYPE } from "../../../wasm/rewrite/index.ts";
import { type Code, V, W } from "../wasm/index.ts";
import type { Routine, RoutineScope } from "../x87/index.ts";

/** What a lane holds. */
export type Lane = "single" | "double" | "integer";

/** Two sources of a lane: of vector 0, the destination, or 1, and which lanes of them. */
type Sources = readonly [vectorA: 0 | 1, laneA: number, vectorB: 0 | 1, laneB: number];

/** How a vector is made of two, lane by lane, in the mode of MXCSR. */
interface Shape {
  readonly from: Lane;
  readonly to: Lane;
  readonly count: number;
  /** Whether the lanes that are not computed are those of the first vector; else they are zero. */
  readonly keeps: boolean;
  readonly work: "laneOf" | "laneInteger" | "laneCompare";
  /** Absent where only the second operand counts. */
  readonly sources?: (lane: number) => Sources;
  /** Number of the operation of a lane, where it is not that of the call. */
  readonly operationOf?: (lane: number) => number;
}

/** Numbers of `resultOf`. */
export const LANE_OPERATION = {
  add: 0,
  sub: 1,
  mul: 2,
  div: 3,
  sqrt: 4,
  convert: 5,
  round: 6,
  min: 7,
  max: 8,
} as const;

const FROM = { single: "fromSingle", double: "fromDouble", integer: "fromInteger" } as const;
/** Bits of a significand of 64 bits that a format drops. */
export const DROPPED = { single: 40, double: 11 } as const;

/** Pushes significand and exponent of a lane of the vector in a local. */
export function pushLane(
  code: Code,
  scope: Pick<RoutineScope, "routine">,
  kind: Lane,
  [vector, lane]: readonly [number, number],
): void {
  code.get(vector).vector(kind === "double" ? V.I64X2_EXTRACT : V.I32X4_EXTRACT, lane);
  if (kind === "integer") code.op(W.I64_EXTEND_S);
  code.call(scope.routine(FROM[kind]));
}

/** Takes destination, source and operation; gives the result. */
function laneRoutine(shape: Shape): Routine {
  const { I32, V128 } = TYPE;
  const { to, count, keeps } = shape;
  const write: Routine["write"] = (code, scope) => {
    const result = code.local(V128);
    if (keeps) code.get(0);
    else code.v128();
    code.set(result);
    for (let lane = 0; lane < count; lane++) {
      code.get(result);
      writeLane(code, scope, shape, lane);
      if (to !== "double") code.op(W.I32_WRAP);
      code.vector(to === "double" ? V.I64X2_REPLACE : V.I32X4_REPLACE, lane).set(result);
    }
    code.get(result);
  };
  return { parameters: [V128, V128, I32], results: [V128], write };
}

/** Pushes 64 bits with the new lane. */
function writeLane(code: Code, scope: RoutineScope, shape: Shape, lane: number): void {
  const { from, to, work, sources, operationOf } = shape;
  if (work !== "laneInteger") {
    if (operationOf === undefined) code.get(2);
    else code.i32(operationOf(lane));
  }
  if (sources === undefined) {
    if (work === "laneOf") code.i64(0).i32(0);
    pushLane(code, scope, from, [1, lane]);
  } else {
    const [vectorA, laneA, vectorB, laneB] = sources(lane);
    pushLane(code, scope, from, [vectorA, laneA]);
    pushLane(code, scope, from, [vectorB, laneB]);
  }
  if (work === "laneInteger") code.i32(32);
  else if (work === "laneOf" && to !== "integer") code.i32(DROPPED[to]);
  code.call(scope.routine(work));
  if (work === "laneCompare") code.op(W.I64_EXTEND_S);
}

const KINDS = ["ss", "sd", "ps", "pd"] as const;
const both = (lane: number): Sources => [0, lane, 1, lane];
/** Neighbours: those of the first operand in the lower half. */
function neighbours(count: number): (lane: number) => Sources {
  return (lane) => {
    const vector = lane < count / 2 ? 0 : 1;
    const start = (2 * lane) % count;
    return [vector, start, vector, start + 1];
  };
}

function floats(kind: (typeof KINDS)[number], more: Partial<Shape> = {}): Routine {
  const to = kind.endsWith("d") ? "double" : "single";
  const count = kind.startsWith("s") ? 1 : to === "double" ? 2 : 4;
  return laneRoutine({ from: to, to, count, keeps: true, work: "laneOf", ...more });
}

function converted(from: Lane, to: Lane, count: number, keeps: boolean): Routine {
  const work = to === "integer" ? "laneInteger" : "laneOf";
  return laneRoutine({ from, to, count, keeps, work });
}

const alternate = (lane: number) => LANE_OPERATION[lane % 2 === 0 ? "sub" : "add"];

/** Routines that do what instructions do in other modes than those at the start, by their names. */
export const LANE_ROUTINES: Readonly<Record<string, Routine>> = {
  ...Object.fromEntries(
    KINDS.flatMap((kind): [string, Routine][] => [
      ...["add", "sub", "mul", "div", "min", "max"].map((name): [string, Routine] => [
        `${name}${kind}`,
        floats(kind, { sources: both }),
      ]),
      ...["sqrt", "round"].map((name): [string, Routine] => [`${name}${kind}`, floats(kind)]),
      [`cmp${kind}`, floats(kind, { sources: both, work: "laneCompare" })],
    ]),
  ),
  addsubps: floats("ps", { sources: both, operationOf: alternate }),
  addsubpd: floats("pd", { sources: both, operationOf: alternate }),
  haddps: floats("ps", { sources: neighbours(4) }),
  haddpd: floats("pd", { sources: neighbours(2) }),
  hsubps: floats("ps", { sources: neighbours(4) }),
  hsubpd: floats("pd", { sources: neighbours(2) }),
  cvtss2sd: converted("single", "double", 1, true),
  cvtsd2ss: converted("double", "single", 1, true),
  cvtps2pd: converted("single", "double", 2, false),
  cvtpd2ps: converted("double", "single", 2, false),
  cvtdq2ps: converted("integer", "single", 4, false),
  cvtps2dq: converted("single", "integer", 4, false),
  cvtpd2dq: converted("double", "integer", 2, false),
};
