import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OVERRIDE_MS } from '../../src/gate/holds.ts';
import type { Policy } from '../../src/gate/types.ts';
import { bash, codeOf, examplePolicy, Fleet, kinds } from './fleet.ts';

let policy: Policy;
let fleet: Fleet;
beforeAll(async () => {
  policy = await examplePolicy();
});
beforeEach(() => {
  fleet = new Fleet(policy);
});

describe('an override', () => {
  it('is a lead’s, with a reason', () => {
    fleet.ask('r-aaaa', bash('rm -rf /'));
    expect(codeOf(() => fleet.decide('r-aaaa', 'bob', 'override', { note: 'x' }))).toBe('wrong-role');
    expect(codeOf(() => fleet.decide('r-aaaa', 'ann', 'override', { note: '  ' }))).toBe('reason-needed');
    expect(kinds(fleet.decide('r-aaaa', 'ann', 'override', { note: 'a throw-away machine' }))).toEqual([
      'approval.decided',
      'grant.issued',
    ]);
    expect(fleet.outcome('r-aaaa')).toBe('forbidden');
  });

  it('lets exactly the same action of the same agent pass once, within ten minutes', () => {
    fleet.ask('r-aaaa', bash('rm -rf /'));
    fleet.decide('r-aaaa', 'ann', 'override', { note: 'yes' });
    fleet.ask('r-bbbb', bash('rm -rf /etc'));
    expect(fleet.outcome('r-bbbb')).toBe('forbidden');
    fleet.ask('r-cccc', bash('rm -rf /'), { agent: 'tester' });
    expect(fleet.outcome('r-cccc')).toBe('forbidden');
    fleet.ask('r-dddd', bash('rm -rf /'));
    expect(fleet.find('r-dddd')).toMatchObject({ outcome: 'overridden', reason: 'overridden by ann: yes' });
    fleet.ask('r-eeee', bash('rm -rf /'));
    expect(fleet.outcome('r-eeee')).toBe('forbidden');
    fleet.decide('r-eeee', 'ann', 'override', { note: 'again' });
    fleet.now += OVERRIDE_MS;
    fleet.ask('r-ffff', bash('rm -rf /'));
    expect(fleet.outcome('r-ffff')).toBe('forbidden');
  });

  it('of what is held lets it run now', () => {
    fleet.ask('r-aaaa', bash('kubectl apply -f x'));
    fleet.decide('r-aaaa', 'ann', 'override', { note: 'bob is asleep' });
    expect(fleet.find('r-aaaa')).toMatchObject({ outcome: 'overridden', reason: 'bob is asleep' });
  });
});

