import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { actionDigest } from '../../src/gate/digest.ts';
import { answerOf, OVERRIDE_MS } from '../../src/gate/holds.ts';
import { loadPolicy } from '../../src/gate/policy.ts';
import type { Policy } from '../../src/gate/types.ts';
import { HmsError } from '../../src/model/errors.ts';
import type { Draft } from '../../src/model/event.ts';
import { GateAnswer } from '../../src/protocol/messages.ts';
import { bash, Fleet, TTL_MS } from './fleet.ts';

const TEXT = `
@id("reads") permit (principal, action == Hms::Action::"Read", resource) when { context.risk < 30 };
@id("one") permit (principal, action, resource) when { context.approvalCount >= 1 };
@id("two") @ttl("2m") forbid (principal, action, resource) when { context.classes.contains("deploy") && context.approvalCount < 2 };
@id("lead") forbid (principal, action, resource) when { context.classes.contains("publish") && context.leadCount < 1 };
@id("bob") forbid (principal, action, resource) when { context.classes.contains("database") } unless { context.approvals.contains(Hms::Operator::"bob") };
`;

let policy: Policy;
let fleet: Fleet;
beforeAll(async () => {
  policy = (await loadPolicy([{ file: 'test.cedar', text: TEXT }])).policy;
});
beforeEach(() => {
  fleet = new Fleet(policy);
});

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof HmsError) return error.code;
    throw error;
  }
  return 'nothing was refused';
}

const kinds = (drafts: readonly Draft[]): string[] => drafts.map(draft => draft.kind);

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
