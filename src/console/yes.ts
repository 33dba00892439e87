/** The key that says yes to a question: whatever keys a person has, never the one that asked. */

/** What stands for a click on a hint among the keys of a decision. */
export const CLICK = 'click';

const YES = ['y', 'a', 'Y'] as const;

/** @param pressed keys or sequences that led to the question */
export function yesKey(pressed: readonly string[]): string {
  return yesKeys(pressed)[0] ?? 'Y';
}

/** All keys that may say it where `y` and `a` both do. */
export function yesKeys(pressed: readonly string[]): readonly string[] {
  const used = pressed.map(key => key.split(' ').at(-1));
  return YES.filter(key => !used.includes(key));
}
