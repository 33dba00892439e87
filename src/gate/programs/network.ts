import type { Call, Rule } from '../call.ts';
import { Options } from '../options.ts';
import type { Arg } from '../shell/expand.ts';
import { each, last, subcommands, type Table } from './rules.ts';

const isUrl = (arg: Arg): boolean => !arg.text.startsWith('-');

/** `@file` and `name=@file` read a file to send it. */
function sentFiles(values: readonly Arg[]): readonly Arg[] {
  return values.flatMap(arg => {
    const at = /(?:^|=)[@<](.+)$/.exec(arg.text)?.[1];
    return at === undefined ? [] : [{ ...arg, text: at.replace(/;.*$/, '') }];
  });
}

const curl: Rule = call => {
  const options = call.options({
    takes: 'AbcCdDeEFhHKmoPQrtTuUwxXyYz',
    long: [
      'data',
      'data-ascii',
      'data-binary',
      'data-raw',
      'data-urlencode',
      'json',
      'form',
      'form-string',
      'upload-file',
      'output',
      'output-dir',
      'request',
      'header',
      'user',
      'user-agent',
      'url',
      'config',
      'cookie',
      'cookie-jar',
      'max-time',
      'connect-timeout',
      'retry',
      'retry-delay',
      'proxy',
      'write-out',
      'dump-header',
      'referer',
      'cert',
      'key',
      'cacert',
      'capath',
      'resolve',
      'range',
      'limit-rate',
      'unix-socket',
      'netrc-file',
      'interface',
      'trace',
      'trace-ascii',
      'stderr',
    ],
  });
  const data = options.values(
    'd',
    'data',
    'data-ascii',
    'data-binary',
    'data-raw',
    'data-urlencode',
    'json',
    'F',
    'form',
    'form-string',
  );
  const uploads = options.values('T', 'upload-file');
  const method = options.values('X', 'request')[0]?.text.toUpperCase() ?? 'GET';
  call.add('network');
  call.names(...options.operands.filter(isUrl), ...options.values('url'));
  if (options.has('K', 'config')) call.add('unclear');
  if (data.length + uploads.length > 0 || !/^(?:GET|HEAD|OPTIONS)$/.test(method)) call.add('upload');
  call.reads(
    ...sentFiles(data),
    ...uploads,
    ...options.values('K', 'config', 'key', 'E', 'cert', 'netrc-file'),
    ...sentFiles(options.values('H', 'header', 'b', 'cookie')),
  );
  const outputs = options.values('o', 'output', 'output-dir');
  for (const file of outputs) call.downloads(file);
  call.writes(...options.values('c', 'cookie-jar', 'D', 'dump-header', 'trace', 'trace-ascii', 'stderr'));
  if (outputs.length > 0) call.add('write');
  if (options.has('O', 'remote-name', 'remote-name-all', 'J'))
    for (const url of options.operands) downloadsByName(call, url);
  // What an unknown variable sends is not known: a header, a query.
  if (call.args.some(arg => !arg.known)) call.add('unclear');
};

