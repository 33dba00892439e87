/** Names of keys: how people write them in a keymap, and how they are shown. What the names mean is in keys.ts. */
import { suggest } from '../fleet/suggest.ts';
import { NAMED_KEYS, PLAIN_NAMES } from './keys.ts';

/** Keys one after the other that one command may need. */
const MAX_STEPS = 3;

type ReadKey = { readonly key: string } | { readonly reason: string; readonly hint: string };

const FORMS = 'write a letter or sign, enter, tab, f5, ctrl-x, alt-x, or several with spaces between: m w';

/** What terminals send for these with Ctrl is another key. */
const SAME_AS: Readonly<Record<string, string>> = {
  i: 'tab',
  m: 'enter',
  '[': 'esc',
  h: 'backspace',
  '?': 'backspace',
  '/': 'ctrl-_',
  '@': 'ctrl-space',
};

/** A key or a sequence of keys as a person wrote it, in the form the console knows it by; or what is wrong with it. */
export function readKey(text: string): ReadKey {
  const steps = text.split(/\s+/).filter(step => step !== '');
  if (steps.length === 0)
    return text === ''
      ? { reason: 'it is empty', hint: 'unbind it with []' }
      : { reason: 'a space has a name', hint: 'write space' };
  if (steps.length > MAX_STEPS)
    return { reason: `${steps.length} keys in a row are too many`, hint: `${MAX_STEPS} are the most` };
  const read: string[] = [];
  for (const step of steps) {
    const one = readStep(step);
    if (!('key' in one)) return one;
    read.push(one.key);
  }
  return { key: read.join(' ') };
}

function readStep(step: string): ReadKey {
  const unknown = (hint = FORMS): ReadKey => ({ reason: `there is no key "${step}"`, hint });
  if ([...step].length === 1)
    return /[\p{C}\p{Z}\p{M}]/u.test(step)
      ? { reason: 'this character is no key', hint: FORMS }
      : { key: step };
  const held = /^((?:(?:ctrl|alt|shift)-)*)(.+)$/isu.exec(step);
  const mods = new Set((held?.[1] ?? '').toLowerCase().split('-').filter(Boolean));
  const given = held?.[2] ?? '';
  const name = [...given].length === 1 ? given : given.toLowerCase();
  if (name === 'tab' && mods.has('shift')) return mods.size === 1 ? { key: 'shift-tab' } : unknown();
  if (NAMED_KEYS.has(name)) {
    return {
      key: `${['ctrl', 'alt', 'shift']
        .filter(m => mods.has(m))
        .map(m => `${m}-`)
        .join('')}${name}`,
    };
  }
  if (mods.has('shift')) {
    if ([...name].length === 1)
      return unknown(
        `write the character Shift makes: ${name.toUpperCase() === name ? name : name.toUpperCase()}`,
      );
    return { reason: `terminals do not tell ${step} from ${name}`, hint: '' };
  }
  const alt = mods.has('alt') ? 'alt-' : '';
  if (mods.has('ctrl')) {
    const lower = name.toLowerCase();
    if (SAME_AS[lower])
      return { reason: `terminals send ${step} as ${SAME_AS[lower]}`, hint: `write ${SAME_AS[lower]}` };
    if (!/^(?:[a-z\\\]^_]|space)$/.test(lower)) return { reason: `terminals have no ${step}`, hint: FORMS };
    return { key: `${alt}ctrl-${lower}` };
  }
  if (PLAIN_NAMES.has(name))
    return alt && name === 'esc' ? { reason: 'terminals have no alt-esc', hint: FORMS } : { key: alt + name };
  if (alt && (name === '[' || name === 'O' || name === ']' || name === 'P'))
    return { reason: `terminals begin other keys with ${step}`, hint: 'take another one' };
  if (alt && [...name].length === 1 && !/[\p{C}\p{Z}\p{M}]/u.test(name)) return { key: alt + name };
  const near = suggest(step, [...NAMED_KEYS, ...PLAIN_NAMES, 'shift-tab']);
  return unknown(near === undefined ? FORMS : `did you mean ${near}?`);
}

const SHOWN: Readonly<Record<string, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pageup: 'PageUp',
  pagedown: 'PageDown',
};

/** One key as it stands on keyboards: `Ctrl-p`, `Shift-Tab`, `F1`; letters as they are. */
export function keyName(key: string): string {
  const held = /^((?:(?:ctrl|alt|shift)-)*)(.+)$/su.exec(key);
  const name = held?.[2] ?? key;
  const shown = SHOWN[name] ?? ([...name].length > 1 ? capital(name) : name);
  return (
    (held?.[1] ?? '')
      .split('-')
      .filter(Boolean)
      .map(m => `${capital(m)}-`)
      .join('') + shown
  );
}

/** A sequence as people read it: `m w`, `Ctrl-x s`. */
export function keyWords(sequence: string): string {
  return sequence.split(' ').map(keyName).join(' ');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
