import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apart, contrast, VISIONS } from '../../src/console/colour.ts';
import { compile, type ThemeLook, TOKENS } from '../../src/console/theme.ts';
import {
  contrasts,
  distances,
  doubts,
  READABLE,
  ThemeFile,
  TOLD_FROM,
  themeLook,
} from '../../src/console/theme-file.ts';
import { themeSource } from '../../src/console/theme-source.ts';
import { THEMES } from '../../src/console/themes.ts';
import { checkConfig } from '../../src/fleet/config-file.ts';
import { issueText } from '../../src/fleet/issue.ts';

const root = join(import.meta.dirname, '..', '..');
const NAMES = ['dark', 'light', 'high-contrast', 'red-green-safe', 'blue-yellow-safe', 'mono'];

test('themes.ts is what themes/*.yaml say', async () => {
  const looks: Record<string, ThemeLook> = {};
  for (const name of NAMES) {
    const text = await readFile(join(root, 'themes', `${name}.yaml`), 'utf8');
    const { value, issues } = checkConfig(text, ThemeFile);
    expect(issues, name).toEqual([]);
    const { look, findings } = themeLook(value ?? {}, looks);
    expect(findings, name).toEqual([]);
    if (look) looks[name] = look;
  }
  await expect(themeSource(looks)).toMatchFileSnapshot(join(root, 'src', 'console', 'themes.ts'));
});

describe.each(Object.entries(THEMES))('%s', (name, look) => {
  test('nothing in it is hard to see', () => {
    expect(doubts(look)).toEqual([]);
  });

  test(`every text reads at ${name === 'high-contrast' ? 7 : READABLE}:1, on the selected row too`, () => {
    const least = name === 'high-contrast' ? 7 : READABLE;
    const low = contrasts(look).filter(c => c.ratio < least && (least > READABLE || c.token !== 'faint'));
    expect(low.map(c => `${c.token} ${c.ratio.toFixed(2)} on ${c.on}`)).toEqual([]);
  });

  test('states and risks are told apart by the eyes it says it is for', () => {
    const near = distances(look).filter(d => d.distance < TOLD_FROM);
    expect(near.map(d => `${d.pair.join(' ')} ${d.distance.toFixed(3)} ${d.vision}`)).toEqual([]);
  });
});

test('each kind of colour vision has a theme', () => {
  const safe = new Set(Object.values(THEMES).flatMap(look => look.safeFor));
  expect(VISIONS.filter(vision => !safe.has(vision))).toEqual([]);
});

test('without colours nothing of a theme is a colour', () => {
  const { mono } = THEMES;
  expect(mono && Object.values(compile(mono)).join('')).not.toMatch(/[34]8;/);
});

test('panes name meanings, never colours', async () => {
  const raw = /\\x1b|\\u001b|#[\da-f]{6}\b|\bchalk\b|\b(?:color|backgroundColor|dimColor)=|rgb\(/i;
  for (const file of await readdir(join(root, 'panes'))) {
    const text = await readFile(join(root, 'panes', file), 'utf8');
    expect(raw.exec(text)?.[0], file).toBeUndefined();
  }
});

describe('colours', () => {
  test('contrast is WCAG’s', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  test('who does not tell red from green sees these as one, and blue from yellow as two', () => {
    expect(apart('#98c379', '#e5c07b', 'protanopia')).toBeLessThan(0.03);
    expect(apart('#4f9bfc', '#faf994', 'protanopia')).toBeGreaterThan(0.3);
    expect(apart('#2dd8c0', '#2cd2ff', 'tritanopia')).toBeLessThan(apart('#2dd8c0', '#2cd2ff'));
  });

  test('grey stays grey for every eye', () => {
    for (const vision of VISIONS) expect(apart('#808080', '#808080', vision)).toBe(0);
    for (const vision of VISIONS) expect(apart('#000000', '#ffffff', vision)).toBeCloseTo(1, 3);
  });
});

describe('a theme of your own', () => {
  const check = (text: string): { readonly look?: ThemeLook; readonly problems: readonly string[] } => {
    let look: ThemeLook | undefined;
    const { issues } = checkConfig(text, ThemeFile, file => {
      const made = themeLook(file, THEMES);
      look = made.look;
      return made.findings;
    });
    return { ...(look ? { look } : {}), problems: issues.map(i => issueText('my.yaml', i)) };
  };

  test('changes what it names and takes the rest from what it extends', () => {
    const { look, problems } = check(
      "extends: dark\nbackground: '#101010'\nbad: { fg: '#FF0000', bold: true }\n",
    );
    expect(problems).toEqual([]);
    expect(look?.styles.bad).toEqual({ fg: '#ff0000', bold: true });
    expect(look?.styles.good).toEqual(THEMES['dark']?.styles.good);
    expect(look).toMatchObject({ about: 'dark, changed', background: '#101010', safeFor: [] });
  });

  test('is told of a word nobody knows, with the one that was meant', () => {
    expect(check('extends: dark\nwran: { fg: "#ff0000" }\n').problems).toEqual([
      'my.yaml:2:1 wran: there is no such key (did you mean "warn"?)',
    ]);
    expect(check('extends: darkk\n').problems).toEqual([
      'my.yaml:1:10 extends: there is no theme darkk (did you mean "dark"?)',
    ]);
    expect(check('extends: dark\nwarn: { fgg: "#ff0000" }\n').problems).toEqual([
      'my.yaml:2:9 warn.fgg: there is no such key (did you mean "fg"?)',
    ]);
  });

  test('is told of a colour that is none', () => {
    expect(check('extends: dark\nwarn: { fg: red }\n').problems).toEqual([
      'my.yaml:2:13 warn.fg: a colour is written "#rrggbb"',
    ]);
  });

  test('must say how everything looks when it extends nothing', () => {
    const all = TOKENS.filter(t => t !== 'warn').map(t => `${t}: {}`);
    expect(check(all.join('\n')).problems).toEqual([
      'my.yaml:1:1 warn: not said how it looks (take the rest from another theme: extends: dark)',
    ]);
  });

  test('is warned of what may be hard to see', () => {
    const { look } = check(
      "extends: red-green-safe\nsafe-for: [protanopia]\nwarn: { fg: '#2a3141' }\ngood: { fg: '#98c379' }\nbad: { fg: '#e5c07b' }\n",
    );
    const found = look ? doubts(look).map(f => `${f.path.join('.')}: ${f.reason}`) : [];
    expect(found).toContainEqual(expect.stringMatching(/^warn: 1\.\d:1 on #14171c is hard to read$/));
    expect(found).toContainEqual(expect.stringMatching(/^good: looks like bad with protanopia/));
  });
});
