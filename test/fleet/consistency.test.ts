import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inconsistencies } from '../../src/fleet/consistency.ts';

/** A fleet of agents a0…an whose needs are `edges`. */
function fleet(needs: readonly (readonly number[])[]): unknown {
  const agents = needs.map((on, at) => [`a${at}`, { command: 'x', needs: on.map(to => `a${to}`) }]);
  return { agents: Object.fromEntries(agents) };
}

/** Whether every agent can be started once all it needs runs: the truth that a circle is the end of. */
function startable(needs: readonly (readonly number[])[]): boolean {
  const running = new Set<number>();
  for (let grew = true; grew; ) {
    grew = false;
    for (const [at, on] of needs.entries()) {
      if (!running.has(at) && on.every(to => running.has(to))) {
        running.add(at);
        grew = true;
      }
    }
  }
  return running.size === needs.length;
}

const graphs = fc
  .integer({ min: 1, max: 8 })
  .chain(size =>
    fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }),
  );

describe('needs', () => {
  test('are refused exactly when they let some agent never start', () => {
    fc.assert(
      fc.property(graphs, needs => {
        expect(inconsistencies(fleet(needs)).length === 0).toBe(startable(needs));
      }),
    );
  });

  test('every circle that is named is one', () => {
    fc.assert(
      fc.property(graphs, needs => {
        for (const { reason } of inconsistencies(fleet(needs))) {
          const ring = /circle: (.*)$/
            .exec(reason)?.[1]
            ?.split(' → ')
            .map(name => Number(name.slice(1)));
          for (const [at, from] of (ring ?? []).slice(0, -1).entries())
            expect(needs[from]).toContain(ring?.[at + 1]);
          if (ring) expect(ring.at(-1)).toBe(ring[0]);
        }
      }),
    );
  });
});

test('any value at all is looked at without a crash', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ agents: fc.jsonValue() })), value => {
      inconsistencies(value);
    }),
  );
});

test('rules of notifications are about agents and kinds there are', () => {
  const when = { agents: ['buidler', 'docs'], kinds: ['agent.failed', 'agent.faild'] };
  const value = {
    agents: { builder: { command: 'x' }, docs: { command: 'x' } },
    notifications: { a: { when } },
  };
  expect(inconsistencies(value)).toMatchObject([
    { path: ['notifications', 'a', 'when', 'agents', 0], hint: 'did you mean "builder"?' },
    { path: ['notifications', 'a', 'when', 'kinds', 1], hint: 'did you mean "agent.failed"?' },
  ]);
  expect(inconsistencies({ agents: value.agents, notifications: 'off' })).toEqual([]);
});

test('groups name agents that are there, each in one of them only', () => {
  const agents = { a: { command: 'x' }, b: { command: 'x' }, c: { command: 'x' } };
  const found = inconsistencies({
    agents,
    groups: { web: { agents: ['a', 'b', 'd'] }, other: { agents: ['c', 'b'] } },
  });
  expect(found.map(({ path, reason }) => [path.join('.'), reason])).toEqual([
    ['groups.web.agents.2', 'there is no agent "d"'],
    ['groups.other.agents.1', 'b is in web already'],
  ]);
});
