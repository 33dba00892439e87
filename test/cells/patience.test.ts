import { describe, expect, test } from 'vitest';
import { betterTtl } from '../../src/cells/gatekeeper/patience.ts';
import type { RequestState } from '../../src/model/state.ts';

const MINUTE = 60_000;
const held = (outcome: RequestState['outcome'], minutes: number): RequestState =>
  ({ verdict: 'hold', via: 'gate', expires: 1, at: 0, settledAt: minutes * MINUTE, outcome }) as RequestState;

describe('how long a hold waits', () => {
  test('is proposed to be longer when people answer, but often too late', () => {
    const settled = [
      ...[2, 4, 6, 8, 9].map(minutes => held('approved', minutes)),
      held('expired', 10),
      held('expired', 10),
    ];
    const proposal = betterTtl(settled, 10 * MINUTE);
    expect(proposal).toMatchObject({ parameter: 'approvals.ttl', from: '600s', to: '30m' });
    expect(proposal?.gain).toContain('5 % of what is asked would end without an answer, not 29 %');
    expect(proposal?.evidence).toContain('2 of the last 7');
  });

  test('stays as it is when little expires, nobody answers, too little is known, or it waits for ever', () => {
    const answered = Array.from({ length: 20 }, () => held('denied', 1));
    expect(betterTtl([...answered, held('expired', 10)], 10 * MINUTE)).toBeNull();
    expect(
      betterTtl(
        Array.from({ length: 9 }, () => held('expired', 10)),
        10 * MINUTE,
      ),
    ).toBeNull();
    expect(betterTtl([held('approved', 1), held('expired', 10)], 10 * MINUTE)).toBeNull();
    expect(betterTtl([...answered, ...answered.map(() => held('expired', 10))], 0)).toBeNull();
  });
});
