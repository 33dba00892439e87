import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkExperiment } from '../../src/cli/chaos-file.ts';
import { ROOT } from '../support/program.ts';
import { catalogueTable } from './catalogue-table.ts';

const page = readFileSync(join(ROOT, 'docs', 'chaos.md'), 'utf8');

test('docs/chaos.md lists every fault as the catalogue has it', () => {
  expect(page).toContain(`<!-- catalogue -->\n${catalogueTable()}\n<!-- /catalogue -->`);
});

test('the experiment in docs/chaos.md is right', () => {
  const [, text = ''] = /```yaml\n(title:.*?)```/s.exec(page) ?? [];
  expect(checkExperiment(text).issues).toEqual([]);
});
