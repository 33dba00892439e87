/** What "like this" means for a time-boxed grant: the same tool, the same programs, the same classes of effect. */
import type { Action, Facts } from '../model/action.ts';

export function shapeOf({ tool }: Action, { verb, programs, classes, inside }: Facts): string {
  const sorted = (words: readonly string[]): string => [...new Set(words)].sort().join(',');
  return [tool, verb, sorted(programs), sorted(classes), inside ? 'inside' : 'outside'].join('|');
}
