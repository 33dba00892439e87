import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkExperiment } from '../../src/cli/chaos-file.ts';
import { loadPolicy } from '../../src/gate/policy.ts';
import { ROOT } from '../support/program.ts';
import { catalogueTable } from './catalogue-table.ts';

const page = readFileSync(join(ROOT, 'docs', 'chaos.md'), 'utf8');

test('docs/chaos.md lists every fault as the catalogue has it', () => {
  expect(page).toContain(`<!-- catalogue -->\n${catalogueTable()}\n<!-- /catalogue -->`);
});

test('the rule in docs/chaos.md is a policy without a problem', async () => {
  const [, text = ''] = /```cedar\n(.*?)```/s.exec(page) ?? [];
  expect((await loadPolicy([{ file: 'chaos.md', text }])).warnings).toEqual([]);
  expect(text).toContain('Chaos');
});

test('the experiment in docs/chaos.md is right', () => {
  const [, text = ''] = /```yaml\n(title:.*?)```/s.exec(page) ?? [];
  expect(checkExperiment(text).issues).toEqual([]);
});
