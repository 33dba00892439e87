/** Clusters, clouds and containers. */
import type { Call } from '../call.ts';
import type { ClassName } from '../classes.ts';
import { Options } from '../options.ts';
import type { Arg } from '../shell/expand.ts';
import { each, type SubRule, subcommands, type Table } from './rules.ts';

const ASKS: readonly ClassName[] = ['read', 'network'];
const DEPLOYS: readonly ClassName[] = ['deploy', 'network'];
const DESTROYS: readonly ClassName[] = ['infra-delete', 'network'];

function table(
  ...rows: readonly (readonly [names: string, rule: SubRule])[]
): Readonly<Record<string, SubRule>> {
  return Object.fromEntries(
    rows.flatMap(([names, rule]) => names.split(' ').map(name => [name, rule] as const)),
  );
}

/** Options of kubectl and helm after the sub-command that take a value. */
const NAMED = {
  takes: 'nfloLck',
  long: [
    'namespace',
    'filename',
    'values',
    'output',
    'selector',
    'context',
    'cluster',
    'kube-context',
    'container',
    'type',
    'patch',
    'set',
    'version',
    'timeout',
    'image',
    'replicas',
  ],
};
/** Options that say where: a namespace or cluster is a target too. */
const PLACES = ['n', 'namespace', 'context', 'cluster', 'kube-context'];

/** A rehearsal changes nothing. Only spelled out: `--dry-run`, `--dry-run=client`. */
function unlessRehearsed(rule: readonly ClassName[]): SubRule {
  return (call, args) => {
    const options = new Options(args, NAMED);
    const [value] = options.values('dry-run');
    call.names(...options.values(...PLACES));
    call.reads(...options.values('f', 'filename', 'values'));
    const rehearsed = options.exact('dry-run') && !/^(?:none|false)$/.test(value?.text ?? '');
    call.add(...(rehearsed ? ASKS : rule));
    call.names(...options.operands);
  };
}

/** What comes after `--` runs in the container or pod. */
const runsThere: SubRule = (call, args) => {
  call.add('remote', 'network');
  const dashes = args.findIndex(arg => arg.text === '--');
  if (dashes >= 0) call.run(args.slice(dashes + 1), { ...call.scene, lost: true });
};

const kubectl = subcommands(
  table(
    [
      'get describe logs top explain version cluster-info api-resources api-versions diff events wait',
      kubeReads,
    ],
    [
      'config',
      (call, args) =>
        call.add(
          ...(/^(?:view|get-.*|current-context)$/.test(args[0]?.text ?? '')
            ? (['read'] as const)
            : (['persistence'] as const)),
        ),
    ],
    ['auth', ASKS],
    ['delete', unlessRehearsed(DESTROYS)],
    ['drain', unlessRehearsed(DESTROYS)],
    [
      'apply create replace patch edit set scale autoscale rollout label annotate taint cordon uncordon expose run certificate',
      unlessRehearsed(DEPLOYS),
    ],
    ['exec attach debug', runsThere],
    ['cp', ['remote', 'network', 'upload']],
    ['port-forward proxy', ['network', 'service']],
  ),
  DEPLOYS,
  {
    before: (call, options) => call.names(...options.values(...PLACES)),
    takes: 'ns',
    long: [
      'namespace',
      'context',
      'cluster',
      'kubeconfig',
      'server',
      'token',
      'user',
      'as',
      'request-timeout',
    ],
  },
);

function kubeReads(call: Call, args: readonly Arg[]): void {
  call.add('read', 'network');
  const options = new Options(args, NAMED);
  const { operands } = options;
  call.names(...options.values(...PLACES));
  if (operands.some(arg => /^secrets?(?:\/|$|,)|,secrets?/.test(arg.text))) call.add('secrets');
  call.names(...operands);
}

