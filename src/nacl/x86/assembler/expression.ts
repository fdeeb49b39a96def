import { BadText } from "./assembly-error.ts";

/** A number, a symbol, or an operation on others. */
export type Expression =
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "minus" | "not"; readonly of: Expression }
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

/** The value of a symbol; undefined where it has none yet. `.` is the current address. */
export type Lookup = (name: string) => bigint | undefined;

const TOKEN =
  /\s*(?:(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)|'(\\?.)'?|([A-Za-z_.$][\w.$]*)|(<<|>>|[-+*/%&|^~()]))/y;

const LEVELS: readonly (readonly string[])[] = [
  ["|", "^"],
  ["&"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0" };

const NESTING_MAX = 64;

/** Reads an expression in the syntax of the GNU assembler; throws `BadText`. */
export function parseExpression(text: string): Expression {
  const parser = new Parser(text);
  const result = parser.level(0);
  if (!parser.atEnd) throw new BadText(`"${text.trim()}" is not an expression`);
  return result;
}

class Parser {
  private readonly tokens: string[] = [];
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    let end = 0;
    while (end < text.trimEnd().length) {
      TOKEN.lastIndex = end;
      const match = TOKEN.exec(text);
      if (match === null) throw new BadText(`"${text.trim()}" is not an expression`);
      end = TOKEN.lastIndex;
      this.tokens.push(match[2] === undefined ? match[0].trim() : String(characterOf(match[2])));
    }
  }

  get atEnd(): boolean {
    return this.at === this.tokens.length;
  }

  level(number: number): Expression {
    const operators = LEVELS[number];
    if (operators === undefined) return this.operand();
    let left = this.level(number + 1);
    for (;;) {
      const operator = this.tokens[this.at] ?? "";
      if (!operators.includes(operator)) return left;
      this.at++;
      left = { kind: "binary", operator, left, right: this.level(number + 1) };
    }
  }

  private operand(): Expression {
    const token = this.tokens[this.at++] ?? "";
    if (++this.depth > NESTING_MAX) throw new BadText("the expression is nested too deeply");
    const result = this.operandOf(token);
    this.depth--;
    return result;
  }

  private operandOf(token: string): Expression {
    if (token === "-") return { kind: "minus", of: this.operand() };
    if (token === "~") return { kind: "not", of: this.operand() };
    if (token === "+") return this.operand();
    if (token === "(") {
      const inner = this.level(0);
      if (this.tokens[this.at++] !== ")") throw new BadText("a parenthesis is not closed");
      return inner;
    }
    if (/^\d/.test(token)) return { kind: "number", value: BigInt(token) };
    if (/^[A-Za-z_.$]/.test(token)) return { kind: "symbol", name: token };
    throw new BadText(token === "" ? "an expression ends too soon" : `"${token}" has no value`);
  }
}

function characterOf(text: string): number {
  return (text.length === 1 ? text : (ESCAPES[text.slice(1)] ?? text.slice(1))).charCodeAt(0);
}

/** The value of an expression, or undefined where a symbol in it has none. */
export function evaluate(expression: Expression, lookup: Lookup): bigint | undefined {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "symbol":
      return lookup(expression.name);
    case "minus":
    case "not": {
      const value = evaluate(expression.of, lookup);
      return value === undefined ? undefined : expression.kind === "minus" ? -value : ~value;
    }
    case "binary": {
      const left = evaluate(expression.left, lookup);
      const right = evaluate(expression.right, lookup);
      return left === undefined || right === undefined
        ? undefined
        : calculate(expression.operator, left, right);
    }
  }
}

function calculate(operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "/":
    case "%":
      if (right === 0n) throw new BadText("division by zero");
      return operator === "/" ? left / right : left % right;
    default:
      if (right < 0n || right > 64n) throw new BadText(`a shift by ${right}`);
      return operator === "<<" ? left << right : left >> right;
  }
}

/** Whether an expression is a number whatever the addresses are. */
export function isConstant(expression: Expression): boolean {
  return evaluate(expression, () => undefined) !== undefined;
}
