import { describe, expect, test } from 'vitest';
import { Mode, modesOf, Right, Role, refusal } from '../../src/model/mode.ts';

/** The table of the design, written out: who may do what where. */
const ALLOWED: Readonly<Record<string, readonly Right[]>> = {
  'operator observe': ['look'],
  'operator prepare': ['look', 'stage'],
  'operator watch': ['look', 'decide', 'operate'],
  'operator collaborate': ['look', 'decide', 'operate', 'type'],
  'lead observe': ['look'],
  'lead prepare': ['look', 'stage'],
  'lead watch': ['look', 'decide', 'operate', 'override'],
  'lead collaborate': ['look', 'decide', 'operate', 'override', 'type'],
};

describe('rights', () => {
  for (const role of Role.options) {
    for (const mode of Mode.options) {
      test(`a ${role} in ${mode}`, () => {
        const allowed = Right.options.filter(right => refusal(role, mode, right) === undefined);
        expect([...allowed].sort()).toEqual([...(ALLOWED[`${role} ${mode}`] ?? ['look'])].sort());
      });
    }
  }
  test('a refusal says where it would be allowed', () => {
    expect(refusal('operator', 'observe', 'type')).toBe('not in observe mode: switch to collaborate');
    expect(refusal('operator', 'watch', 'override')).toBe('only a lead may override a forbid');
  });
  test('a viewer has one mode', () => {
    expect(modesOf('viewer')).toEqual(['observe']);
    expect(modesOf('operator')).toEqual(Mode.options);
  });
});
