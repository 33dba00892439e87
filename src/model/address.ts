/** Who can be written to: `agent:builder`, `operator:alice`, or one of the groups. One spelling in the journal. */
import { HmsError } from './errors.ts';
import { AgentId, OperatorId } from './ids.ts';
import type { FleetState } from './state.ts';

export const GROUPS = ['people', 'agents', 'all'] as const;
export type Group = (typeof GROUPS)[number];

/** `agent:NAME`, `operator:NAME`, or a group. */
export type Address = `agent:${string}` | `operator:${string}` | Group;

function isGroup(word: string): word is Group {
  return (GROUPS as readonly string[]).includes(word);
}

/**
 * What somebody wrote as an address: an agent's name, `@alice` for a person, `@people`, `@agents`, `@all`, or the
 * spelling of the journal. A bare group's name is the group unless an agent has that name. Throws HmsError
 * `unknown-address` for who is not there.
 */
export function parseAddress(text: string, { agents, operators }: Known): Address {
  const [, at = '', kind = '', name = ''] = /^(@?)(?:(agent|operator):)?(.*)$/s.exec(text.trim()) ?? [];
  if (kind !== 'operator' && at === '' && Object.hasOwn(agents, name)) return `agent:${AgentId.parse(name)}`;
  if (kind === '' && isGroup(name)) return name;
  if ((kind === 'operator' || (at !== '' && kind === '')) && OperatorId.safeParse(name).success) {
    // With nobody declared but the account itself, any name may attach and so be written to.
    if (Object.hasOwn(operators, name) || Object.keys(operators).length <= 1) return `operator:${name}`;
  }
  const people = Object.keys(operators).map(id => `@${id}`);
  throw new HmsError(
    'unknown-address',
    `nobody here is called ${JSON.stringify(text.trim().slice(0, 80))}`,
    `write to ${[...Object.keys(agents), ...people, '@people', '@agents', '@all'].join(', ')}`,
  );
}

type Known = Pick<FleetState, 'agents' | 'operators'>;

/** Is what is written to `to` for this reader (`agent:NAME`, `operator:NAME`)? */
export function isFor(to: string, reader: string): boolean {
  return (
    to === reader ||
    to === 'all' ||
    (to === 'agents' && reader.startsWith('agent:')) ||
    (to === 'people' && reader.startsWith('operator:'))
  );
}

/** Can people read it in an inbox of theirs? */
export function reachesPeople(to: string): boolean {
  return to === 'people' || to === 'all' || to.startsWith('operator:');
}

/** An address as people write it: `builder`, `@alice`, `@people`. */
export function written(address: string): string {
  const [, kind, name = ''] = /^(agent|operator):(.*)$/s.exec(address) ?? [];
  return kind === 'agent' ? name : `@${kind === undefined ? address : name}`;
}
