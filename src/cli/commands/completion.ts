import { ZvmError } from "../../base/index.ts";
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
}

async function loadCommands(): Promise<Completed[]> {
  const loaded: Completed[] = [];
  for (const [name, { summary, load }] of Object.entries(REGISTRY)) {
    const command = name === "completion" ? COMPLETION : await load();
    loaded.push({ name, summary, options: [...command.options, HELP_OPTION] });
  }
  return loaded;
}

function bashScript(commands: readonly Completed[], isZsh: boolean): string {
  const names = commands.map(({ name }) => name).join(" ");
  const cases = commands.map(({ name, options }) => {
    const words = options.map((option) => `--${option.name}`).join(" ");
    return `    ${name}) words="${words}" ;;`;
  });
  const zsh = isZsh ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  return `${zsh}_zerovm() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${names} --help --version"
  else
    case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    esac
  fi
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    @+*) COMPREPLY=($(compgen -f -P "@+" -- "\${word#@+}")) ;;
    @*) COMPREPLY=($(compgen -f -P "@" -- "\${word#@}")) ;;
    *)
      COMPREPLY=($(compgen -f -- "$word"))
      [ "$COMP_CWORD" -eq 1 ] && COMPREPLY+=($(compgen -W "$words" -- "$word"))
      ;;
  esac
}
complete -o filenames -F _zerovm zerovm
`;
}

function fishScript(commands: readonly Completed[]): string {
  const lines: string[] = [];
  for (const { name, summary, options } of commands) {
    lines.push(
      `complete -c zerovm -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...options.map((option) => fishOption(name, option)),
    );
  }
  return `${lines.join("\n")}\n`;
}

function fishOption(command: string, option: OptionSpec): string {
  const short = option.short === undefined ? "" : ` -s ${option.short}`;
  const value = option.value === undefined ? "" : " -r";
  const choices = option.choices === undefined ? "" : ` -a ${quoted(option.choices.join(" "))}`;
  const seen = `-n "__fish_seen_subcommand_from ${command}"`;
  const help = quoted(option.help);
  return `complete -c zerovm ${seen} -l ${option.name}${short}${value}${choices} -d ${help}`;
}

function quoted(text: string): string {
  return `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}'`;
}
