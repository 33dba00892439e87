/** Programs that run another: what counts is what is inside. */
import type { Call, Rule } from '../call.ts';
import { hijacks } from '../environment.ts';
import { type OptionShape, Options } from '../options.ts';
import { startingIn } from '../scene.ts';
import { type Arg, plainArg } from '../shell/expand.ts';
import { each, type Table } from './rules.ts';

/** Skips its own options and `skip` operands, then runs the rest. */
function wraps(shape: OptionShape = {}, skip = 0, before?: (call: Call, options: Options) => void): Rule {
  return call => {
    const options = new Options(call.args, { ...shape, stop: true });
    before?.(call, options);
    const rest = options.operands.slice(skip);
    if (rest.length === 0) call.add('read');
    call.run(rest);
  };
}

/** VAR=value words before the command, as sudo and env take them. */
function assigned(call: Call, operands: readonly Arg[]): readonly Arg[] {
  const first = operands.findIndex(arg => !/^[A-Za-z_]\w*=/.test(arg.text));
  const [assignments, rest] = first < 0 ? [operands, []] : [operands.slice(0, first), operands.slice(first)];
  if (
    assignments.some(arg =>
      hijacks(arg.text.replace(/=.*/s, ''), arg.known ? arg.text.replace(/^[^=]*=/, '') : undefined),
    )
  )
    call.add('hijack');
  return rest;
}

const asAnother = (takes: string, long: readonly string[]): Rule => {
  return call => {
    const options = new Options(call.args, { takes, long, stop: true });
    call.add('privilege');
    const [directory] = options.values('D', 'chdir');
    const scene = directory ? startingIn(call.scene, directory.text, directory.known) : call.scene;
    if (options.has('e', 'edit')) call.writes(...options.operands);
    else if (options.has('i', 's', 'login', 'shell') && options.operands.length > 0) {
      call.runText(joined(options.operands), scene);
    } else call.run(assigned(call, options.operands), scene);
  };
};

function joined(args: readonly Arg[]): Arg {
  return {
    text: args.map(arg => arg.text).join(' '),
    known: args.every(arg => arg.known),
    glob: false,
    from: args.flatMap(arg => arg.from),
  };
}

const su: Rule = call => {
  const options = new Options(call.args, {
    takes: 'cCsgG',
    long: ['command', 'session-command', 'shell', 'group'],
  });
  call.add('privilege');
  for (const text of options.values('c', 'command', 'session-command', 'C')) call.runText(text);
};

const env: Rule = call => {
  const options = new Options(call.args, {
    takes: 'uCSPa',
    long: ['unset', 'chdir', 'split-string', 'argv0'],
    stop: true,
  });
  const [directory] = options.values('C', 'chdir');
  const scene = directory ? startingIn(call.scene, directory.text, directory.known) : call.scene;
  const split = options.values('S', 'split-string');
  const rest = assigned(call, options.operands);
  // -S takes apart a whole command line; what follows are its further arguments.
  for (const text of split) call.runText(joined([text, ...options.operands]), scene);
  if (split.length > 0) return;
  if (rest.length === 0) call.add('read');
  call.run(rest, scene);
};

