interface KeyBase {
  readonly meaning: string;
}

/**
 * One value of the configuration. `standard` is what holds without it; where there is none, the
 * value may be missing, and `without` says in words what holds then.
 */
export type ConfigKeyKind = KeyBase &
  (
    | (Standard<string> & {
        readonly form: "text" | "path";
        readonly pattern?: string;
        /** What is wrong with a text of that form, where something is. */
        readonly judge?: (text: string) => string | undefined;
      })
    | (Standard<number> & {
        readonly form: "whole";
        readonly unit: string;
        readonly minimum: number;
        readonly maximum: number;
      })
    | { readonly form: "switch"; readonly standard: boolean }
    | { readonly form: "word"; readonly standard: string; readonly words: readonly string[] }
    | { readonly form: "texts"; readonly standard: readonly string[]; readonly pattern: string }
    | {
        readonly form: "named-paths";
        readonly standard: Readonly<Record<string, string>>;
        readonly namePattern: string;
      }
  );

type Standard<Value> =
  | { readonly standard: Value; readonly without?: never }
  | { readonly standard?: never; readonly without: string };

/** Lists and mappings have no more entries than that, texts no more characters. */
export const ENTRIES_MAX = 1000;
export const TEXT_LENGTH_MAX = 4096;
