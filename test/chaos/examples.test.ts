import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CATALOGUE, FAULT_NAMES } from '../../src/chaos/catalogue.ts';
import { checkExperiment, readChaosFile } from '../../src/cli/chaos-file.ts';
import { experimentText } from '../../src/cli/chaos-new.ts';
import { ROOT } from '../support/program.ts';

const FOLDER = join(ROOT, 'examples', 'demo', 'chaos');

test.each(readdirSync(FOLDER))('examples/demo/chaos/%s is right', async name => {
  const { problems, experiments } = await readChaosFile(join(FOLDER, name));
  expect(problems).toEqual([]);
  expect(experiments.length).toBeGreaterThan(0);
});

test.each(FAULT_NAMES)('hms chaos new %s is right', fault => {
  expect(checkExperiment(experimentText(fault, undefined)).issues).toEqual([]);
  expect(CATALOGUE[fault].about).not.toBe('');
});
