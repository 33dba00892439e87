/**
 * Classes of effect: the words policies are written in. One table; the reference in docs/policy.md is made from it.
 * `risk` is what an action of that class scores by itself; an action scores the highest of its parts.
 */
import { type RiskLevel, riskLevel } from '../model/action.ts';

interface ClassInfo {
  /** 0–100, see `riskLevel`. */
  readonly risk: number;
  /** What a person reads first. */
  readonly effect: string;
  readonly about: string;
}

const TABLE = {
  read: { risk: 5, effect: 'reads', about: 'reads files or state and changes nothing' },
  internal: {
    risk: 5,
    effect: 'takes notes',
    about: "the agent's own bookkeeping: plans, to-do lists, sub-agents",
  },
  question: { risk: 20, effect: 'asks', about: 'a question to a person' },
  restart: {
    risk: 40,
    effect: 'starts an agent',
    about: 'an agent that used up its restarts would start again',
  },
  tuning: {
    risk: 40,
    effect: 'changes healing',
    about: 'other numbers and ladders, within their bounds, for agents at the level evolutionary',
  },
  network: { risk: 35, effect: 'uses the network', about: 'fetches from or talks to other machines' },
  write: { risk: 35, effect: 'changes files', about: 'creates or changes files' },
  'git-change': {
    risk: 35,
    effect: 'changes the repository',
    about: 'a local, recoverable change: commit, merge, tag',
  },
  program: { risk: 40, effect: 'runs a program', about: 'a program the tables do not know' },
  code: { risk: 40, effect: 'runs code', about: "runs the project's own code: scripts, builds, tests" },
  external: { risk: 45, effect: 'acts elsewhere', about: 'a tool of an MCP server or one not known here' },
  delete: { risk: 45, effect: 'deletes', about: 'deletes files' },
  permissions: {
    risk: 45,
    effect: 'changes permissions',
    about: 'changes owners, modes or attributes of files',
  },
  container: { risk: 45, effect: 'runs containers', about: 'builds, starts or changes containers' },
  'inline-code': {
    risk: 50,
    effect: 'runs code',
    about: 'code given on the command line or standard input: python -c, node -e',
  },
  install: { risk: 50, effect: 'installs', about: "installs packages, which runs other people's code" },
  process: { risk: 50, effect: 'ends processes', about: 'signals processes' },
  'recursive-delete': { risk: 55, effect: 'deletes', about: 'deletes whole directories' },
  database: { risk: 55, effect: 'changes data', about: 'statements to a database' },
  hijack: {
    risk: 60,
    effect: 'changes what runs',
    about: 'sets variables that decide which code other programs run: PATH, LD_PRELOAD',
  },
  ci: { risk: 60, effect: 'changes CI', about: 'changes files that a CI service runs' },
  outside: {
    risk: 60,
    effect: 'changes files outside',
    about: "changes something outside the agent's working directory",
  },
  'git-push': { risk: 60, effect: 'pushes', about: 'sends commits to another repository' },
  'git-discard': {
    risk: 62,
    effect: 'discards work',
    about: 'throws away uncommitted or unreferenced work: reset --hard, clean, branch -D',
  },
  remote: {
    risk: 65,
    effect: 'acts on another machine',
    about: 'runs commands on or copies to another machine',
  },
  secrets: {
    risk: 65,
    effect: 'touches secrets',
    about: 'names credential files: ~/.ssh, ~/.aws/credentials, .env',
  },
  service: {
    risk: 65,
    effect: 'changes services',
    about: 'starts, stops or configures services, users, mounts, firewalls',
  },
  chaos: {
    risk: 65,
    effect: 'breaks agents',
    about: 'breaks something of the fleet on purpose, for a bounded time, and takes it back',
  },
  'chaos-core': {
    risk: 75,
    effect: 'breaks the fleet’s core',
    about: 'as chaos, of the engine, its cells, or the tmux server',
  },
  upload: { risk: 70, effect: 'sends data out', about: 'sends files or data to another machine' },
  privilege: { risk: 70, effect: 'runs as another user', about: 'sudo, doas, su, setuid' },
  'container-delete': { risk: 70, effect: 'deletes', about: 'removes containers, images or volumes' },
  'git-history': {
    risk: 75,
    effect: 'rewrites history',
    about: 'push --force, remote deletes, filter-branch',
  },
  persistence: {
    risk: 75,
    effect: 'changes what runs later',
    about: 'shell start-up files, git hooks and config, cron, launch agents',
  },
  deploy: {
    risk: 80,
    effect: 'deploys',
    about: 'changes running infrastructure: kubectl apply, terraform apply, helm upgrade',
  },
  'system-path': { risk: 80, effect: 'changes the system', about: 'changes files of the operating system' },
  'agent-settings': {
    risk: 85,
    effect: 'changes agent settings',
    about: "changes an agent's own settings, hooks or permissions, or this fleet's policy",
  },
  publish: { risk: 90, effect: 'publishes', about: 'publishes a package, image or release' },
  'process-all': { risk: 90, effect: 'ends processes', about: 'signals every process, or by name' },
  'infra-delete': {
    risk: 92,
    effect: 'irreversible',
    about: 'destroys remote resources: kubectl delete, terraform destroy, aws s3 rm --recursive',
  },
  'database-destroy': {
    risk: 92,
    effect: 'irreversible',
    about: 'DROP, TRUNCATE, DELETE without WHERE, FLUSHALL',
  },
  power: { risk: 92, effect: 'stops the machine', about: 'shutdown, reboot' },
  'remote-code': {
    risk: 95,
    effect: 'runs code from the network',
    about: 'what was downloaded is run unseen: curl … | sh',
  },
  operator: {
    risk: 95,
    effect: 'acts as an operator',
    about: "an agent using the operators' side of hms: approving itself, changing modes, ending the fleet",
  },
  'chaos-outside': {
    risk: 95,
    effect: 'breaks what is not ours',
    about: 'chaos that names a process or a folder that is not the fleet’s',
  },
  'terminal-server': { risk: 95, effect: 'ends the fleet', about: 'tmux kill-server and its like' },
  'raw-device': {
    risk: 100,
    effect: 'irreversible',
    about: 'writes to a disk or kernel device, or makes a file system',
  },
  'fork-bomb': { risk: 100, effect: 'irreversible', about: 'a function that calls itself without end' },
  ruinous: {
    risk: 100,
    effect: 'irreversible',
    about: 'deletes, overwrites or opens up /, a home directory or a system directory as a whole',
  },
  unclear: {
    risk: 30,
    effect: 'not sure',
    about: 'names something that is only known when it runs: a variable, a substitution; scores 15 more',
  },
  opaque: {
    risk: 40,
    effect: 'not readable',
    about: 'cannot be read: broken syntax, a program named by a variable; scores one level (30) more',
  },
} as const satisfies Record<string, ClassInfo>;

