import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Draft, Event } from '../../src/model/event.ts';
import { IncidentId, MessageId } from '../../src/model/ids.ts';
import { completions, fits, KIND_WORDS, narrowed, parseQuery } from '../../src/model/query.ts';
import { asks, placed, settled, started, status } from '../console/events.ts';
import { arbitraryDraft } from '../support/arbitrary-events.ts';

const message = (from: string, to: string, text: string): Draft => ({
  kind: 'message.sent',
  actor: { type: from.startsWith('@') ? 'operator' : 'agent', id: from.replace('@', ''), via: 'test' },
  subject: `agent:${to}`,
  data: {
    from: `agent:${from}`,
    to: `agent:${to}`,
    text,
    id: MessageId.parse('m-aaaa'),
    thread: MessageId.parse('m-bbbb'),
  },
});

const EVENTS: readonly Event[] = placed(
  [
    started('builder', 1),
    status('builder', 'working', 'tests'),
    asks({ id: 'r-aaaa', agent: 'deployer', input: { command: 'git push' } }),
    settled('r-aaaa', 'approved'),
    message('builder', 'deployer', 'The lockfile is mine'),
    {
      kind: 'incident.opened',
      actor: { type: 'cell', id: 'supervisor', via: 'engine' },
      subject: 'agent:builder',
      data: { incident: IncidentId.parse('i-cccc'), agent: '', class: 'crash', detail: 'exit 137' },
    },
  ],
  0,
  1000,
);
const found = (text: string) => EVENTS.filter(e => fits(parseQuery(text), e)).map(e => e.kind);

describe('a query', () => {
  test.each([
    ['', 6],
    ['agent:builder', 4],
    ['agent:builder,deployer', 5],
    ['agent:deployer', 2],
    ['kind:approval', 2],
    ['kind:gate.settled', 1],
    ['kind:message', 1],
    ['-kind:message', 5],
    ['kind:message,incident', 2],
    ['kind:approval push', 1],
    ['push', 1],
    ['PUSH', 1],
    ['"lockfile is"', 1],
    ['"is lockfile"', 0],
    ['lockfile is', 1],
    ['-push -lockfile', 4],
    ['from:builder', 1],
    ['to:deployer', 1],
    ['to:builder', 0],
    ['by:supervisor', 1],
    ['by:agent:builder', 1],
    ['ref:r-aaaa', 2],
    ['ref:m-bbbb', 1],
    ['ref:i-cccc', 1],
    ['agent:builder kind:message words', 0],
    ['agent:builder kind:message mine', 1],
  ])('%s finds %i', (text, count) => {
    expect(parseQuery(text).problems).toEqual([]);
    expect(found(text)).toHaveLength(count);
  });

  test.each([
    ['who:me', 'there is no key who:'],
    ['kind:mesage', 'there is no kind mesage'],
    ['kind:mess', 'there is no kind mess; message?'],
    ['agent:', 'agent: needs a value'],
  ])('%s is told: %s', (text, words) => {
    expect(parseQuery(text).problems[0]).toContain(words);
    // What is not understood hides nothing.
    expect(found(text)).toHaveLength(6);
  });

  test('addresses and times are words', () => {
    for (const text of ['https://example.org', '12:30', '"who:me"', 'a:b'.toUpperCase()])
      expect(parseQuery(text).problems, text).toEqual([]);
  });

  test('any text is understood or told, never thrown at, and takes a time that grows with its length only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), arbitraryDraft, (text, draft) => {
        const query = parseQuery(text);
        for (const event of placed([draft], 0, 1)) fits(query, event);
        completions(text, { agents: ['builder'], people: ['@alice'] });
      }),
    );
    expect(parseQuery('"'.repeat(100_000)).problems).toEqual([]);
  });

  test('a term and its opposite part all events', () => {
    const words = fc.constantFrom(
      'agent:builder',
      'kind:approval',
      'push',
      'by:alice',
      'ref:r-aaaa',
      'to:deployer',
    );
    fc.assert(
      fc.property(words, arbitraryDraft, (word, draft) => {
        for (const event of placed([draft], 0, 1))
          expect(fits(parseQuery(word), event)).toBe(!fits(parseQuery(`-${word}`), event));
      }),
    );
  });

  test('what the index is asked for leaves out nothing that fits', () => {
    const words = fc.array(
      fc.constantFrom(
        'agent:builder',
        '-agent:builder',
        'kind:life',
        '-kind:life',
        'from:builder',
        'to:@all',
        'x',
      ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(words, arbitraryDraft, (terms, draft) => {
        const query = parseQuery(terms.join(' '));
        const { kinds } = narrowed(query);
        for (const event of placed([draft], 0, 1))
          if (fits(query, event) && kinds) expect(kinds).toContain(event.kind);
      }),
    );
  });
});

describe('completion', () => {
  const names = { agents: ['builder', 'docs'], people: ['@alice'] };
  const complete = (text: string): string[] => {
    const { from, options } = completions(text, names);
    return options.map(option => text.slice(0, from) + option);
  };

  test('goes from keys to values, and on after a comma', () => {
    expect(complete('a')).toEqual(['agent:']);
    expect(complete('x -ki')).toEqual(['x -kind:']);
    expect(complete('agent:')).toEqual(['agent:builder', 'agent:docs']);
    expect(complete('agent:builder,d')).toEqual(['agent:builder,docs']);
    expect(complete('to:@a')).toEqual(['to:@alice', 'to:@agents', 'to:@all']);
    expect(complete('kind:app')).toContain('kind:approval');
    expect(complete('hello')).toEqual([]);
  });

  test('offers only what is understood', () => {
    for (const word of KIND_WORDS) expect(parseQuery(`kind:${word}`).problems).toEqual([]);
  });
});
