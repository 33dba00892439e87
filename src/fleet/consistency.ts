/** What a schema cannot say: whether the parts of a fleet file fit each other. Pure. */
import * as z from 'zod';
import { KINDS } from '../model/event.ts';
import { AgentConfig } from '../model/fleet.ts';
import { alternativeName } from '../model/swap.ts';
import type { Finding, Path } from './issue.ts';
import { hintFor } from './suggest.ts';

/** The engine sets these for every agent. */
const OURS = ['HMS_AGENT', 'HMS_SOCKET', 'HMS_TOKEN'];

const Fleet = z.object({ notifications: z.unknown() }).catch({ notifications: {} });
const Grouped = z
  .object({ groups: z.record(z.string(), z.object({ agents: z.array(z.string()) })) })
  .catch({ groups: {} });
const Loose = z.object({ agents: z.record(z.string(), z.unknown()).catch({}) }).catch({ agents: {} });

/** The agents that are well-formed by themselves, so that a slip in one hides nothing about the others. */
export function soundAgents(value: unknown): ReadonlyMap<string, AgentConfig> {
  const { agents } = Loose.parse(value);
  return new Map(
    Object.entries(agents).flatMap(([id, raw]) => {
      const parsed = AgentConfig.safeParse(raw);
      return parsed.success ? [[id, parsed.data] as const] : [];
    }),
  );
}

export function inconsistencies(value: unknown): readonly Finding[] {
  const names = Object.keys(Loose.parse(value).agents);
  const agents = soundAgents(value);
  return [
    ...[...agents].flatMap(([id, agent]) => [
      ...commandOf(id, agent),
      ...envOf(id, agent),
      ...restartOf(id, agent),
      ...healingOf(id, agent),
      ...swapOf(id, agent),
    ]),
    ...[...agents].flatMap(([id, agent]) => needsOf(id, agent, names)),
    ...cycles(agents),
    ...groupsOf(Grouped.parse(value), names),
    ...ruleFindings(Fleet.parse(value).notifications, ['notifications'], names),
    ...nulls(value, []),
  ];
}

function commandOf(id: string, agent: AgentConfig): readonly Finding[] {
  if (agent.command === undefined) {
    if (agent.driver !== 'command') return [];
    const reason = 'there is no "command" to run';
    return [{ path: ['agents', id], atKey: true, reason, hint: 'for example: command: [npm, test]' }];
  }
  const program = typeof agent.command === 'string' ? agent.command.trim() : agent.command[0];
  if (program !== '') return [];
  return [{ path: ['agents', id, 'command'], reason: 'the program has no name', hint: '' }];
}

function envOf(id: string, agent: AgentConfig): readonly Finding[] {
  return ourVariables(agent.env, ['agents', id]);
}

function ourVariables(env: AgentConfig['env'], path: Path): Finding[] {
  return Object.keys(env)
    .filter(name => OURS.includes(name))
    .map(name => ({
      path: [...path, 'env', name],
      atKey: true,
      reason: 'hms-tui sets this itself',
      hint: 'remove it',
    }));
}

function restartOf(id: string, { restart }: AgentConfig): readonly Finding[] {
  if (restart.from <= restart.to) return [];
  const reason = 'the first delay, "from", is longer than the longest, "to"';
  return [{ path: ['agents', id, 'restart'], reason, hint: '' }];
}

/** Looks that could tell nothing: a freshness of no file, a command without a name, a look that outlasts the next. */
function healingOf(id: string, { healing }: AgentConfig): readonly Finding[] {
  if (!healing) return [];
  return (['probes', 'depends'] as const).flatMap(part =>
    Object.entries(healing[part]).flatMap(([name, { file, fresh, exec, timeout, every }]) => {
      const path = ['agents', id, 'healing', part, name];
      const found: Finding[] = [];
      if (fresh !== undefined && file === undefined)
        found.push({
          path: [...path, 'fresh'],
          reason: '"fresh" is about a file',
          hint: 'name it: file: PATH',
        });
      if (exec !== undefined && (typeof exec === 'string' ? exec.trim() : exec[0]) === '')
        found.push({ path: [...path, 'exec'], reason: 'the program has no name', hint: '' });
      if (every === 0)
        found.push({
          path: [...path, 'every'],
          reason: 'there is no time between two looks',
          hint: 'every: 10s',
        });
      if (timeout === 0)
        found.push({
          path: [...path, 'timeout'],
          reason: 'no look can be that quick',
          hint: 'timeout: 500ms',
        });
      return found;
    }),
  );
}

