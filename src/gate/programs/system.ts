/** Processes, services, the machine, terminal servers, and our own program in an agent's hands. */
import type { Rule } from '../call.ts';
import { Options } from '../options.ts';
import { always, each, subcommands, type Table } from './rules.ts';

const kill: Rule = call => {
  // Signals look like options and process groups like negative numbers: read the words themselves.
  const words = call.args.filter(arg => arg.text !== '--');
  const lists = words.some(arg => /^-[lL]$/.test(arg.text));
  if (lists) return call.add('read');
  const targets = words.filter(
    (arg, at) =>
      !(at === 0 && /^-(?:\d+|[A-Z0-9]+)$/i.test(arg.text) && words.length > 1) &&
      arg.text !== '-s' &&
      arg.text !== '-n',
  );
  call.add('process');
  call.names(...targets);
  if (targets.some(arg => /^-\d+$/.test(arg.text)) && targets.some(arg => arg.text === '-1'))
    call.add('process-all');
  if (targets.some(arg => arg.text === '1' || arg.text === '0')) call.add('process-all');
};

const service = subcommands(
  {
    ...Object.fromEntries(
      'status show list-units list-unit-files list-timers is-active is-enabled is-failed cat get-default list print list-dependencies'
        .split(' ')
        .map(name => [name, ['read'] as const]),
    ),
    ...Object.fromEntries(
      'enable disable mask unmask edit link set-default load bootstrap bootout unload'
        .split(' ')
        .map(name => [name, ['service', 'persistence'] as const]),
    ),
    ...Object.fromEntries(
      'poweroff reboot halt suspend hibernate kexec emergency rescue'
        .split(' ')
        .map(name => [name, ['power'] as const]),
    ),
  },
  ['service'],
  { takes: 'HMtpn', long: ['host', 'machine', 'type', 'state', 'property', 'lines'] },
);

const crontab: Rule = call => {
  const options = call.options({ takes: 'u' });
  if (options.has('l')) call.add('read');
  else {
    call.add('persistence', ...(options.has('r') ? (['delete'] as const) : []));
    call.reads(...options.operands);
  }
};

/** tmux on another server than the fleet's is an agent's own affair, but a bare kill-server ends whatever it finds. */
const tmux: Rule = call => {
  const options = new Options(call.args, { takes: 'cfLST', stop: true });
  const [sub, ...args] = options.operands;
  call.sub = sub?.text ?? '';
  if (sub && !sub.known) call.add('opaque');
  if (options.has('f')) call.add('inline-code');
  for (const text of options.values('c')) call.runText(text);
  // tmux takes any unambiguous beginning of a command's name, and aliases.
  const is = (...names: readonly string[]): boolean =>
    names.some(name => call.sub.length >= 4 && name.startsWith(call.sub)) || names.includes(call.sub);
  // A server of its own, by name, is never the fleet's: that one has a socket elsewhere.
  const other = options.values('L').some(name => name.known) && !options.has('S');
  if (is('kill-server')) call.add(other ? 'process' : 'terminal-server');
  else if (is('kill-session', 'kill-window', 'kill-pane', 'killw', 'killp'))
    call.add(other ? 'process' : 'terminal-server');
  else if (
    is(
      'list-sessions',
      'list-windows',
      'list-panes',
      'ls',
      'lsw',
      'lsp',
      'list-commands',
      'list-keys',
      'show-options',
      'has-session',
      'has',
      'display-message',
    ) &&
    !args.some(arg => arg.text.includes('#('))
  )
    call.add('read');
  else if (is('send-keys', 'send', 'paste-buffer', 'pasteb', 'set-buffer', 'load-buffer'))
    call.add('operator');
  else call.add('inline-code');
  // Several commands in one call, divided by a ;.
  if (args.some(arg => /kill-s|killw|killp|kill-p|kill-w/.test(arg.text))) call.add('terminal-server');
};

