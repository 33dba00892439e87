import * as fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { actionDigest } from '../../src/gate/digest.ts';
import { answerOf, OVERRIDE_MS } from '../../src/gate/holds.ts';
import { loadPolicy } from '../../src/gate/policy.ts';
import type { Policy } from '../../src/gate/types.ts';
import { HmsError } from '../../src/model/errors.ts';
import type { Data, Event } from '../../src/model/event.ts';
import { bash, Fleet, ROLES } from './fleet.ts';

/** What the policy below asks for, said a second time in other words. */
const NEEDS: Readonly<Record<string, 'nothing' | 'one' | 'two' | 'lead' | 'never'>> = {
  ls: 'nothing',
  'touch a': 'one',
  'touch b': 'one',
  'mkdir a': 'one',
  'kubectl apply -f x': 'two',
  'npm publish': 'lead',
  'rm -rf /': 'never',
};
const COMMANDS = Object.keys(NEEDS);
const TEXT = `
permit (principal, action == Hms::Action::"Read", resource);
permit (principal, action, resource) when { context.approvalCount >= 1 };
forbid (principal, action, resource) when { context.classes.contains("deploy") && context.approvalCount < 2 };
forbid (principal, action, resource) when { context.classes.contains("publish") && context.leadCount < 1 };
`;

type Op =
  | { do: 'ask'; again: boolean; request: number; command: string; agent: string; edit: boolean }
  | {
      do: 'decide';
      request: number;
      by: string;
      decision: 'approve' | 'deny' | 'override';
      edit: string;
      shown: string;
      note: string;
    }
  | { do: 'grant'; request: number; by: string; uses: number }
  | { do: 'revoke'; grant: number; by: string }
  | { do: 'defer'; request: number; by: string }
  | { do: 'withdraw'; request: number }
  | { do: 'expire' }
  | { do: 'wait'; ms: number }
  | { do: 'restart' };

/** One of the last few requests. */
const request = fc.nat(3);
const by = fc.constantFrom(...Object.keys(ROLES));
const command = fc.constantFrom(...COMMANDS);
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      again: fc.oneof(
        { weight: 5, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
      request,
      command,
      agent: fc.constantFrom('builder', 'tester'),
      edit: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      request,
      by,
      decision: fc.constantFrom('approve', 'approve', 'approve', 'deny', 'override'),
      edit: fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: command }),
      shown: fc.oneof({ weight: 6, arbitrary: fc.constant('') }, { weight: 1, arbitrary: command }),
      note: fc.constantFrom('', 'because'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('grant' as const), request, by, uses: fc.constantFrom(1, 2) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), grant: fc.nat(3), by }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('defer' as const), request, by }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), request }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 1, 20_000, 60_000, OVERRIDE_MS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

function run(fleet: Fleet, step: Op): void {
  const asked = [
    ...new Set(fleet.events.flatMap(event => (event.kind === 'gate.requested' ? [event.data.request] : []))),
  ];
  const open = Object.keys(fleet.state.pending);
  const id = (back: number): string => {
    const among = back > 0 && open.length > 0 ? open : asked;
    return among.at(-1 - (back % Math.max(1, among.length))) ?? 'r-none';
  };
  switch (step.do) {
    case 'ask':
      fleet.ask(
        step.again ? id(step.request) : `r-${String(asked.length).padStart(4, '0')}`,
        bash(step.command),
        { agent: step.agent, edit: step.edit },
      );
      break;
    case 'decide': {
      const edit = step.edit ? { edit: { command: step.edit } } : {};
      const digest = step.shown ? { digest: actionDigest(bash(step.shown)) } : {};
      fleet.decide(id(step.request), step.by, step.decision, { note: step.note, ...edit, ...digest });
      break;
    }
    case 'grant':
      fleet.grant(id(step.request), step.by, step.uses, 1);
      break;
    case 'revoke':
      fleet.revoke(Object.keys(fleet.state.grants)[step.grant] ?? 'g-none', step.by);
      break;
    case 'defer':
      fleet.defer(id(step.request), step.by);
      break;
    case 'withdraw':
      fleet.withdraw(id(step.request));
      break;
    case 'expire':
      fleet.expire();
      break;
    case 'wait':
      fleet.now += step.ms;
      break;
    case 'restart':
      fleet.state = fleet.restarted();
  }
}

/** Everything the journal says about one request, read without the reducer. */
interface Story {
  readonly asked: Data<'gate.requested'>;
  readonly decided: { readonly by: string; readonly data: Data<'approval.decided'> }[];
  settled?: Data<'gate.settled'>;
}

interface Grant {
  readonly data: Data<'grant.issued'>;
  readonly by: string;
  used: number;
  revoked: boolean;
}

