/** Shells and language interpreters: a script file, text on the command line, or standard input. */
import type { Call, Rule } from '../call.ts';
import type { ClassName } from '../classes.ts';
import { type OptionShape, Options } from '../options.ts';
import { each, type Table } from './rules.ts';

const shell: Rule = call => {
  const options = new Options(call.args, { takes: 'oOc', long: ['rcfile', 'init-file'], stop: true });
  const [text] = commandText(call);
  call.reads(...options.values('rcfile', 'init-file'));
  if (options.has('rcfile', 'init-file')) call.add('code');
  if (text) {
    call.runText(text);
    return;
  }
  const [file] = options.operands;
  if (file && !options.has('s') && !/^(?:\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0|-)$/.test(file.text)) {
    call.executes(file);
    if (!file.known) call.add('opaque');
    return;
  }
  readsProgram(call, true);
};

/** The text after -c: the first operand after options that include c, wherever it stands. */
function commandText(call: Call): readonly Call['args'][number][] {
  const at = call.args.findIndex(arg => /^-[a-zA-Z]*c[a-zA-Z]*$/.test(arg.text));
  if (at < 0) return [];
  const before = call.args.slice(0, at);
  // A script file before it takes it as its own argument.
  if (before.some((arg, i) => !/^[-+]/.test(arg.text) && !/^[-+][oO]$/.test(before[i - 1]?.text ?? '')))
    return [];
  const rest = call.args.slice(at + 1);
  const first = rest.findIndex(
    (arg, i) => !/^[-+]/.test(arg.text) && !/^[-+][oO]$/.test(rest[i - 1]?.text ?? ''),
  );
  return first < 0 ? [] : rest.slice(first, first + 1);
}

/** The program comes on standard input. */
function readsProgram(call: Call, isShell: boolean): void {
  switch (call.input.is) {
    case 'text':
      if (isShell) call.runner.text(call.input.text, call.scene, { is: 'nothing' });
      else {
        call.add('inline-code');
        mentions(call, call.input.text);
      }
      call.add('code');
      break;
    case 'fetched':
      call.add('remote-code');
      break;
    case 'names':
    case 'piped':
      call.add('opaque', 'inline-code');
      break;
    case 'nothing':
      call.add('code');
  }
}

interface Language extends OptionShape {
  /** Options whose value is program text. */
  readonly inline: readonly string[];
  /** Options that run something installed. */
  readonly module?: readonly string[];
}

function language(shape: Language): Rule {
  return call => {
    const options = new Options(call.args, { ...shape, stop: true });
    const texts = options.values(...shape.inline);
    if (options.exact('version') || options.exact('help') || options.has('V')) call.add('read');
    if (texts.length > 0) {
      call.add('inline-code');
      if (texts.some(text => text.from.some(from => call.runner.fetches(from)))) call.add('remote-code');
      if (texts.some(text => !text.known)) call.add('opaque');
      for (const text of texts) mentions(call, text.text);
      return;
    }
    if (shape.module && options.has(...shape.module)) {
      const [module] = options.values(...shape.module);
      call.add('code');
      call.sub = module?.text ?? '';
      if (/^(?:pip|ensurepip)$/.test(call.sub)) call.add('install', 'network');
      if (/^(?:http\.server|smtpd)$/.test(call.sub)) call.add('network', 'service');
      if (module && !module.known) call.add('opaque');
      return;
    }
    const [file] = options.operands;
    if (file && file.text !== '-' && file.text !== '/dev/stdin') {
      call.executes(file);
      if (!file.known) call.add('opaque');
    } else if (!options.exact('version') && !options.exact('help') && !options.has('V', 'v'))
      readsProgram(call, false);
  };
}

/** Words in program text that tell of great harm. It stays opaque to us; this only ever adds. */
const HARM: readonly (readonly [RegExp, ClassName])[] = [
  [
    /rmtree|rm_rf|rmSync|rimraf|unlinkSync|remove_tree|os\.remove|os\.unlink|FileUtils\.rm|fs\.rm\b/i,
    'recursive-delete',
  ],
  [
    /subprocess|os\.system|os\.popen|child_process|execSync|spawnSync|\bsystem\s*\(|`|\bexec\s*\(|qx[({/]/i,
    'opaque',
  ],
  [/requests\.|urllib|http\.client|\bfetch\s*\(|axios|socket\b|Net::HTTP|LWP/i, 'network'],
  [/\.ssh\/|\.aws\/|id_rsa|\.netrc|\.env\b/i, 'secrets'],
];

function mentions(call: Call, text: string): void {
  for (const [pattern, name] of HARM) if (pattern.test(text)) call.add(name);
}

const node = language({
  takes: 'epr',
  long: [
    'eval',
    'print',
    'require',
    'import',
    'loader',
    'experimental-loader',
    'env-file',
    'input-type',
    'test-reporter',
    'max-old-space-size',
  ],
  inline: ['e', 'p', 'eval', 'print'],
});

export const INTERPRETERS: Table = {
  ...each('sh bash zsh dash ksh mksh ash fish rbash csh tcsh yash pwsh', shell),
  ...each(
    'python python2 python3 python3.8 python3.9 python3.10 python3.11 python3.12 python3.13 python3.14 pypy pypy3 ipython',
    language({ takes: 'cmWXQ', inline: ['c'], module: ['m'] }),
  ),
  ...each('node nodejs', node),
  ...each('tsx ts-node ts-node-esm swc-node', node),
  deno: call => {
    const [sub, ...rest] = call.args;
    call.sub = sub?.text ?? '';
    call.add(
      /^(?:info|doc|lint|check|types|--version)$/.test(call.sub)
        ? 'read'
        : call.sub === 'eval' || call.sub === 'repl'
          ? 'inline-code'
          : 'code',
    );
    if (rest.some(arg => /^https?:/.test(arg.text))) call.add('remote-code');
  },
  ...each('ruby jruby', language({ takes: 'eIrCE', inline: ['e'] })),
  ...each('perl', language({ takes: 'eEIMm', inline: ['e', 'E'] })),
  ...each('php', language({ takes: 'rBREFdcS', inline: ['r', 'B', 'R', 'E'] })),
  ...each('lua luajit', language({ takes: 'el', inline: ['e'] })),
  ...each(
    'Rscript R julia ghci runghc elixir iex erl groovy scala clojure tclsh expect guile racket swipl octave matlab',
    language({ takes: 'eE', long: ['eval', 'execute'], inline: ['e', 'E', 'eval', 'execute'] }),
  ),
  ...each('java', call => call.add('code')),
};
