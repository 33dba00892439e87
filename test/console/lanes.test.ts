import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { type Flow, flowOf, laneHead, laneRow, lanesOf, pageOf } from '../../src/console/lanes.ts';
import { fold } from '../../src/model/reduce.ts';
import { EMPTY } from '../../src/model/state.ts';
import { arbitraryDraft } from '../support/arbitrary-events.ts';
import { asks, FLEET, placed } from './events.ts';

const known = { agentOf: () => '' };
const text = (flow: Flow, lanes: readonly string[], first: number, width: number): string =>
  laneRow(flow, lanes, pageOf(lanes, first, width), width)
    .map(piece => piece.text)
    .join('');

describe('a row of lanes', () => {
  const lanes = ['builder', 'deployer', 'docs', '@people', '@alice'];

  test('tells who talks to whom by the arrow’s head alone', () => {
    const row = (from: string, to: string, words = 'the lockfile is mine') =>
      text({ from, to, words }, lanes, 0, 100);
    expect(row('builder', 'docs')).toMatchInlineSnapshot(
      `"  ●─ the lockfile is mine ────────────────▶                   │                   │                 "`,
    );
    expect(row('docs', 'builder')).toMatchInlineSnapshot(
      `"  ◀─ the lockfile is mine ────────────────●                   │                   │                 "`,
    );
    expect(row('builder', 'deployer', 'a sentence that is longer than the way between them')).toContain('…');
    expect(row('docs', '')).toMatchInlineSnapshot(
      `"  │                   │                   ● the lockfile is mine                  │                 "`,
    );
  });

  test('words that find no room on the right of their mark stand on its left', () => {
    const long = 'to @all: the release is cut at six, whoever is not done by then waits';
    expect(text({ from: '@alice', to: '', words: long }, lanes, 0, 100)).toMatch(/ to @all: .* waits ●/);
    // Off this page to the right: the mark is at the very edge.
    expect(text({ from: '@alice', to: '', words: long }, lanes, 0, 40)).toMatch(
      /to @all: the release .*… ●$/,
    );
    expect(text({ from: 'builder', to: '', words: long.repeat(2) }, lanes, 0, 100)).toMatch(
      /^ {2}● to @all.*…$/,
    );
  });

  test('who is on another page is named', () => {
    const narrow = (from: string, to: string, first: number) =>
      text({ from, to, words: 'hello' }, lanes, first, 40);
    expect(narrow('builder', '@alice', 0)).toContain('→ @alice');
    expect(narrow('builder', '@alice', 2)).toContain('builder →');
  });

  test('at any width each row is exactly as wide as it must be, whatever it says', () => {
    const lane = fc.constantFrom(...lanes, 'gone', '', '@漢字');
    fc.assert(
      fc.property(
        fc.record({
          from: lane,
          to: lane,
          words: fc.string({ unit: fc.constantFrom('a', ' ', '漢', '🙂', 'é', '👩‍💻') }),
        }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 10 }),
        fc.subarray(lanes, { minLength: 1 }),
        (flow, width, first, some) => {
          expect(stringWidth(text(flow, some, first, width))).toBe(width);
          expect(stringWidth(laneHead(pageOf(some, first, width), width))).toBe(width);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('every lane is on a page, and a page is never empty', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 400 }), (count, width) => {
        const many = Array.from({ length: count }, (_, i) => `a${i}`);
        const seen = new Set<string>();
        for (let first = 0; first < count; first += 1) {
          const { shown } = pageOf(many, first, width);
          expect(shown.length).toBeGreaterThan(0);
          for (const name of shown) seen.add(name);
        }
        expect(seen.size).toBe(count);
      }),
    );
  });

  test('any event has a lane of its own or one to begin at', () => {
    fc.assert(
      fc.property(arbitraryDraft, draft => {
        const [event] = placed([draft], 0, 1);
        if (!event) return;
        const flow = flowOf(event, known);
        const all = lanesOf(fold(EMPTY, placed(FLEET, 0, 1)), [flow]);
        expect(stringWidth(text(flow, all, 0, 80))).toBe(80);
      }),
    );
  });

  test('a request goes to people, and its decision comes back from one', () => {
    const [asked] = placed([asks({ id: 'r-aaaa', agent: 'builder' })], 0, 1);
    expect(asked && flowOf(asked, known)).toMatchObject({ from: 'builder', to: '@people' });
  });
});