export type ClassName = keyof typeof TABLE;
export const CLASSES: Readonly<Record<ClassName, ClassInfo>> = TABLE;

/** Classes whose effects stay where their targets are. All others reach beyond the working directory. */
const LOCAL: ReadonlySet<ClassName> = new Set<ClassName>([
  'read',
  'internal',
  'question',
  'write',
  'git-change',
  'program',
  'code',
  'delete',
  'permissions',
  'inline-code',
  'recursive-delete',
  'ci',
  'git-discard',
  'secrets',
  'persistence',
  'agent-settings',
  'database',
  'database-destroy',
]);

export function reachesOut(classes: Iterable<ClassName>): boolean {
  for (const name of classes) if (!LOCAL.has(name)) return true;
  return false;
}

const ORDER = Object.keys(TABLE);

/** Sorted as in the table, so that equal sets read equal. */
export function sortClasses(classes: Iterable<ClassName>): ClassName[] {
  return [...classes].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
}

/** The score of one part: its worst class, more where it could not be read. 0–100. */
export function riskOf(classes: ReadonlySet<ClassName>): number {
  let risk = 0;
  for (const name of classes) risk = Math.max(risk, TABLE[name].risk);
  if (classes.has('privilege')) risk += 10;
  if (classes.has('unclear')) risk += 15;
  if (classes.has('opaque')) risk += 30;
  return Math.min(100, risk);
}

/** What a person reads first about an action: the effect of its worst class. */
export function effectOf(classes: Iterable<ClassName>): string {
  let worst: ClassInfo | undefined;
  for (const name of classes) if (!worst || TABLE[name].risk > worst.risk) worst = TABLE[name];
  return worst?.effect ?? 'does nothing';
}

/** `high` for 60, as in the model. Kept here for the generated reference. */
export function levelOf(name: ClassName): RiskLevel {
  return riskLevel(TABLE[name].risk);
}
