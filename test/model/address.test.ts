import { describe, expect, test } from 'vitest';
import { isFor, parseAddress, written } from '../../src/model/address.ts';
import { fold } from '../../src/model/reduce.ts';
import { EMPTY } from '../../src/model/state.ts';
import { fleet, placed } from '../console/events.ts';

const state = fold(EMPTY, placed(fleet({ builder: 'command', people: 'command' }), 0, 1));
const parse = (text: string) => parseAddress(text, state);

describe('an address', () => {
  test.each([
    ['builder', 'agent:builder'],
    ['agent:builder', 'agent:builder'],
    ['@alice', 'operator:alice'],
    ['operator:alice', 'operator:alice'],
    ['@all', 'all'],
    ['all', 'all'],
    ['@agents', 'agents'],
    ['@people', 'people'],
    // An agent may be called like a group: its bare name is its own.
    ['people', 'agent:people'],
  ])('%s is %s', (text, address) => expect(parse(text)).toBe(address));

  test.each([
    '',
    '@',
    'nobody',
    'agent:nobody',
    'agent:all',
    '__proto__',
    '@a b',
    'builder\nx',
    '@constructor!',
  ])('%j is nobody, and says who is there', text =>
    expect(() => parse(text)).toThrow(/nobody here is called/),
  );

  test('where people are declared, others are not there', () => {
    const declared = { ...state, operators: { alice: 'lead', bob: 'viewer' } as const };
    expect(parseAddress('@bob', declared)).toBe('operator:bob');
    expect(() => parseAddress('@mallory', declared)).toThrow('nobody here is called "@mallory"');
    expect(parse('@anyone')).toBe('operator:anyone');
  });

  test('reads back as it is written', () => {
    for (const text of ['builder', '@alice', '@all', '@people', '@agents'])
      expect(written(parse(text))).toBe(text);
  });

  test('groups reach who is in them', () => {
    expect(['agent:a', 'operator:b'].map(reader => isFor('all', reader))).toEqual([true, true]);
    expect(['agent:a', 'operator:b'].map(reader => isFor('people', reader))).toEqual([false, true]);
    expect(['agent:a', 'operator:b'].map(reader => isFor('agents', reader))).toEqual([true, false]);
    expect(isFor('agent:a', 'agent:ab')).toBe(false);
  });
});