/** Goes through the journal as an auditor would: was everything that ran allowed to? */
function audit(events: readonly Event[]): { ran: number } {
  const stories = new Map<string, Story>();
  const grants = new Map<string, Grant>();
  let ran = 0;
  for (const { kind, data, actor, time } of events as readonly Event[]) {
    if (kind === 'gate.requested') {
      expect(stories.has(data.request)).toBe(false);
      stories.set(data.request, { asked: data, decided: [] });
    } else if (kind === 'approval.decided') {
      stories.get(data.request)?.decided.push({ by: actor.id, data });
      expect(['operator', 'lead']).toContain(ROLES[actor.id]);
    } else if (kind === 'grant.issued') {
      grants.set(data.grant, { data, by: actor.id, used: 0, revoked: false });
    } else if (kind === 'grant.revoked') {
      const grant = grants.get(data.grant);
      if (grant) grant.revoked = true;
    } else if (kind === 'gate.settled') {
      const story = stories.get(data.request);
      if (!story) throw new Error('settled what nobody asked');
      expect(story.settled).toBeUndefined();
      story.settled = data;
      if (['permitted', 'approved', 'overridden'].includes(data.outcome)) {
        ran++;
        checkRan(story, data, time, grants.get(data.grant));
      }
    }
  }
  return { ran };
}

function checkRan(
  { asked, decided }: Story,
  settled: Data<'gate.settled'>,
  time: number,
  grant: Grant | undefined,
): void {
  const asCommand = (digest: string): string =>
    COMMANDS.find(each => actionDigest(bash(each)) === digest) ?? 'unknown';
  const need = NEEDS[asCommand(settled.digest)];
  if (grant) {
    grant.used++;
    expect(grant.revoked).toBe(false);
    expect(grant.used).toBeLessThanOrEqual(grant.data.uses);
    expect(time).toBeLessThan(grant.data.expires);
    expect(grant.data.agent).toBe(asked.agent);
    expect(settled.digest).toBe(asked.digest);
    if (settled.outcome === 'overridden') {
      expect(grant.data.match.digest).toBe(asked.digest);
      expect(ROLES[grant.by]).toBe('lead');
    } else expect(need === 'one' || (need === 'lead' && ROLES[grant.by] === 'lead')).toBe(true);
    return;
  }
  if (settled.outcome === 'permitted') {
    expect(need).toBe('nothing');
    return;
  }
  // A hold ends by the people who agreed to exactly this, in time.
  if (asked.expires > 0) expect(time).toBeLessThan(asked.expires);
  expect(decided.every(each => each.data.digest === asked.digest)).toBe(true);
  expect(decided.some(each => each.data.decision === 'deny')).toBe(false);
  const last = decided.at(-1);
  if (settled.outcome === 'overridden') {
    expect(last && ROLES[last.by] === 'lead' && last.data.note !== '').toBe(true);
    expect(settled.digest).toBe(asked.digest);
    return;
  }
  const edited = last?.data.edited;
  expect(settled.digest).toBe(edited?.digest ?? asked.digest);
  if (edited) expect(asked.can.edit).toBe(true);
  const people = new Set(decided.filter(each => each.data.decision === 'approve').map(each => each.by));
  const leads = [...people].filter(name => ROLES[name] === 'lead').length;
  expect(need).not.toBe('never');
  expect(people.size).toBeGreaterThanOrEqual(need === 'nothing' ? 0 : need === 'two' ? 2 : 1);
  if (need === 'lead') expect(leads).toBeGreaterThan(0);
}

let policy: Policy;
beforeAll(async () => {
  policy = (await loadPolicy([{ file: 'test.cedar', text: TEXT }])).policy;
});

it('nothing runs that was not agreed to, in time, by enough people, once, whatever happens in whatever order', () => {
  let ran = 0;
  fc.assert(
    fc.property(fc.array(op, { minLength: 10, maxLength: 60, size: 'max' }), steps => {
      const fleet = new Fleet(policy);
      for (const step of steps) {
        const before = fleet.events.length;
        try {
          run(fleet, step);
        } catch (error) {
          if (!(error instanceof HmsError)) throw error;
          // What is refused leaves no trace.
          expect(fleet.events.length).toBe(before);
        }
      }
      ran += audit(fleet.events).ran;
      // A restart at the end, as at any moment, changes nothing.
      expect(fleet.restarted()).toEqual(fleet.state);
      for (const ended of fleet.state.settled) {
        const settled = fleet.events.find(
          event => event.kind === 'gate.settled' && event.data.request === ended.id,
        );
        const answer = answerOf(ended);
        if (answer.run && settled?.kind === 'gate.settled') {
          expect(answer.digest).toBe(settled.data.digest);
          expect(actionDigest(answer.action)).toBe(answer.digest);
        }
      }
    }),
    { numRuns: 200 },
  );
  // The runs were about something.
  expect(ran).toBeGreaterThan(200);
});
