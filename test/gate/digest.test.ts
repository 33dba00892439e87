import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionDigest } from '../../src/gate/digest.ts';
import { HmsError } from '../../src/model/errors.ts';
import type { JsonObject } from '../../src/model/json.ts';

describe('the digest of an action', () => {
  it('is the SHA-256 of its RFC 8785 form', () => {
    const action = {
      tool: 'Bash',
      input: { command: 'ls', b: 1e21, a: [true, null, '\u20ac\u000f'] },
      cwd: '/',
    };
    const bytes = '{"cwd":"/","input":{"a":[true,null,"€\\u000f"],"b":1e+21,"command":"ls"},"tool":"Bash"}';
    expect(actionDigest(action)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('does not depend on the order of keys, nor on what is not the action', () => {
    const one = { tool: 'x', input: { a: 1, b: { c: 2, d: 3 } }, cwd: '/' };
    const other = { cwd: '/', input: { b: { d: 3, c: 2 }, a: 1 }, tool: 'x', extra: true };
    expect(actionDigest(other)).toBe(actionDigest(one));
  });

  it('tells any two actions apart', () => {
    const text = fc.string({ maxLength: 8 });
    const action = fc.record({
      tool: text,
      cwd: text,
      input: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.array(text, { maxLength: 2 })), {
        maxKeys: 3,
      }),
    });
    fc.assert(
      fc.property(action, action, (a, b) => {
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(actionDigest(a) === actionDigest(b)).toBe(same);
      }),
    );
  });

  it('is refused to text that is not Unicode', () => {
    const broken: JsonObject = { command: 'echo \ud800' };
    expect(() => actionDigest({ tool: 'Bash', input: broken, cwd: '/' })).toThrow(HmsError);
  });
});

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .map(([key, inner]) => [key, sorted(inner)])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
