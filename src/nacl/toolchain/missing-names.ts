/** Functions that the sandbox has no use for, and what to do in their place. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:v?fork|exec(?:[lv][pe]*|ve)|posix_spawn\w*|popen|pclose|wait[34]|nice|setp?gid|setsid)$/,
    "there is no other process in the sandbox",
  ],
  [
    /^(?:pthread_|thrd_|mtx_|cnd_|tss_|sem_|sched_|call_once)\w*$|^__(?:tls_get_addr|emutls\w*)$/,
    "a program of the sandbox has one thread",
  ],
  [
    /^(?:socket(?:pair)?|bind|connect|listen|accept4?|shutdown|(?:send|recv)(?:to|from|msg)?)$/,
    "there are no sockets in the sandbox: declare a channel and open it as a file",
  ],
  [
    /^(?:get(?:addr|name)info|(?:get|set)sockopt|gethostby\w+|inet_\w+|if_\w+)$/,
    "there are no sockets in the sandbox: declare a channel and open it as a file",
  ],
  [/^m(?:map|unmap|protect|sync|advise|lock)\w*$/, "read the file into memory of malloc"],
  [/^dl(?:open|sym|close|error|addr)$/, "name all files of the program to zerovm cc"],
  [/^word(?:exp|free)$/, "there is no shell in the sandbox: glob finds names of files"],
  [/^n?ftw$|^fts_\w+$/, "go through folders with opendir and readdir"],
  [/^iconv(?:_open|_close)?$/, "letters are those of the locale: see mbrtowc"],
  [
    /^(?:p?select|p?poll|epoll_\w+|pause|u?alarm|[gs]etitimer|timer_\w+|pipe2?)$/,
    "nothing happens beside a program of the sandbox: read and write always answer",
  ],
  [
    /^sig(?:procmask|pending|suspend|wait|waitinfo|timedwait|altstack|queue)$|^killpg$/,
    "signals come of raise, kill and abort only, and are never blocked",
  ],
  [
    /^(?:tc[gs]\w+|cf[gs]et\w+|ioctl|ttyname(?:_r)?|ctermid|getpass|openpty|forkpty)$/,
    "there are no terminals in the sandbox: isatty tells what a descriptor is",
  ],
  [
    /^(?:l|f)?chown(?:at)?$|^(?:get|set)(?:e|re|res)?[ug]id$|^[gs]etgroups$/,
    "there are no users in the sandbox, and every file is the program's",
  ],
  [
    /^(?:clock_settime|settimeofday|adjtime|futimens|[fl]utimes|sethostname|[gs]etr(?:limit|usage))$/,
    "the session has one clock and limits that its manifest gives",
  ],
  [
    /^__[a-z]+tf[a-z]*\d?$|^__[a-z]+tc3$/,
    "numbers of 128 bits with a point (_Float128, __float128) have no library here: use double",
  ],
  [/^__[a-z]+xf[a-z]*\d?$|^__[a-z]+xc3$/, "numbers of 80 bits have no library here: use double"],
  [/^__(?:sanitizer|asan|ubsan|gcov|tsan|cyg_profile)\w*$/, "leave out the option that calls it"],
];

/** Names that the program gives, where it is one. */
const OWN: Readonly<Record<string, string>> = { main: "a program begins with int main" };

/** What is said of a name that is needed and that neither the program nor a library defines. */
export function missingNameMessage(name: string): string {
  const plain = name.replace(/\$.*$/, "");
  const advice = OWN[plain] ?? ADVICE.find(([pattern]) => pattern.test(plain))?.[1];
  const said = `"${plain}" is not defined`;
  return advice === undefined ? said : `${said}: ${advice}`;
}