const helm = subcommands(
  table(
    ['list ls status get history show search template lint version env', ASKS],
    ['uninstall delete del un', unlessRehearsed(DESTROYS)],
    ['repo plugin', ['install', 'network']],
    ['push', ['publish', 'network']],
    ['pull package dependency create', ['network', 'write']],
  ),
  unlessRehearsed(DEPLOYS),
  {
    before: (call, options) => call.names(...options.values(...PLACES)),
    takes: 'n',
    long: ['namespace', 'kube-context', 'kubeconfig'],
  },
);

const terraform = subcommands(
  table(
    [
      'plan show validate output version providers graph',
      (call, args) => {
        const options = new Options(args, { oneDash: true });
        call.add('read', 'network', 'code');
        call.writes(...options.values('out'));
      },
    ],
    ['fmt', ['write']],
    ['init get', ['install', 'network']],
    ['destroy down', DESTROYS],
    [
      'state',
      (call, args) => call.add(...(/^(?:list|show|pull)$/.test(args[0]?.text ?? '') ? ASKS : DESTROYS)),
    ],
    [
      'workspace',
      (call, args) => call.add(...(args[0]?.text === 'delete' ? DESTROYS : (['network', 'write'] as const))),
    ],
    ['console', ['inline-code']],
    [
      'apply up',
      (call, args) => call.add(...(args.some(arg => /^--?destroy/.test(arg.text)) ? DESTROYS : DEPLOYS)),
    ],
  ),
  DEPLOYS,
  { oneDash: true },
);

const CONTAINER = table(
  ['ps images inspect logs stats top port diff version info history events search df ls', ['read']],
  ['build pull start unpause create tag commit import load cp', ['container', 'network']],
  ['run', dockerRuns],
  ['exec', dockerExec],
  ['stop restart kill pause', ['container', 'process']],
  ['rm rmi', ['container-delete']],
  ['push', ['publish', 'network']],
  ['login logout', ['secrets', 'network']],
  ['save export', ['write']],
  ['prune', ['container-delete']],
  [
    'down',
    (call, args) =>
      call.add(
        'container',
        'process',
        ...(args.some(arg => /^(?:-v|--vol|--rmi)/.test(arg.text)) ? (['container-delete'] as const) : []),
      ),
  ],
);

/** docker and podman, with or without the group word: `docker rm`, `docker container rm`, `docker compose down`. */
const container: SubRule = (call, args) => {
  const options = new Options(args, {
    takes: 'Hcfpl',
    long: ['host', 'context', 'config', 'file', 'project-name', 'profile', 'project-directory', 'env-file'],
    stop: true,
  });
  const [first, ...rest] = options.operands;
  call.reads(...options.values('f', 'file', 'env-file'));
  if (!first) return call.add('read');
  if (!first.known) call.add('opaque');
  const groups =
    /^(?:container|image|volume|network|system|builder|compose|buildx|pod|machine|secret|stack|service|node|swarm|context|plugin|manifest)$/;
  if (groups.test(first.text)) {
    call.sub = `${call.sub}${first.text} `;
    if (
      /^(?:stack|service|swarm|node|secret)$/.test(first.text) &&
      !/^(?:ls|ps|inspect|logs)$/.test(rest[0]?.text ?? '')
    )
      call.add('deploy');
    return typeof container === 'function' ? container(call, rest) : undefined;
  }
  call.sub += first.text;
  const rule = Object.hasOwn(CONTAINER, first.text) ? CONTAINER[first.text] : undefined;
  if (typeof rule === 'function') rule(call, rest);
  else call.add(...(rule ?? (['container'] as const)));
  if (call.sub.startsWith('volume rm') || (call.sub.startsWith('system prune') && rest.length > 0))
    call.add('infra-delete');
};

/** Options of `docker run` that hand it the machine. */
const WIDE =
  /^--(?:privileged|cap-add|device|pid=host|network=host|net=host|userns=host|security-opt|ipc=host|uts=host)/;