/** Alternatives that could not be told apart, or that its driver can do nothing with. */
function swapOf(id: string, { driver, healing }: AgentConfig): readonly Finding[] {
  const names = (healing?.swap ?? []).map(alternativeName);
  return (healing?.swap ?? []).flatMap((one, at) => {
    const path = ['agents', id, 'healing', 'swap', at];
    const found: Finding[] = ourVariables(one.env, path);
    if (names.indexOf(alternativeName(one)) !== at)
      found.push({ path, reason: 'another one has that name', hint: 'name: …' });
    if (driver === 'command' && one.model !== undefined) {
      const reason = 'the command driver cannot be told a model';
      found.push({
        path: [...path, 'model'],
        reason,
        hint: 'use env: with a variable that its program reads',
      });
    }
    return found;
  });
}

function needsOf(id: string, agent: AgentConfig, names: readonly string[]): readonly Finding[] {
  return agent.needs.flatMap((need, at) => {
    const path = ['agents', id, 'needs', at];
    if (need === id) return [{ path, reason: 'an agent cannot need itself', hint: '' }];
    if (names.includes(need)) return [];
    const others = names.filter(name => name !== id);
    return [{ path, reason: `there is no agent "${need}"`, hint: hintFor(need, others) }];
  });
}

/** Nobody is restarted by two groups, or by one that names nobody. */
function groupsOf({ groups }: z.infer<typeof Grouped>, names: readonly string[]): readonly Finding[] {
  const seen = new Map<string, string>();
  return Object.entries(groups).flatMap(([group, { agents }]) =>
    agents.flatMap((agent, at): readonly Finding[] => {
      const path = ['groups', group, 'agents', at];
      const other = seen.get(agent);
      seen.set(agent, group);
      if (!names.includes(agent))
        return [{ path, reason: `there is no agent "${agent}"`, hint: hintFor(agent, names) }];
      if (other === undefined) return [];
      return [{ path, reason: `${agent} is in ${other === group ? 'it' : other} already`, hint: '' }];
    }),
  );
}

const NOBODY = { agents: [], kinds: [] };
const Words = z.array(z.string()).catch([]);
const Rules = z
  .record(
    z.string(),
    z.object({ when: z.object({ agents: Words, kinds: Words }).catch(NOBODY) }).catch({ when: NOBODY }),
  )
  .catch({});

/**
 * Rules of notifications that could never tell anything: about agents that are not there, of kinds there are none of.
 * Without `agents` any name may be one: a person's own rules go with every fleet.
 */
export function ruleFindings(value: unknown, at: Path, agents?: readonly string[]): readonly Finding[] {
  return Object.entries(Rules.parse(value)).flatMap(([rule, { when }]) => {
    const strange = (key: 'agents' | 'kinds', known: readonly string[], what: string): readonly Finding[] =>
      when[key].flatMap((word, index) => {
        if (known.includes(word)) return [];
        const path = [...at, rule, 'when', key, index];
        return [{ path, reason: `there is no ${what} "${word}"`, hint: hintFor(word, known) }];
      });
    return [
      ...(agents ? strange('agents', agents, 'agent') : []),
      ...strange('kinds', KINDS, 'kind of event'),
    ];
  });
}

/** Each cycle once, named from the agent of it that the file has first. */
function cycles(agents: ReadonlyMap<string, AgentConfig>): readonly Finding[] {
  const done = new Set<string>();
  const found: Finding[] = [];
  const walk = (id: string, trail: readonly string[]): void => {
    const start = trail.indexOf(id);
    if (start >= 0) {
      const ring = [...trail.slice(start), id];
      if (ring.length > 2) {
        const reason = `agents need each other in a circle: ${ring.join(' → ')}`;
        found.push({ path: ['agents', id, 'needs'], reason, hint: 'none of them could ever start first' });
      }
      return;
    }
    if (done.has(id)) return;
    for (const need of agents.get(id)?.needs ?? []) walk(need, [...trail, id]);
    done.add(id);
  };
  for (const id of agents.keys()) walk(id, []);
  return found;
}

/** No program, path or environment variable can hold a NUL. */
export function nulls(value: unknown, path: Path): readonly Finding[] {
  if (typeof value === 'string') {
    return value.includes('\0') ? [{ path, reason: 'it holds a NUL character', hint: 'remove it' }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, at) => nulls(item, [...path, at]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => nulls(item, [...path, key]));
}
