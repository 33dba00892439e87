/** What one fleet file changes against another: agent by agent, field by field, and what must end for it. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { AgentChange, FieldChange, FleetChange } from '../model/change.ts';
import type { AgentConfig } from '../model/fleet.ts';
import { oneLine } from '../model/text.ts';
import type { LoadedAgent, LoadedFleet } from './types.ts';

/** What a program got when it started: it has it until it ends. Everything else holds at once. */
const AT_START: readonly (keyof AgentConfig)[] = [
  'driver',
  'command',
  'cwd',
  'env',
  'endpoints',
  'gate',
  'worktree',
];
/** Only names are shown: a variable's value may be a secret, and the journal is for good. */
const HIDDEN: ReadonlySet<string> = new Set(['env', 'endpoints']);
/** Too many settings to be shown as one value: each is a field of its own. */
const OPENED: ReadonlySet<string> = new Set(['healing']);
/** Characters of a value that are shown. */
const SHOWN = 200;

export interface PolicyText {
  readonly file: string;
  readonly text: string;
}

/** A fleet file with the texts of its policies. */
export interface WithPolicies {
  readonly fleet: LoadedFleet;
  readonly policies: readonly PolicyText[];
}

export function fleetChange(before: WithPolicies, after: WithPolicies): FleetChange {
  const old = new Map(before.fleet.agents.map(agent => [agent.id, agent]));
  const now = new Set(after.fleet.agents.map(agent => agent.id));
  const agents = after.fleet.agents.flatMap(agent => {
    const known = old.get(agent.id);
    return known ? changed(known, agent) : [added(agent)];
  });
  const removed = before.fleet.agents
    .filter(agent => !now.has(agent.id))
    .map(({ id }): AgentChange => ({ agent: id, what: 'removed', fields: [], restart: false }));
  return { agents: [...agents, ...removed], fleet: ofFleet(before, after) };
}

export function isNothing({ agents, fleet }: FleetChange): boolean {
  return agents.length === 0 && fleet.length === 0;
}

function added({ id, config }: LoadedAgent): AgentChange {
  const fields = fieldsOf({}, config).filter(({ name }) => /^(driver|command|cwd|needs|gate)$/.test(name));
  return { agent: id, what: 'added', fields, restart: false };
}

function changed(before: LoadedAgent, after: LoadedAgent): readonly AgentChange[] {
  const fields = fieldsOf(before.config, after.config);
  if (fields.length === 0) return [];
  const restart = AT_START.some(key => !isDeepStrictEqual(before.config[key], after.config[key]));
  return [{ agent: after.id, what: 'changed', fields, restart }];
}

function fieldsOf(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): FieldChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap(name => {
    const [from, to] = [before[name], after[name]];
    if (isDeepStrictEqual(from, to)) return [];
    if (HIDDEN.has(name)) return variables(name, from, to);
    if (OPENED.has(name) && from !== undefined && to !== undefined)
      return fieldsOf(asRecord(from), asRecord(to)).map(one => ({ ...one, name: `${name}.${one.name}` }));
    return [{ name, from: shown(from), to: shown(to) }];
  });
}

/** `env.PORT`, with whether it was and is set, never to what. */
function variables(name: string, from: unknown, to: unknown): FieldChange[] {
  const [old, now] = [asRecord(from), asRecord(to)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter(key => !isDeepStrictEqual(old[key], now[key]))
    .map(key => ({
      name: `${name}.${key}`,
      from: key in old ? 'set' : '',
      to: key in now ? 'set otherwise' : '',
    }));
}

function ofFleet(before: WithPolicies, after: WithPolicies): FieldChange[] {
  const settings = ({ fleet, policies }: WithPolicies): Readonly<Record<string, unknown>> => {
    const { agents: _agents, policies: _policies, ...rest } = fleet.config;
    return { ...rest, policies: policies.map(policy => policy.file) };
  };
  const texts = new Map(before.policies.map(policy => [policy.file, policy.text]));
  const edited = after.policies
    .filter(({ file, text }) => texts.has(file) && texts.get(file) !== text)
    .map(({ file, text }) => ({
      name: oneLine(file, SHOWN),
      from: lines(texts.get(file) ?? ''),
      to: lines(text),
    }));
  return [...fieldsOf(settings(before), settings(after)), ...edited];
}

function lines(text: string): string {
  return `${text.split('\n').length} lines`;
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value, withoutValues), SHOWN);
}

function withoutValues(key: string, value: unknown): unknown {
  return key === 'env' ? Object.keys(asRecord(value)) : value;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