function dockerRuns(call: Call, args: readonly Arg[]): void {
  const options = new Options(args, {
    takes: 'acehlmpuvw',
    long: [
      'name',
      'env',
      'env-file',
      'volume',
      'mount',
      'publish',
      'user',
      'workdir',
      'network',
      'net',
      'entrypoint',
      'label',
      'memory',
      'cpus',
      'hostname',
      'platform',
      'pull',
      'restart',
      'add-host',
      'cap-add',
      'cap-drop',
      'device',
      'security-opt',
      'pid',
      'ipc',
      'gpus',
      'shm-size',
      'tmpfs',
      'ulimit',
      'log-driver',
      'volumes-from',
      'cidfile',
    ],
    stop: true,
  });
  call.add('container', 'network', 'code');
  const [image] = options.operands;
  if (image) call.names(image);
  if (
    args.some(arg => WIDE.test(arg.text)) ||
    options.values('pid', 'network', 'net', 'ipc').some(arg => arg.text === 'host')
  )
    call.add('privilege');
  for (const volume of [...options.values('v', 'volume'), ...options.values('mount')]) {
    const from =
      /(?:^|,)(?:source|src)=([^,]+)/.exec(volume.text)?.[1] ?? /^([./~][^:]*):/.exec(volume.text)?.[1];
    if (from === undefined) continue;
    // The container may do to it what it likes.
    if (/:ro(?:,|$)|,readonly/.test(volume.text)) call.reads({ ...volume, text: from });
    else call.overhauls({ ...volume, text: from });
    if (from.endsWith('docker.sock')) call.add('privilege');
  }
}

function dockerExec(call: Call, args: readonly Arg[]): void {
  const options = new Options(args, {
    takes: 'euw',
    long: ['env', 'env-file', 'user', 'workdir', 'index'],
    stop: true,
  });
  call.add('container', 'code');
  call.names(...options.operands.slice(0, 1));
}

/** Command lines of clouds, whose verb stands somewhere in the middle: gcloud compute instances delete. */
const cloud: SubRule = (call, args) => {
  const words = [call.sub, ...args.map(arg => arg.text)].filter(text => !text.startsWith('-')).slice(0, 6);
  const has = (pattern: RegExp): boolean => words.some(word => pattern.test(word));
  call.sub = words.slice(0, 3).join(' ');
  call.add('network');
  if (args.some(arg => !arg.known)) call.add('unclear');
  if (has(/^(?:delete|destroy|remove|rm|purge|terminate|rb|apps:destroy|pg:reset|scale-down|undeploy)$/))
    call.add('infra-delete');
  else if (has(/secret|token|credential|^keys?$|^auth$|^login$/)) call.add('secrets');
  else if (
    has(/^(?:list|ls|describe|show|get|get-.*|logs|log|info|status|version|cat|read|tail|whoami|apps|ps)$/)
  )
    call.add('read');
  else call.add('deploy');
};

export const CLOUD: Table = {
  ...each('kubectl k oc k3s', kubectl),
  helm,
  ...each('terraform tofu terragrunt pulumi cdk cdktf sst', terraform),
  ...each('docker podman nerdctl docker-compose podman-compose', call => {
    container(call, call.args);
  }),
  ...each(
    'gcloud gsutil bq az doctl flyctl fly vercel netlify heroku railway render wrangler firebase supabase linode-cli hcloud oci ibmcloud eksctl kops nomad consul vault serverless sls amplify cf argocd flux',
    subcommands({}, cloud),
  ),
  ...each('ansible ansible-playbook salt puppet chef-client fab capistrano cap', call => {
    call.add('deploy', 'remote', 'network');
    call.names(...call.options({ takes: 'iulatem' }).operands);
  }),
  vagrant: call => {
    call.sub = call.args[0]?.text ?? '';
    call.add(
      ...(call.sub === 'destroy'
        ? DESTROYS
        : call.sub === 'status'
          ? (['read'] as const)
          : (['container'] as const)),
    );
  },
};
