import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { actionDigest } from '../../src/gate/digest.ts';
import { answerOf } from '../../src/gate/holds.ts';
import { loadPolicy } from '../../src/gate/policy.ts';
import type { Policy } from '../../src/gate/types.ts';
import { GateAnswer } from '../../src/protocol/messages.ts';
import { bash, codeOf, examplePolicy, Fleet, kinds, TTL_MS } from './fleet.ts';

let policy: Policy;
let fleet: Fleet;
beforeAll(async () => {
  policy = await examplePolicy();
});
beforeEach(() => {
  fleet = new Fleet(policy);
});

describe('a request', () => {
  it('that the policy permits is settled at once', () => {
    expect(kinds(fleet.ask('r-aaaa', bash('ls')))).toEqual(['gate.requested', 'gate.settled']);
    expect(fleet.find('r-aaaa')).toMatchObject({
      outcome: 'permitted',
      verdict: 'permit',
      needs: 0,
      expires: 0,
      rules: ['reads'],
    });
  });

  it('that the policy forbids is refused at once', () => {
    fleet.ask('r-aaaa', bash('rm -rf /'));
    expect(fleet.find('r-aaaa')).toMatchObject({ outcome: 'forbidden', rules: ['ruinous'] });
  });

  it('that is held waits, with an end', () => {
    expect(kinds(fleet.ask('r-aaaa', bash('touch x')))).toEqual(['gate.requested']);
    expect(fleet.state.pending['r-aaaa']).toMatchObject({
      needs: 1,
      from: '',
      outcome: null,
      expires: fleet.now + TTL_MS,
    });
    fleet.ask('r-bbbb', bash('kubectl apply -f x'));
    expect(fleet.state.pending['r-bbbb']).toMatchObject({ needs: 2, expires: fleet.now + 120_000 });
    fleet.ask('r-cccc', bash('touch y'), { ttlMs: 0 });
    expect(fleet.state.pending['r-cccc']).toMatchObject({ expires: 0 });
  });

  it('asked again with the same id goes on waiting', () => {
    fleet.ask('r-aaaa', bash('touch x'));
    expect(fleet.ask('r-aaaa', bash('touch x'))).toEqual([]);
    expect(Object.keys(fleet.state.pending)).toEqual(['r-aaaa']);
  });

  it('cannot take the id of another', () => {
    fleet.ask('r-aaaa', bash('touch x'));
    expect(codeOf(() => fleet.ask('r-aaaa', bash('touch y')))).toBe('request-reused');
    expect(codeOf(() => fleet.ask('r-aaaa', bash('touch x'), { agent: 'tester' }))).toBe('request-reused');
    fleet.decide('r-aaaa', 'bob', 'approve');
    expect(codeOf(() => fleet.ask('r-aaaa', bash('touch x')))).toBe('request-reused');
  });

  it.each(['observe', 'off'] as const)(
    'of an agent whose gate is %s passes, with the verdict on record',
    gate => {
      fleet.gate = gate;
      fleet.ask('r-aaaa', bash('touch x'));
      fleet.ask('r-bbbb', bash('rm -rf /'));
      expect(fleet.find('r-aaaa')).toMatchObject({
        outcome: 'permitted',
        verdict: 'hold',
        needs: 1,
        expires: 0,
      });
      expect(fleet.find('r-bbbb')).toMatchObject({
        outcome: 'permitted',
        verdict: 'forbid',
        reason: expect.stringContaining('forbid'),
      });
    },
  );
});

