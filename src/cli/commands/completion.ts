import { ZvmError } from "../../base/index.ts";
import { listRuntimes } from "../../zerovm/index.ts";
import { type Command, HELP_OPTION, print } from "../command.ts";
import type { OptionSpec } from "../options.ts";
import { REGISTRY } from "../registry.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** `zerovm completion`: a script for the shell, made from the tables of the commands. */
export const COMPLETION: Command = {
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
  run: async ({ operands }) => {
    const shell = SHELLS.find((name) => name === operands[0]);
    if (shell === undefined || operands.length > 1) {
      throw new ZvmError("ZVM_USAGE", `zerovm completion: name one shell of ${SHELLS.join(", ")}`);
    }
    const commands = await loadCommands();
    print(shell === "fish" ? fishScript(commands) : bashScript(commands, shell === "zsh"));
    return 0;
  },
};

interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  /** What can follow the name of the command. */
  readonly words: readonly string[];
}

async function loadCommands(): Promise<Completed[]> {
  const loaded: Completed[] = [];
  for (const [name, { summary, load }] of Object.entries(REGISTRY)) {
    const command = name === COMPLETION.name ? COMPLETION : await load();
    const runtimes = name === "run" ? listRuntimes().map(({ entry }) => entry.name) : [];
    const words = [...(command.words ?? []), ...runtimes];
    loaded.push({ name, summary, options: [...command.options, HELP_OPTION], words });
  }
  return loaded;
}

const TOP_OPTIONS = ["--help", "--version"];

function bashScript(commands: readonly Completed[], isZsh: boolean): string {
  const names = commands.map(({ name }) => name).join(" ");
  const cases = commands.map(({ name, options, words }) => {
    const all = [...options.map((option) => `--${option.name}`), ...words].join(" ");
    return `      ${name}) words="${all}" ;;`;
  });
  const zsh = isZsh ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  return `${zsh}_zerovm_files() {
  local IFS=$'\\n'
  COMPREPLY+=($(compgen -f "$@"))
}
_zerovm() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
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

/** After an option with choices only these are words. */
function choiceCases(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, options }) =>
    options.flatMap(({ name: option, choices, optionalValue }) => {
      if (choices === undefined || optionalValue === true) return [];
      const words = choices.join(" ");
      return [
        `    "${name} --${option}")`,
        `      COMPREPLY=($(compgen -W "${words}" -- "$word"))`,
        "      return ;;",
      ];
    }),
  );
  if (lines.length === 0) return "";
  const subject = `"\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD - 1]}"`;
  return [`  case ${subject} in`, ...lines, "  esac", ""].join("\n");
}

function fishScript(commands: readonly Completed[]): string {
  const lines = [
    `complete -c zerovm -n __fish_use_subcommand -l help -d ${quoted(HELP_OPTION.help)}`,
    `complete -c zerovm -n __fish_use_subcommand -l version -d ${quoted("Show the version")}`,
  ];
  for (const { name, summary, options, words } of commands) {
    const seen = `-n "__fish_seen_subcommand_from ${name}"`;
    lines.push(
      `complete -c zerovm -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...options.map((option) => `complete -c zerovm ${seen} ${fishOption(option)}`),
    );
    if (words.length > 0) lines.push(`complete -c zerovm ${seen} -a ${quoted(words.join(" "))}`);
  }
  return `${lines.join("\n")}\n`;
}

function fishOption(option: OptionSpec): string {
  const short = option.short === undefined ? "" : ` -s ${option.short}`;
  const needsValue = option.value !== undefined && option.optionalValue !== true;
  const value = needsValue ? (option.isPath === true ? " -r -F" : " -x") : "";
  const choices = option.choices === undefined ? "" : ` -a ${quoted(option.choices.join(" "))}`;
  return `-l ${option.name}${short}${value}${choices} -d ${quoted(option.help)}`;
}

/** In double quotes, which fish and the other shells read alike. */
function quoted(text: string): string {
  return `"${text.replace(/["$\\`]/g, "\\$&")}"`;
}