function downloadsByName(call: Call, url: Arg): void {
  call.add('write');
  const name = /([^/?#]+)(?:[?#].*)?$/.exec(url.text)?.[1];
  call.downloads({ ...url, text: name ?? '.' });
}

const wget: Rule = call => {
  const options = call.options({
    takes: 'oaOPeiBtTwQUDXIAR',
    long: [
      'output-document',
      'output-file',
      'append-output',
      'directory-prefix',
      'execute',
      'input-file',
      'post-data',
      'post-file',
      'body-data',
      'body-file',
      'method',
      'header',
      'user-agent',
      'tries',
      'timeout',
      'load-cookies',
      'save-cookies',
      'use-askpass',
    ],
  });
  call.add('network');
  call.names(...options.operands);
  const document = options.values('O', 'output-document');
  for (const file of document) if (file.text !== '-') call.downloads(file);
  if (document.length === 0 && !options.has('spider'))
    for (const url of options.operands) downloadsByName(call, url);
  if (document.some(file => file.text !== '-')) call.add('write');
  call.writes(
    ...options.values('o', 'a', 'output-file', 'append-output', 'P', 'directory-prefix', 'save-cookies'),
  );
  const sent = options.values('post-file', 'body-file');
  call.reads(...sent, ...options.values('i', 'input-file', 'load-cookies'));
  if (sent.length > 0 || options.has('post-data', 'body-data', 'method')) call.add('upload');
  if (options.has('e', 'execute', 'use-askpass')) call.add('inline-code');
};

/** ssh runs its command on the other machine; what it would do there is read as if it were here. */
const ssh: Rule = call => {
  const options = new Options(call.args, { takes: 'BbcDEeFIiJLlmOopQRSWw', stop: true });
  const [host, ...command] = options.operands;
  call.add('network', 'remote');
  call.reads(...options.values('i', 'F'));
  if (host) call.names(host);
  if (options.values('o').some(arg => /command|^include/i.test(arg.text) || !arg.known))
    call.add('inline-code');
  if (options.has('D', 'L', 'R', 'w')) call.add('upload');
  if (command.length === 0) return;
  // ssh joins its arguments with blanks and gives them to a shell there.
  const text = command.map(arg => arg.text).join(' ');
  call.runText(
    { text, known: command.every(arg => arg.known), glob: false, from: command.flatMap(arg => arg.from) },
    { ...call.scene, lost: true },
  );
};

const copyFar: Rule = call => {
  const options = call.options({ takes: 'cDFiJlOoPSX' });
  const into = last(options.operands);
  const far = (arg: Arg): boolean => /^[^/]+:|^(?:scp|sftp):/.test(arg.text);
  call.add('network', 'remote');
  if (options.has('S') || options.values('o').some(arg => /command/i.test(arg.text))) call.add('inline-code');
  call.reads(...options.operands.slice(0, -1).filter(arg => !far(arg)));
  call.names(...options.operands.filter(far));
  if (into.some(far)) call.add('upload');
  else for (const file of into) call.downloads(file);
};

const rawSocket: Rule = call => {
  const options = call.options({ takes: 'ecgGilLmopqswxX', long: ['exec', 'sh-exec', 'lua-exec'] });
  call.add('network', 'upload');
  call.names(...options.operands);
  if (
    options.has('e', 'c', 'exec', 'sh-exec', 'lua-exec') ||
    call.args.some(arg => /\b(?:exec|system):/i.test(arg.text))
  )
    call.add('remote-code');
};

const tellsFar: Rule = call => {
  call.add('read', 'network');
  call.names(...new Options(call.args, { takes: 'cWtiIspbqxykf' }).operands);
};

/** httpie: `http POST host name=value name@file`. */
const httpie: Rule = call => {
  const options = call.options({ takes: 'obhpAa', long: ['output', 'auth', 'print', 'style', 'pretty'] });
  call.add('network');
  call.names(...options.operands.slice(0, 2));
  for (const file of options.values('o', 'output')) call.downloads(file);
  if (
    options.operands.some(
      (arg, at) =>
        (at === 0 && /^(?:POST|PUT|PATCH|DELETE)$/i.test(arg.text)) || (at > 0 && /[=@]/.test(arg.text)),
    )
  )
    call.add('upload');
  call.reads(
    ...sentFiles(options.operands.map(arg => ({ ...arg, text: arg.text.replace(/^[^=@]*=?@/, '@') }))),
  );
};

const aws = subcommands(
  {
    's3 ls': ['read', 'network'],
    's3 cp': moves,
    's3 mv': moves,
    's3 sync': moves,
    's3 rm': ['infra-delete', 'network'],
    's3 rb': ['infra-delete', 'network'],
    's3 mb': ['deploy', 'network'],
    's3 presign': ['upload', 'network'],
    'sts get-caller-identity': ['read', 'network'],
    'sts assume-role': ['secrets', 'network'],
    'ssm get-parameter': ['secrets', 'network'],
    'secretsmanager get-secret-value': ['secrets', 'network'],
  },
  (call, args) => {
    const verb = args[0]?.text ?? '';
    call.sub = `${call.sub} ${verb}`;
    call.add('network');
    if (args[0] && !args[0].known) call.add('opaque');
    if (/^(?:describe|list|get|head|batch-get|lookup|search|filter|scan|query|wait|help)\b/.test(verb))
      call.add('read');
    else if (
      /^(?:delete|terminate|remove|purge|destroy|deregister|stop|disable|revoke|release|cancel|detach|abort|reset|empty)/.test(
        verb,
      )
    )
      call.add('infra-delete');
    else call.add('deploy');
  },
  {
    long: [
      'profile',
      'region',
      'output',
      'endpoint-url',
      'query',
      'cli-read-timeout',
      'cli-connect-timeout',
      'color',
      'ca-bundle',
    ],
  },
);

function moves(call: Call, args: readonly Arg[]): void {
  const options = new Options(args, {
    long: ['include', 'exclude', 'acl', 'profile', 'region', 'storage-class'],
  });
  const [from, to] = options.operands.slice(1);
  const far = (arg: Arg | undefined): boolean => /^(?:s3|gs):/.test(arg?.text ?? '');
  call.add('network');
  if (options.has('delete') || call.sub.endsWith('mv')) call.add('infra-delete');
  if (from) far(from) ? call.names(from) : call.reads(from);
  if (!to) return;
  if (far(to)) {
    call.add('upload');
    call.names(to);
  } else call.downloads(to);
}

export const NETWORK: Table = {
  curl,
  wget,
  wget2: wget,
  aria2c: wget,
  ...each('ssh autossh mosh slogin', ssh),
  sshpass: call => {
    const options = new Options(call.args, { takes: 'fdpP', stop: true });
    call.reads(...options.values('f'));
    call.run(options.operands);
  },
  ...each('scp sftp', copyFar),
  ...each('ftp lftp tftp telnet nc ncat netcat socat', rawSocket),
  ...each('ping ping6 dig nslookup host traceroute tracepath mtr whois drill', tellsFar),
  ...each('ip netstat ss', call => {
    const changes =
      /^(?:add|del|delete|set|flush|up|down|replace|change|append|netns|restore|-K|--kill|-b|-batch|--batch)$/;
    call.add(call.args.some(arg => changes.test(arg.text) || !arg.known) ? 'service' : 'read');
  }),
  ...each('ifconfig arp route', call => {
    // With one operand they show it, with more they set something.
    const { operands } = new Options(call.args);
    const shows = operands.length <= 1 && !call.args.some(arg => /^-[a-zA-Z]*[dsf]/.test(arg.text));
    call.add(shows ? 'read' : 'service');
  }),
  ...each('http https xh', httpie),
  ...each('mail mailx sendmail mutt msmtp', call => {
    call.add('upload', 'network');
    call.names(...call.options({ takes: 'sSrabcqu' }).operands);
  }),
  aws,
  ...each('ssh-keygen ssh-copy-id ssh-add', call => {
    const tells = call.args.some(arg => /^-[lF]/.test(arg.text));
    call.add(...(tells ? (['read'] as const) : (['secrets', 'persistence'] as const)));
    if (call.program === 'ssh-copy-id') call.add('remote', 'network');
  }),
  ...each('ngrok cloudflared localtunnel', call => call.add('network', 'upload', 'service')),
};
