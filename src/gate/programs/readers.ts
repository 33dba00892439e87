/** Programs that only look, and the few of their options that do more. */
import type { Rule } from '../call.ts';
import { each, last, readsFiles, type Table, tells } from './rules.ts';

const grep = readsFiles({
  takes: 'efmABCdD',
  long: [
    'regexp',
    'file',
    'max-count',
    'after-context',
    'before-context',
    'context',
    'include',
    'exclude',
    'exclude-dir',
    'color',
    'label',
  ],
  skip: 1,
  noSkip: ['e', 'f', 'regexp', 'file'],
  input: ['f', 'file'],
});

const ripgrep = readsFiles({
  takes: 'efmABCgtTjdrEM',
  long: [
    'regexp',
    'file',
    'max-count',
    'after-context',
    'before-context',
    'context',
    'glob',
    'iglob',
    'type',
    'type-not',
    'replace',
    'max-depth',
    'sort',
    'color',
    'colors',
    'pre',
    'pre-glob',
    'threads',
    'encoding',
  ],
  skip: 1,
  noSkip: ['e', 'f', 'regexp', 'files', 'type-list'],
  input: ['f', 'file'],
  runs: ['pre', 'pager', 'hostname-bin', 'search-zip', 'z'],
});

/** `uniq IN OUT`, `xxd IN OUT`: a second operand is written. */
const secondIsOutput: Rule = call => {
  const [input, ...output] = call.options({
    takes: 'fswlcsogN',
    long: ['skip-fields', 'skip-chars', 'check-chars'],
  }).operands;
  call.add('read');
  if (input) call.reads(input);
  call.writes(...output);
};

const date: Rule = call => {
  const options = call.options({ takes: 'drsfIv', long: ['date', 'file', 'reference', 'set'] });
  const sets = options.has('s', 'set') || options.operands.some(arg => !arg.text.startsWith('+'));
  call.add(sets ? 'service' : 'read');
  call.reads(...options.values('f', 'r', 'file', 'reference'));
};

const hostname: Rule = call => call.add(call.options().operands.length > 0 ? 'service' : 'read');