describe('a grant', () => {
  beforeEach(() => {
    fleet.ask('r-aaaa', bash('touch a'));
  });

  it('lets what is like it pass so often and so long', () => {
    fleet.grant('r-aaaa', 'bob', 2, 15);
    for (const [request, expected] of [
      ['r-bbbb', 'permitted'],
      ['r-cccc', 'permitted'],
      ['r-dddd', null],
    ] as const) {
      fleet.ask(request, bash('touch b'));
      expect(fleet.outcome(request)).toBe(expected);
    }
    expect(fleet.find('r-cccc')).toMatchObject({ reason: 'granted by bob, use 2 of 2', verdict: 'hold' });
  });

  it('ends with its time, or when it is revoked', () => {
    fleet.grant('r-aaaa', 'bob');
    fleet.now += 15 * 60_000;
    fleet.ask('r-bbbb', bash('touch b'));
    expect(fleet.outcome('r-bbbb')).toBeNull();
    fleet.grant('r-bbbb', 'bob');
    const [grant = ''] = Object.keys(fleet.state.grants).slice(-1);
    fleet.revoke(grant, 'cat');
    fleet.ask('r-cccc', bash('touch c'));
    expect(fleet.outcome('r-cccc')).toBeNull();
    expect(codeOf(() => fleet.revoke(grant, 'cat'))).toBe('unknown-grant');
  });

  it('leaves the list once it can cover nothing any more', () => {
    fleet.grant('r-aaaa', 'bob', 1);
    fleet.ask('r-bbbb', bash('mkdir x'));
    fleet.grant('r-bbbb', 'bob', 5);
    fleet.ask('r-cccc', bash('touch c'));
    expect(fleet.outcome('r-cccc')).toBe('permitted');
    expect(kinds(fleet.expire())).toEqual(['grant.revoked']);
    expect(Object.values(fleet.state.grants).map(grant => grant.uses)).toEqual([5]);
    fleet.now += 15 * 60_000;
    fleet.expire();
    expect(fleet.state.grants).toEqual({});
  });

  it.each([
    ['another program', 'mkdir b'],
    ['another place', 'touch ../b'],
    ['another effect', 'touch .git/hooks/x'],
    ['more programs', 'touch b; npm test'],
    ['what is forbidden', 'touch b; rm -rf /'],
    ['what cannot be read', 'touch $B'],
    ['what needs two', 'touch b; kubectl apply -f x'],
  ])('does not cover %s', (_, command) => {
    fleet.grant('r-aaaa', 'bob');
    fleet.ask('r-bbbb', bash(command));
    expect(fleet.outcome('r-bbbb')).not.toBe('permitted');
  });

  it('covers another agent no more', () => {
    fleet.grant('r-aaaa', 'bob');
    fleet.ask('r-bbbb', bash('touch b'), { agent: 'tester' });
    expect(fleet.outcome('r-bbbb')).toBeNull();
  });

  it('covers only the same again where the text says more than its classes', () => {
    fleet.ask('r-bbbb', bash('python -c "print(1)"'));
    fleet.grant('r-bbbb', 'bob');
    fleet.ask('r-cccc', bash('python -c "print(2)"'));
    expect(fleet.outcome('r-cccc')).toBeNull();
    fleet.ask('r-dddd', bash('python -c "print(1)"'));
    expect(fleet.outcome('r-dddd')).toBe('permitted');
  });

  it('is not given for what is forbidden, critical, or needs more than the one who gives it', () => {
    fleet.ask('r-bbbb', bash('rm -rf /'));
    fleet.ask('r-cccc', bash('kubectl delete ns x'));
    fleet.ask('r-dddd', bash('kubectl apply -f x'));
    fleet.ask('r-eeee', bash('npm publish'));
    expect(codeOf(() => fleet.grant('r-bbbb', 'ann'))).toBe('cannot-grant');
    expect(codeOf(() => fleet.grant('r-cccc', 'ann'))).toBe('cannot-grant');
    expect(codeOf(() => fleet.grant('r-dddd', 'ann'))).toBe('cannot-grant');
    expect(codeOf(() => fleet.grant('r-eeee', 'bob'))).toBe('wrong-role');
    expect(codeOf(() => fleet.grant('r-aaaa', 'eve'))).toBe('wrong-role');
  });
});

describe('a cell’s request', () => {
  it('is held and approved like any other, and no grant answers it', () => {
    const again = { tool: 'agent.restart', input: { agent: 'builder', reason: 'x' }, cwd: '/home/ann/shop' };
    fleet.ask('r-aaaa', again, { type: 'cell', ttlMs: 0 });
    expect(fleet.find('r-aaaa')).toMatchObject({
      outcome: null,
      via: 'cell',
      expires: 0,
      facts: { verb: 'Restart' },
    });
    fleet.grant('r-aaaa', 'bob');
    fleet.ask('r-bbbb', again, { type: 'cell', ttlMs: 0 });
    expect(fleet.outcome('r-bbbb')).toBeNull();
    fleet.decide('r-aaaa', 'bob', 'approve');
    expect(fleet.outcome('r-aaaa')).toBe('approved');
  });
});
