import { ZvmError } from "../../base/index.ts";
import { listRuntimes } from "../../zerovm/index.ts";
import { type Command, HELP_OPTION, print, type Registry } from "../command.ts";
import type { OptionSpec } from "../options.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** `zerovm completion`: a script for the shell, made from the tables of all commands. */
export function completionOf(registry: Registry): Command {
  return {
    name: "completion",
    usage: ["bash|zsh|fish"],
    description: "Prints a completion script for a shell.",
    options: [],
    words: SHELLS,
    examples: [
      { line: "source <(zerovm completion bash)", does: "complete in this bash" },
      {
        line: "zerovm completion fish > ~/.config/fish/completions/zerovm.fish",
        does: "complete in every fish",
      },
    ],
    run: ({ operands }) => printScript(registry, operands),
  };
}

async function printScript(registry: Registry, operands: readonly string[]): Promise<number> {
  const shell = SHELLS.find((name) => name === operands[0]);
  if (shell === undefined || operands.length > 1) {
    throw new ZvmError("ZVM_USAGE", `zerovm completion: name one shell of ${SHELLS.join(", ")}`);
  }
  const commands = await loadCommands(registry);
  print(shell === "fish" ? fishScript(commands) : bashScript(commands, shell === "zsh"));
  return 0;
}

interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  /** What can follow the name of the command, once. */
  readonly words: readonly string[];
  /** What can follow one of these words. */
  readonly after: Readonly<Record<string, readonly string[]>>;
}

async function loadCommands(registry: Registry): Promise<Completed[]> {
  const loaded: Completed[] = [];
  for (const [name, { summary, load }] of Object.entries(registry)) {
    const command = await load();
    const words = [...(command.words ?? []), ...(name === "run" ? runtimeNames() : [])];
    const after = name === "runtime" ? { rm: runtimeNames("user") } : {};
    loaded.push({ name, summary, options: [...command.options, HELP_OPTION], words, after });
  }
  const summary = "Show the help of a command";
  loaded.push({ name: "help", summary, options: [], words: Object.keys(registry), after: {} });
  return loaded;
}

function runtimeNames(origin?: "user"): string[] {
  const listed = listRuntimes().filter((it) => origin === undefined || it.origin === origin);
  return listed.map(({ entry }) => entry.name);
}

const TOP_OPTIONS = ["--help", "--version"];

function bashScript(commands: readonly Completed[], isZsh: boolean): string {
  const names = commands.map(({ name }) => name).join(" ");
  const cases = commands.flatMap(({ name, options, words }) => {
    const all = options.map((option) => `--${option.name}`).join(" ");
    const start = `      ${name}) words="${all}"`;
    if (words.length === 0) return [`${start} ;;`];
    const said = words.map((word) => `*" ${word} "*`).join("|");
    const more = `*) words="$words ${words.join(" ")}" ;;`;
    return [start, `        case "$before" in ${said}) ;; ${more} esac ;;`];
  });
  const zsh = isZsh ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  return `${zsh}_zerovm_files() {
  local IFS=$'\\n'
  COMPREPLY+=($(compgen -f "$@"))
}
_zerovm() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  local before=" \${COMP_WORDS[*]:2:COMP_CWORD-2} "
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${names} ${TOP_OPTIONS.join(" ")}"
  else
    case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    esac
  fi
${choiceCases(commands)}  case "$word" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    @+*) _zerovm_files -P "@+" -- "\${word#@+}" ;;
    @*) _zerovm_files -P "@" -- "\${word#@}" ;;
    *)
      COMPREPLY=($(compgen -W "$words" -- "$word"))
      _zerovm_files -- "$word"
      ;;
  esac
}
complete -o filenames -F _zerovm zerovm
`;
}

/** After an option with choices, or a verb that takes names, only these are words. */
function choiceCases(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, options, after }) => [
    ...options.flatMap(({ name: option, choices, starts, optionalValue }) => {
      const words = choices ?? starts;
      return words === undefined || optionalValue === true
        ? []
        : choiceCase(`${name} --${option}`, words);
    }),
    ...Object.entries(after).flatMap(([verb, names]) => choiceCase(`${name} ${verb}`, names)),
  ]);
  if (lines.length === 0) return "";
  const subject = `"\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD - 1]}"`;
  return [`  case ${subject} in`, ...lines, "  esac", ""].join("\n");
}

function choiceCase(said: string, words: readonly string[]): string[] {
  // What ends in '=' is gone on with.
  const isOpen = words.some((word) => word.endsWith("="));
  return [
    `    "${said}")`,
    `      COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$word"))`,
    ...(isOpen ? ["      compopt -o nospace 2> /dev/null"] : []),
    "      return ;;",
  ];
}

function fishScript(commands: readonly Completed[]): string {
  const lines = [
    `complete -c zerovm -n __fish_use_subcommand -l help -d ${quoted(HELP_OPTION.help)}`,
    `complete -c zerovm -n __fish_use_subcommand -l version -d ${quoted("Show the version")}`,
  ];
  for (const { name, summary, options, words, after } of commands) {
    const seen = `-n "__fish_seen_subcommand_from ${name}"`;
    lines.push(
      `complete -c zerovm -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...options.map((option) => `complete -c zerovm ${seen} ${fishOption(option)}`),
    );
    if (words.length > 0) {
      const unsaid = `not __fish_seen_subcommand_from ${words.join(" ")}`;
      const once = `-n "__fish_seen_subcommand_from ${name}; and ${unsaid}"`;
      lines.push(`complete -c zerovm ${once} -a ${quoted(words.join(" "))}`);
    }
    for (const [verb, names] of Object.entries(after)) {
      const said = `-n "__fish_seen_subcommand_from ${name}; and __fish_seen_subcommand_from ${verb}"`;
      lines.push(`complete -c zerovm ${said} -a ${quoted(names.join(" "))}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function fishOption(option: OptionSpec): string {
  const short = option.short === undefined ? "" : ` -s ${option.short}`;
  const needsValue = option.value !== undefined && option.optionalValue !== true;
  const value = needsValue ? (option.isPath === true ? " -r -F" : " -x") : "";
  const words = option.choices ?? option.starts;
  const choices = words === undefined ? "" : ` -a ${quoted(words.join(" "))}`;
  return `-l ${option.name}${short}${value}${choices} -d ${quoted(option.help)}`;
}

/** In double quotes, which fish and the other shells read alike. */
function quoted(text: string): string {
  return `"${text.replace(/["$\\`]/g, "\\$&")}"`;
}
