import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CLASSES, type ClassName, levelOf } from '../../src/gate/classes.ts';
import { DEFAULT, FLOOR } from '../../src/gate/default-policy.ts';
import { loadPolicy } from '../../src/gate/policy.ts';
import { SCHEMA } from '../../src/gate/schema.ts';
import { ROOT } from '../support/program.ts';

const page = readFileSync(join(ROOT, 'docs', 'policy.md'), 'utf8');

/** What stands between `<!-- name -->` and `<!-- /name -->`. */
function section(name: string): string {
  return new RegExp(`<!-- ${name} -->\n(.*?)\n<!-- /${name} -->`, 's').exec(page)?.[1] ?? '';
}

const fenced = (text: string, language = ''): string => `\`\`\`${language}\n${text.trim()}\n\`\`\``;

it('docs/policy.md shows the floor, the default policy and the schema as they are', () => {
  expect(section('floor')).toBe(fenced(FLOOR, 'cedar'));
  expect(section('default')).toBe(fenced(DEFAULT, 'cedar'));
  expect(section('schema')).toBe(fenced(SCHEMA));
});

it('docs/policy.md lists every class as it is', () => {
  const names = Object.keys(CLASSES) as ClassName[];
  const rows = names.map(
    name => `| \`${name}\` | ${CLASSES[name].risk} | ${levelOf(name)} | ${CLASSES[name].about} |`,
  );
  expect(section('classes').split('\n').slice(2)).toEqual(rows);
});

it('every example in docs/policy.md is a policy without a problem, and together they are one', async () => {
  const examples = [...page.matchAll(/```cedar\n(.*?)```/gs)].map(([, text = '']) => text).slice(2);
  expect(examples.length).toBeGreaterThan(3);
  for (const text of examples)
    expect((await loadPolicy([{ file: 'docs/policy.md', text }])).warnings).toEqual([]);
  const files = examples.map((text, at) => ({ file: `example-${at}.cedar`, text }));
  expect((await loadPolicy(files)).warnings).toEqual([]);
});
