/** Projects to begin with: each is packed and runs as it is. */

interface Template {
  readonly summary: string;
  /** Paths of the project to texts; NAME in them is the name of the project. */
  readonly files: Readonly<Record<string, string>>;
}

const IGNORED = "bin/\n*.zapp\n";

const HELLO: Template = {
  summary: "one program that answers with a text",
  files: {
    "zapp.yaml": `# An application of ZeroCloud. zerovm check zapp.yaml shows what is wrong with it.
meta:
  name: "NAME"

# Compiled by zerovm pack with the system's clang and wasi-libc.
build:
  - program: bin/hello.wasm
    sources: [src/hello.c]

# What the bundle holds: paths and patterns.
bundling:
  - bin/*.wasm

# The job: which programs run, and what they may read and write.
execution:
  groups:
    - name: hello
      path: file://image:bin/hello.wasm
      args: ZeroCloud
      devices:
        - name: stdout # without a path: the answer
          content_type: text/plain
`,
    "src/hello.c": `#include <stdio.h>

int main(int argc, char **argv) {
    printf("Hello, %s!\\n", argc > 1 ? argv[1] : "world");
    return 0;
}
`,
    "README.md": `# NAME

\`\`\`sh
zerovm pack                       # compiles src/hello.c, makes NAME.zapp
zerovm run bin/hello.wasm you     # the program alone, on this machine
zerovm execute NAME.zapp          # the application, on a server (zerovm login first)
\`\`\`
`,
    ".gitignore": IGNORED,
  },
};

const FILTER: Template = {
  summary: "a program beside each object: lines that hold a word",
  files: {
    "zapp.yaml": `# One program beside every object that matches, all at once; the answers are put together.
meta:
  name: "NAME"

build:
  - program: bin/filter.wasm
    sources: [src/filter.c]

bundling:
  - bin/*.wasm

execution:
  groups:
    - name: filter
      path: file://image:bin/filter.wasm
      args: error
      devices:
        - name: stdin
          path: swift://~/logs/*.log # one node for each object
        - name: stdout
          content_type: text/plain
`,
    "src/filter.c": `#include <stdio.h>
#include <string.h>

/* Writes the lines of standard input that hold the word. */
int main(int argc, char **argv) {
    static char line[65536];
    const char *word = argc > 1 ? argv[1] : "";
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (strstr(line, word) != NULL) fputs(line, stdout);
    }
    return ferror(stdin) || fflush(stdout) != 0;
}
`,
    "data/logs/monday.log": "08:00 start\n09:12 error: no paper\n17:00 stop\n",
    "data/logs/tuesday.log": "08:00 start\n10:30 error: no ink\n17:00 stop\n",
    "README.md": `# NAME

\`\`\`sh
zerovm pack                                            # makes NAME.zapp
zerovm run bin/filter.wasm error < data/logs/monday.log
zerovm put data/logs/*.log logs/                       # objects to work on
zerovm execute NAME.zapp                               # beside both of them
\`\`\`
`,
    ".gitignore": IGNORED,
  },
};

const REST: Template = {
  summary: "a program that answers requests of HTTP",
  files: {
    "zapp.yaml": `# Answers GET /api/ACCOUNT/CONTAINER/any/path once it is deployed to CONTAINER.
meta:
  name: "NAME"

build:
  - program: bin/rest.wasm
    sources: [src/rest.c]

bundling:
  - bin/*.wasm

# zerovm deploy makes it the endpoint of its container.
rest: true

execution:
  groups:
    - name: rest
      path: file://image:bin/rest.wasm
      devices:
        - name: stdin # the body of the request
        - name: stdout
          content_type: message/cgi # begins with headers
`,
    "src/rest.c": `#include <stdio.h>
#include <stdlib.h>

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value == NULL ? "" : value;
}

/* Text of a client as JSON. */
static void print_json(const char *text) {
    putchar('"');
    for (; *text != '\\0'; text += 1) {
        unsigned char letter = (unsigned char)*text;
        if (letter == '"' || letter == '\\\\') printf("\\\\%c", letter);
        else if (letter < 0x20) printf("\\\\u%04x", letter);
        else putchar(letter);
    }
    putchar('"');
}

int main(void) {
    long bytes = 0;
    while (getchar() != EOF) bytes += 1;
    printf("Status: 200 OK\\nContent-Type: application/json\\n\\n{\\"method\\":");
    print_json(variable("REQUEST_METHOD"));
    printf(",\\"path\\":");
    print_json(variable("PATH_INFO"));
    printf(",\\"query\\":");
    print_json(variable("QUERY_STRING"));
    printf(",\\"body_bytes\\":%ld}\\n", bytes);
    return 0;
}
`,
    "README.md": `# NAME

\`\`\`sh
zerovm pack                                      # makes NAME.zapp
zerovm run -e REQUEST_METHOD=GET -e PATH_INFO=/x bin/rest.wasm < /dev/null
zerovm deploy api NAME.zapp                      # the endpoint of the container api
curl -H "X-Auth-Token: …" 'http://SERVER/api/ACCOUNT/api/items/7?full=1'
\`\`\`
`,
    ".gitignore": IGNORED,
  },
};

const PYTHON: Template = {
  summary: "a filter as above in Python, which nobody has to compile",
  files: {
    "zapp.yaml": `# One interpreter beside every object that matches. The server has it as its system image
# python: zerovm runtime image python makes the tar.
meta:
  name: "NAME"

bundling:
  - "*.py"

execution:
  groups:
    - name: filter
      path: file://python:python
      args: filter.py error
      devices:
        - name: python # the image, with the files of this bundle over it
        - name: stdin
          path: swift://~/logs/*.log # one node for each object
        - name: stdout
          content_type: text/plain
`,
    "filter.py": `"""Writes the lines of standard input that hold the word."""
import sys

word = sys.argv[1]
for line in sys.stdin:
    if word in line:
        sys.stdout.write(line)
`,
    "README.md": `# NAME

\`\`\`sh
zerovm run python filter.py error < monday.log   # the program alone, on this machine
zerovm pack                                      # makes NAME.zapp
zerovm put *.log logs/                           # objects to work on
zerovm execute NAME.zapp                         # beside each of them
\`\`\`
`,
    ".gitignore": "*.zapp\n",
  },
};

export const TEMPLATES = { hello: HELLO, filter: FILTER, rest: REST, python: PYTHON } as const;

export type TemplateName = keyof typeof TEMPLATES;

/**
 * The files of a new project, in the order in which they are made.
 * @param name letters, digits, `.`, `_` and `-`
 */
export function templateFiles(template: TemplateName, name: string): [string, string][] {
  return Object.entries(TEMPLATES[template].files).map(([path, text]) => {
    return [path, text.replaceAll("NAME", name)];
  });
}
