import type { Action, Facts } from '../model/action.ts';
import { actionDigest } from './digest.ts';

/** What these hide is not told by their class: nothing but the same again is like them. */
const HIDING: readonly string[] = [
  'opaque',
  'unclear',
  'inline-code',
  'remote-code',
  'question',
  'chaos',
  'chaos-core',
];

/**
 * What "like this" means for a time-boxed grant: the same tool, programs and classes of effect; outside the working
 * directory also the same targets; and exactly the same action where its text says more than its classes.
 */
export function shapeOf(action: Action, facts: Facts): string {
  const { verb, programs, classes, targets, inside } = facts;
  const exact = classes.some(name => HIDING.includes(name)) ? actionDigest(action) : '';
  const place = inside ? 'inside' : sorted(targets);
  return JSON.stringify([action.tool, verb, sorted(programs), sorted(classes), place, exact]);
}

function sorted(words: readonly string[]): readonly string[] {
  return [...new Set(words)].sort();
}