/** hms in an agent's hands: asking and reading are its own business, deciding and steering are not. */
const hms = subcommands(
  {
    // `gate run` asks by itself, for exactly the command that follows.
    'gate run': (call, args) => {
      call.add('question');
      const dashes = args.findIndex(arg => arg.text === '--');
      if (dashes >= 0) call.run(args.slice(dashes + 1));
    },
    'gate ask': ['question'],
    agent: ['internal'],
    hook: ['internal'],
    ...Object.fromEntries(
      [
        'status',
        'ls',
        'help',
        'version',
        'audit',
        'policy',
        'drivers',
        'approvals list',
        'approvals show',
      ].map(name => [name, ['read'] as const]),
    ),
  },
  ['operator'],
);

export const SYSTEM: Table = {
  kill,
  ...each('killall pkill killall5 xkill', call => {
    call.add('process-all');
    call.names(...call.options({ takes: 'sutgGPU' }).operands);
  }),
  fuser: call => call.add(call.args.some(arg => /^-[a-z]*k|^--kill/.test(arg.text)) ? 'process' : 'read'),
  ...each('renice strace ltrace gdb lldb ptrace dtrace', call => call.add('process', 'inline-code')),
  ...each('shutdown reboot halt poweroff init telinit', always('power')),
  ...each('systemctl service launchctl rc-service supervisorctl initctl', service),
  ...each('journalctl log', call =>
    call.add(call.args.some(arg => /^--(?:vacuum|rotate|flush)/.test(arg.text)) ? 'service' : 'read'),
  ),
  crontab,
  ...each('at batch', call => call.add('persistence', 'inline-code')),
  ...each('atq', call => call.add('read')),
  ...each(
    'mount umount swapon swapoff losetup modprobe insmod rmmod kextload sysctl iptables ip6tables nft ufw firewall-cmd pfctl setenforce',
    call => {
      const tells =
        call.args.length === 0 ||
        (call.program === 'sysctl' &&
          !call.args.some(arg => /^-[wp]|^--(?:system|load|write)|=/.test(arg.text)));
      call.add(tells ? 'read' : 'service');
      if (!tells) call.names(...call.args.filter(arg => !arg.text.startsWith('-')));
    },
  ),
  ...each(
    'useradd userdel usermod groupadd groupdel adduser deluser passwd chpasswd chsh chfn visudo gpasswd dscl',
    always('service', 'privilege'),
  ),
  ...each('defaults', call => call.add(call.args[0]?.text === 'read' ? 'read' : 'persistence')),
  ...each('hostnamectl timedatectl localectl update-alternatives update-rc.d', call =>
    call.add(call.args.some(arg => /^set/.test(arg.text)) ? 'service' : 'read'),
  ),
  ...each('security keyring secret-tool pass gpg gpg2 op bw lpass age sops', call => {
    call.add('secrets', 'write');
    call.reads(...new Options(call.args).operands.filter(arg => arg.text.includes('/')));
  }),
  tmux,
  ...each('screen zellij byobu', call =>
    call.add(
      call.args.some(arg => /^(?:-ls|-list|list-sessions)$/.test(arg.text))
        ? 'read'
        : call.args.some(arg => /kill|quit/.test(arg.text))
          ? 'terminal-server'
          : 'inline-code',
    ),
  ),
  ...each('hms hms-tui', hms),
  ...each('claude codex gemini opencode aider cursor-agent copilot goose', call => {
    call.add('internal', 'network', 'inline-code');
    if (call.args.some(arg => /dangerously|yolo|bypass|full-auto/i.test(arg.text)))
      call.add('agent-settings');
  }),
  ...each('osascript automator open xdg-open start', call => {
    call.add(call.program === 'osascript' ? 'inline-code' : 'program');
    call.names(...new Options(call.args).operands);
  }),
  ...each('pbcopy xclip xsel wl-copy clear reset stty tset', call => call.add('internal')),
  ...each('pbpaste wl-paste', call => call.add('read')),
  logger: call => call.add('write'),
};