/** xargs: its input becomes further arguments, known only when it was written right there. */
const xargs: Rule = call => {
  const options = new Options(call.args, {
    takes: 'aEeIiLlnPsdJRS',
    long: [
      'arg-file',
      'delimiter',
      'max-args',
      'max-procs',
      'max-lines',
      'max-chars',
      'replace',
      'process-slot-var',
    ],
    stop: true,
  });
  const command = options.operands;
  call.reads(...options.values('a', 'arg-file'));
  const input: readonly Arg[] =
    call.input.is === 'text'
      ? call.input.text
          .split(/\s+/)
          .filter(Boolean)
          .slice(0, 64)
          .map(text => ({ text: text.replace(/['"\\]/g, ''), known: true, glob: false, from: [] }))
      : [
          {
            ...plainArg(call.input.is === 'names' ? './some-of-it' : '$…'),
            known: call.input.is === 'names',
            glob: true,
          },
        ];
  const [head] = command;
  call.add('read');
  if (!head) return;
  const hole = options.values('I', 'J', 'replace')[0]?.text || (options.has('i', 'replace') ? '{}' : '');
  // With a place holder each line goes in whole.
  const lines =
    call.input.is === 'text'
      ? call.input.text
          .split('\n')
          .map(line => line.trim())
          .filter(Boolean)
          .slice(0, 64)
          .map(plainArg)
      : input;
  const filled = hole === '' ? [...command, ...input] : command.flatMap(arg => fill(arg, hole, lines));
  // `xargs sh -c '… "$@"'`: the arguments are the script's own.
  call.run(filled, call.scene, { is: 'piped' });
};

function fill(arg: Arg, hole: string, input: readonly Arg[]): readonly Arg[] {
  if (!arg.text.includes(hole)) return [arg];
  return input.map(each => ({ ...each, text: arg.text.replaceAll(hole, each.text) }));
}

const timeout = wraps({ takes: 'ks', long: ['kill-after', 'signal'] }, 1);

/** A program given as a string to a shell: watch, flock -c, script -c. */
const watch: Rule = call => {
  const options = new Options(call.args, { takes: 'nq', long: ['interval', 'equexit'], stop: true });
  if (options.has('x', 'exec')) call.run(options.operands);
  else call.runText(joined(options.operands));
};

const flock: Rule = call => {
  const options = new Options(call.args, {
    takes: 'wE',
    long: ['timeout', 'wait', 'conflict-exit-code'],
    stop: true,
  });
  const [lock, ...rest] = options.operands;
  if (lock) call.writes(lock);
  const [flag, text] = rest;
  if (flag?.text === '-c' && text) call.runText(text);
  else call.run(rest);
};

const script: Rule = call => {
  const options = new Options(call.args, {
    takes: 'cIOBTmEo',
    long: ['command', 'log-in', 'log-out', 'log-io', 'log-timing'],
  });
  call.add('write');
  call.writes(...options.operands.slice(0, 1), ...options.values('I', 'O', 'B', 'T'));
  for (const text of options.values('c', 'command')) call.runText(text);
  // BSD: script FILE COMMAND…
  call.run(options.operands.slice(1));
};

const parallel: Rule = call => {
  const options = new Options(call.args, {
    takes: 'jNnLIaSC',
    long: [
      'jobs',
      'arg-file',
      'colsep',
      'joblog',
      'results',
      'sshlogin',
      'delay',
      'timeout',
      'retries',
      'tmpdir',
    ],
    stop: true,
  });
  if (options.has('S', 'sshlogin')) call.add('remote', 'network');
  const text = joined([
    ...options.operands.filter(arg => !/^:{3,4}\+?$/.test(arg.text)),
    { text: '$…', known: false, glob: true, from: [] },
  ]);
  call.add('unclear');
  call.runText({ ...text, known: true });
};

export const WRAPPERS: Table = {
  sudo: asAnother('ugCDhprtTRU', [
    'user',
    'group',
    'host',
    'prompt',
    'chdir',
    'chroot',
    'close-from',
    'role',
    'type',
    'other-user',
    'command-timeout',
  ]),
  doas: asAnother('uC', []),
  ...each('pkexec run0 gosu su-exec', call => {
    call.add('privilege');
    const options = new Options(call.args, { long: ['user', 'machine', 'unit'], takes: 'u', stop: true });
    call.run(options.operands.slice(/^(?:gosu|su-exec)$/.test(call.program) ? 1 : 0));
  }),
  su,
  ...each('runuser setpriv', call => {
    call.add('privilege');
    const options = new Options(call.args, { takes: 'cugG', long: ['command', 'user', 'group'], stop: true });
    for (const text of options.values('c', 'command')) call.runText(text);
    call.run(options.operands);
  }),
  env,
  ...each(
    'nohup setsid builtin noglob nocorrect - caffeinate unbuffer stdbuf eatmydata proxychains proxychains4 torsocks dbus-run-session',
    wraps({ takes: 'ioet', long: ['input', 'output', 'error'] }),
  ),
  command: call => {
    const options = new Options(call.args, { stop: true });
    if (options.has('v', 'V')) call.add('read');
    else call.run(options.operands);
  },
  exec: wraps({ takes: 'a' }),
  ...each('time gtime', wraps({ takes: 'fo', long: ['format', 'output'] })),
  ...each('nice', wraps({ takes: 'n', long: ['adjustment'] })),
  ionice: wraps({ takes: 'cnpPu', long: ['class', 'classdata', 'pid'] }),
  repeat: wraps({}, 1),
  ...each('taskset chrt numactl', wraps({ takes: 'pTPD' }, 1)),
  ...each('timeout gtimeout', timeout),
  ...each('xargs gxargs', xargs),
  parallel,
  watch,
  flock,
  script,
  ...each('chroot', call => {
    call.add('privilege');
    call.run(new Options(call.args, { long: ['userspec', 'groups'], stop: true }).operands.slice(1));
  }),
  ...each('unshare nsenter bwrap firejail', call => {
    call.add('privilege');
    // Their options are many; the command is where a known program's name begins.
    const at = call.args.findIndex(arg => arg.known && !arg.text.startsWith('-'));
    if (at >= 0) call.run(call.args.slice(at));
  }),
  'systemd-run': call => {
    call.add('service');
    call.run(
      new Options(call.args, {
        takes: 'pHMuEt',
        long: [
          'property',
          'unit',
          'uid',
          'gid',
          'on-calendar',
          'on-active',
          'setenv',
          'slice',
          'description',
          'working-directory',
        ],
        stop: true,
      }).operands,
    );
  },
  ...each('busybox toybox', wraps()),
  ...each('dotenv direnv doppler chamber infisical', call => {
    call.add('code');
    const dashes = call.args.findIndex(arg => arg.text === '--');
    call.run(call.args.slice(dashes + 1));
  }),
  'ssh-agent': wraps({ takes: 'at' }),
};
