import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takenAlong } from '../../../src/cells/supervisor/groups.ts';
import { AgentConfig } from '../../../src/model/fleet.ts';
import type { GroupConfig } from '../../../src/model/group.ts';
import { AgentId } from '../../../src/model/ids.ts';

const name = (at: number): AgentId => AgentId.parse(`a${at}`);

/** Agents that need only earlier ones of a shuffled order, a group of some of them in any order, and one of the group. */
const worlds = fc
  .integer({ min: 2, max: 8 })
  .chain(size =>
    fc.record({
      needs: fc.tuple(...Array.from({ length: size }, (_, at) => fc.subarray([...Array(at).keys()]))),
      order: fc.shuffledSubarray([...Array(size).keys()], { minLength: size }),
      members: fc.shuffledSubarray([...Array(size).keys()], { minLength: 2 }),
      first: fc.nat(),
      restart: fc.constantFrom('one_for_one', 'one_for_all', 'rest_for_one' as const),
    }),
  )
  .map(({ needs, order, members, first, restart }) => {
    const agents = new Map(
      order.map(at => {
        const config = AgentConfig.parse({ command: 'x', needs: (needs[at] ?? []).map(name) });
        return [name(at) as string, { id: name(at), config }] as const;
      }),
    );
    const group: GroupConfig = { agents: members.map(name), restart };
    const id = name(members[first % members.length] ?? 0);
    const needsAll = (of: string): ReadonlySet<string> =>
      new Set((agents.get(of)?.config.needs ?? []).flatMap(need => [need, ...needsAll(need)]));
    return { agents, group, id, needsAll };
  });

test('each starts after all of the group that it needs, and all are of the group, once', () => {
  fc.assert(
    fc.property(worlds, ({ agents, group, id, needsAll }) => {
      const { before, after } = takenAlong(group, agents, id);
      const order = [...before, id, ...after];
      expect(new Set(order).size).toBe(order.length);
      for (const [at, one] of order.entries()) {
        expect(group.agents).toContain(one);
        for (const later of order.slice(at + 1)) expect(needsAll(one).has(later)).toBe(false);
      }
    }),
  );
});

test('one_for_all takes all, one_for_one none, rest_for_one whoever needs it and nobody it needs', () => {
  fc.assert(
    fc.property(worlds, ({ agents, group, id, needsAll }) => {
      const { before, after } = takenAlong(group, agents, id);
      const along = [...before, ...after];
      const others = group.agents.filter(one => one !== id);
      if (group.restart === 'one_for_one') expect(along).toEqual([]);
      if (group.restart === 'one_for_all') expect(along.toSorted()).toEqual(others.toSorted());
      if (group.restart === 'rest_for_one') {
        for (const one of others) if (needsAll(one).has(id)) expect(along).toContain(one);
        for (const one of along) expect(needsAll(id).has(one)).toBe(false);
      }
    }),
  );
});

test('where none needs another they start as the group lists them, whatever the order of the file', () => {
  const config = AgentConfig.parse({ command: 'x' });
  const agents = new Map([0, 1, 2, 3].map(at => [name(at) as string, { id: name(at), config }]));
  const group: GroupConfig = { agents: [name(3), name(1), name(0)], restart: 'rest_for_one' };
  expect(takenAlong(group, agents, name(1))).toEqual({ before: [], after: [name(0)] });
  expect(takenAlong({ ...group, restart: 'one_for_all' }, agents, name(1))).toEqual({
    ...{ before: [name(3)], after: [name(0)] },
  });
});