/** sed scripts that only select and substitute; `w`, `e` and friends do more. */
const SED_PLAIN =
  /^(?:[\d$,~+!{};\s]|\/(?:[^/\\\n]|\\.)*\/I?|[pdqDPNnhHgGx=]|s([/|#,:@!])(?:(?!\1)[^\\\n]|\\.)*\1(?:(?!\1)[^\\\n]|\\.)*\1[gpiIm0-9]*(?=[;}\s]|$))*$/;

const sed: Rule = call => {
  const options = call.options({ takes: 'efl', long: ['expression', 'file', 'line-length'] });
  const scripts = options.values('e', 'expression');
  const given = scripts.length > 0 || options.has('f', 'file');
  const files = given ? options.operands : options.operands.slice(1);
  const plain = [...scripts, ...(given ? [] : options.operands.slice(0, 1))].every(
    arg => arg.known && SED_PLAIN.test(arg.text),
  );
  if (!plain || options.has('f', 'file')) call.add('inline-code');
  // -i may have its suffix attached; -E and -n never do.
  const inPlace = options.has('i', 'in-place') || call.args.some(arg => /^-[nErsz]*i/.test(arg.text));
  if (inPlace) call.writes(...files);
  else {
    call.add('read');
    call.reads(...files);
  }
};

/** awk programs without output redirects, pipes, system(), getline, indirect calls or extensions. */
const AWK_CODE = /[|>@]|system|getline|printf?\s*>|close\s*\(|-i\s/;

const awk: Rule = call => {
  const options = call.options({
    takes: 'FvfieEl',
    long: ['field-separator', 'assign', 'file', 'include', 'exec', 'load', 'source'],
  });
  const fromFile = options.has('f', 'i', 'e', 'E', 'l', 'file', 'include', 'exec', 'load', 'source');
  const program = fromFile ? undefined : options.operands[0];
  call.add('read');
  call.reads(...options.operands.slice(fromFile ? 0 : 1).filter(arg => !/^[A-Za-z_]\w*=/.test(arg.text)));
  if (!program?.known || AWK_CODE.test(program.text)) call.add('inline-code');
};

const openssl: Rule = call => {
  const [sub] = call.args;
  call.sub = sub?.text ?? '';
  if (
    sub?.known &&
    /^(?:version|help|list|dgst|sha\d+|md5|ciphers|prime|rand)$/.test(sub.text) &&
    !call.args.some(arg => /^-(?:out|writerand|engine|provider|sign)/.test(arg.text))
  )
    call.add('read');
  else call.add('program', 'write');
};

const jq = readsFiles({
  takes: 'fL',
  long: ['from-file', 'indent', 'rawfile', 'slurpfile'],
  skip: 1,
  noSkip: ['f', 'from-file'],
  input: ['f', 'from-file', 'rawfile', 'slurpfile'],
});

const bat = readsFiles({
  long: [
    'pager',
    'language',
    'style',
    'theme',
    'paging',
    'line-range',
    'highlight-line',
    'tabs',
    'wrap',
    'color',
  ],
  takes: 'lrHm',
  runs: ['pager'],
});

const pageFiles = readsFiles({
  takes: 'oOkPpTtxyz',
  output: ['o', 'O', 'log-file', 'LOG-FILE'],
  runs: ['k', 'lesskey-file'],
});

/** `less '+!rm x' file` starts with a command. */
const pager: Rule = call => {
  if (call.args.some(arg => arg.text.startsWith('+'))) call.add('inline-code');
  pageFiles(call);
};

const man = readsFiles({
  takes: 'PHMCLmrsSe',
  long: ['pager', 'html', 'config-file'],
  runs: ['P', 'H', 'pager', 'html', 'C', 'config-file'],
  skip: 99,
});

export const READERS: Table = {
  ...each(
    'echo printf true false : test [ pwd whoami id groups uname arch nproc uptime free seq expr basename dirname sleep tty who w last locale getconf logname users cal yes type jobs times wait df lsblk lscpu lsusb lspci lsmod vmstat iostat sw_vers ps pgrep pidof pstree tput factor numfmt tr printenv getent apropos whatis which whereis help',
    tells,
  ),
  ...each(
    'cat tac rev realpath readlink stat paste comm cmp md5sum md5 sha1sum sha224sum sha256sum sha384sum sha512sum shasum b2sum cksum sum zcat bzcat xzcat zstdcat gzcat lsof ls dir vdir exa eza lsd look',
    readsFiles(),
  ),
  file: readsFiles({ runs: ['C', 'compile'] }),
  wc: readsFiles({ input: ['files0-from'] }),
  ...each('head tail', readsFiles({ takes: 'ncs', long: ['lines', 'bytes', 'pid', 'sleep-interval'] })),
  cut: readsFiles({
    takes: 'dfbc',
    long: ['delimiter', 'fields', 'bytes', 'characters', 'output-delimiter'],
  }),
  nl: readsFiles({ takes: 'bdfhilnsvw' }),
  ...each('od hexdump hd', readsFiles({ takes: 'AjNtSwenfs' })),
  strings: readsFiles({ takes: 'ntesT' }),
  ...each(
    'column fold fmt expand unexpand',
    readsFiles({ takes: 'wstcN', long: ['width', 'tabs', 'separator', 'table-columns'] }),
  ),
  du: readsFiles({
    takes: 'dBtX',
    long: ['max-depth', 'block-size', 'threshold', 'exclude'],
    input: ['files0-from', 'X'],
  }),
  jq,
  ...each('grep egrep fgrep zgrep bzgrep xzgrep', grep),
  ...each('rg ag ack', ripgrep),
  diff: readsFiles({ takes: 'UCIxXFWS', long: ['unified', 'context', 'exclude', 'label'] }),
  join: readsFiles({ takes: 'aeijotv12' }),
  sort: readsFiles({
    takes: 'kotST',
    long: ['key', 'output', 'field-separator', 'buffer-size', 'compress-program', 'files0-from', 'parallel'],
    output: ['o', 'output'],
    input: ['files0-from'],
    runs: ['compress-program'],
  }),
  tree: readsFiles({ takes: 'LPIoH', output: ['o'] }),
  ...each('bat batcat', bat),
  ...each('less more most', pager),
  man,
  yq: call => {
    const options = call.options();
    call.add('read');
    if (options.has('i', 'inplace', 's', 'split-exp')) call.writes(...last(options.operands));
    else call.reads(...options.operands.slice(1));
  },
  xxd: call => {
    if (call.options({ takes: 'cglosnR' }).has('r')) call.add('write');
    secondIsOutput(call);
  },
  uniq: secondIsOutput,
  base64: readsFiles({ takes: 'wiob', output: ['o', 'output'], input: ['i'] }),
  base32: readsFiles({ takes: 'w' }),
  date,
  hostname,
  ...each('sed gsed', sed),
  ...each('awk gawk mawk nawk', awk),
  openssl,
};