describe('a decision', () => {
  beforeEach(() => {
    fleet.ask('r-aaaa', bash('touch x'));
  });

  it('approves', () => {
    expect(kinds(fleet.decide('r-aaaa', 'bob', 'approve', { note: 'go on' }))).toEqual([
      'approval.decided',
      'gate.settled',
    ]);
    expect(fleet.find('r-aaaa')).toMatchObject({
      outcome: 'approved',
      reason: 'go on',
      approvals: [{ by: 'bob', decision: 'approve' }],
    });
  });

  it('denies with words', () => {
    fleet.decide('r-aaaa', 'bob', 'deny', { note: 'use git mv' });
    expect(fleet.find('r-aaaa')).toMatchObject({ outcome: 'denied', reason: 'use git mv' });
  });

  it('is made on what the person saw', () => {
    for (const decision of ['approve', 'deny', 'override'] as const) {
      const digest = actionDigest(bash('touch y'));
      expect(codeOf(() => fleet.decide('r-aaaa', 'ann', decision, { digest, note: 'x' }))).toBe('stale');
    }
  });

  it('comes too late once the hold has expired, even before anybody noticed', () => {
    fleet.now += TTL_MS;
    expect(codeOf(() => fleet.decide('r-aaaa', 'bob', 'approve'))).toBe('expired');
    expect(kinds(fleet.expire())).toEqual(['gate.settled']);
    expect(fleet.outcome('r-aaaa')).toBe('expired');
    expect(codeOf(() => fleet.decide('r-aaaa', 'bob', 'approve'))).toBe('already-ended');
  });

  it('is made once', () => {
    fleet.decide('r-aaaa', 'bob', 'deny');
    for (const decision of ['approve', 'deny', 'override'] as const) {
      expect(codeOf(() => fleet.decide('r-aaaa', 'ann', decision, { note: 'x' }))).toBe('already-ended');
    }
    expect(codeOf(() => fleet.decide('r-zzzz', 'bob', 'approve'))).toBe('unknown-request');
  });

  it('is not a viewer’s', () => {
    expect(codeOf(() => fleet.decide('r-aaaa', 'eve', 'approve'))).toBe('wrong-role');
    expect(codeOf(() => fleet.decide('r-aaaa', 'eve', 'deny'))).toBe('wrong-role');
  });

  it('counts each person once', () => {
    fleet.ask('r-bbbb', bash('kubectl apply -f x'));
    expect(kinds(fleet.decide('r-bbbb', 'bob', 'approve'))).toEqual(['approval.decided']);
    expect(codeOf(() => fleet.decide('r-bbbb', 'bob', 'approve'))).toBe('decided-already');
    expect(fleet.outcome('r-bbbb')).toBeNull();
    fleet.decide('r-bbbb', 'cat', 'approve');
    expect(fleet.find('r-bbbb')).toMatchObject({ outcome: 'approved', reason: 'approved by bob, cat' });
  });

  it('against one of two ends it', () => {
    fleet.ask('r-bbbb', bash('kubectl apply -f x'));
    fleet.decide('r-bbbb', 'bob', 'approve');
    fleet.decide('r-bbbb', 'cat', 'deny');
    expect(fleet.outcome('r-bbbb')).toBe('denied');
  });

  it('needs the role the policy asks for', () => {
    fleet.ask('r-bbbb', bash('npm publish'));
    expect(fleet.find('r-bbbb')).toMatchObject({ from: 'lead' });
    expect(codeOf(() => fleet.decide('r-bbbb', 'bob', 'approve'))).toBe('wrong-role');
    fleet.decide('r-bbbb', 'ann', 'approve');
    expect(fleet.outcome('r-bbbb')).toBe('approved');
  });

  it('of somebody else leaves it waiting where the policy names a person', () => {
    fleet.ask('r-bbbb', bash('psql -c "insert into a values (1)"'));
    fleet.decide('r-bbbb', 'ann', 'approve');
    expect(fleet.outcome('r-bbbb')).toBeNull();
    fleet.decide('r-bbbb', 'bob', 'approve');
    expect(fleet.outcome('r-bbbb')).toBe('approved');
  });

  it('is asked of the policy in force, not of the one before', async () => {
    const stricter = new Fleet(
      (
        await loadPolicy([
          { file: 'x', text: 'permit (principal, action == Hms::Action::"Read", resource);' },
        ])
      ).policy,
    );
    for (const event of fleet.events.slice(1)) stricter.take([event]);
    stricter.decide('r-aaaa', 'bob', 'approve');
    expect(stricter.find('r-aaaa')).toMatchObject({
      outcome: 'forbidden',
      reason: expect.stringContaining('the policy has changed'),
    });
  });

  it('later keeps it waiting', () => {
    fleet.defer('r-aaaa', 'bob');
    expect(fleet.find('r-aaaa')).toMatchObject({ outcome: null, deferredUntil: fleet.now + 1000 });
    fleet.decide('r-aaaa', 'bob', 'approve');
    expect(fleet.outcome('r-aaaa')).toBe('approved');
  });

  it('is not needed when the asker has gone', () => {
    fleet.withdraw('r-aaaa');
    expect(fleet.outcome('r-aaaa')).toBe('withdrawn');
    expect(fleet.withdraw('r-aaaa')).toEqual([]);
  });
});

describe('an edit', () => {
  it('lets the edited action run, and only that', () => {
    fleet.ask('r-aaaa', bash('rm -rf build'));
    fleet.decide('r-aaaa', 'bob', 'approve', { edit: { command: 'rm -rf build/cache' } });
    const ended = fleet.find('r-aaaa');
    const answer = ended && answerOf(ended);
    expect(GateAnswer.parse(answer)).toMatchObject({
      run: true,
      edited: true,
      action: bash('rm -rf build/cache'),
      digest: actionDigest(bash('rm -rf build/cache')),
    });
  });

  it('is refused where the asker cannot take it', () => {
    fleet.ask('r-aaaa', bash('touch x'), { edit: false });
    expect(codeOf(() => fleet.decide('r-aaaa', 'bob', 'approve', { edit: { command: 'ls' } }))).toBe(
      'cannot-edit',
    );
  });

  it('is judged like any other action', () => {
    fleet.ask('r-aaaa', bash('touch x'));
    const edited = (command: string, by = 'bob'): string =>
      codeOf(() => fleet.decide('r-aaaa', by, 'approve', { edit: { command } }));
    expect(edited('rm -rf /')).toBe('edit-forbidden');
    expect(edited('kubectl apply -f x')).toBe('edit-forbidden');
    expect(edited('npm publish')).toBe('edit-forbidden');
    expect(fleet.outcome('r-aaaa')).toBeNull();
    expect(edited('npm publish', 'ann')).toBe('nothing was refused');
    expect(fleet.outcome('r-aaaa')).toBe('approved');
  });

  it('is refused where others must agree to the same', () => {
    fleet.ask('r-aaaa', bash('kubectl apply -f x'));
    expect(codeOf(() => fleet.decide('r-aaaa', 'bob', 'approve', { edit: { command: 'ls' } }))).toBe(
      'cannot-edit',
    );
  });
});

describe('an answer', () => {
  it('lets run only what was let through', () => {
    fleet.ask('r-aaaa', bash('ls'));
    fleet.ask('r-bbbb', bash('rm -rf /'));
    fleet.ask('r-cccc', bash('touch x'));
    for (const [request, run] of [
      ['r-aaaa', true],
      ['r-bbbb', false],
    ] as const) {
      const ended = fleet.find(request);
      expect(ended && answerOf(ended)).toMatchObject({ run, edited: false, digest: ended?.digest });
    }
    const pending = fleet.find('r-cccc');
    expect(codeOf(() => pending && answerOf(pending))).toBe('still-pending');
  });
});
