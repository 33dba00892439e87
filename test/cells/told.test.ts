import fc from 'fast-check';
import { expect, test } from 'vitest';
import { told } from '../../src/cells/messages/told.ts';
import type { Message } from '../../src/protocol/messages.ts';
import { text } from '../support/arbitrary-events.ts';

const message = (seq: number, words: string): Message => ({
  id: `m-${seq}`,
  seq,
  at: 1,
  from: 'agent:builder',
  to: 'agent:docs',
  text: words,
  reply: '',
  thread: '',
  unread: true,
});

test('whatever they say, messages are told in order, within what fits, and each line of theirs is marked', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(text, fc.constant('long '.repeat(2000))), { maxLength: 12 }), texts => {
      const all = told(texts.map((words, i) => message(i + 1, words)));
      expect(all === undefined).toBe(texts.length === 0);
      if (!all) return;
      expect(all.to).toBeGreaterThanOrEqual(1);
      expect(all.words.length).toBeLessThan(10_000);
      const ours = all.words.split('\n').filter(line => line !== '' && !line.startsWith('> '));
      const left = texts.length - all.to;
      expect(ours).toHaveLength(1 + all.to + (left > 0 ? 1 : 0));
      if (left > 0) expect(ours.at(-1)).toContain(`${left} more message`);
    }),
  );
});
