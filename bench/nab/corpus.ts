/**
 * Reads the NAB corpus (github.com/numenta/NAB, MIT) where it is: the project does not carry it. Looked for in
 * `NAB_DIR`, then in `bench/data/nab` of this repository, then beside the repository in `shared/data/nab`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { HmsError } from '../../src/model/errors.ts';
import type { Profile } from './sweep.ts';

export interface Series {
  /** As in the labels: `realTraffic/speed_6005.csv`. */
  readonly name: string;
  readonly times: readonly string[];
  readonly values: Float64Array;
  readonly windows: readonly (readonly [string, string])[];
}

export const ProfileName = z.enum(['standard', 'reward_low_FP_rate', 'reward_low_FN_rate']);
export type ProfileName = z.infer<typeof ProfileName>;

const Windows = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])));
const Weights = z.object({ tpWeight: z.number(), fnWeight: z.number(), fpWeight: z.number() });
const Profiles = z.record(ProfileName, z.object({ CostMatrix: Weights }));

export interface Corpus {
  readonly series: readonly Series[];
  readonly profiles: Readonly<Record<ProfileName, Profile>>;
}

/** The folder with the corpus, or undefined. */
export function corpusFolder(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const places = [
    ...(env['NAB_DIR'] ? [env['NAB_DIR']] : []),
    join(root, 'bench', 'data', 'nab'),
    join(root, '..', 'shared', 'data', 'nab'),
  ];
  return places.find(place => existsSync(join(place, 'labels', 'combined_windows.json')));
}

/** @throws HmsError `nab-missing` */
export function readCorpus(folder: string | undefined): Corpus {
  if (folder === undefined) {
    throw new HmsError(
      'nab-missing',
      'the NAB corpus is not here',
      'Get github.com/numenta/NAB and set NAB_DIR to its folder',
    );
  }
  const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
  const windows = Windows.parse(json('labels', 'combined_windows.json'));
  const profiles = Profiles.parse(json('config', 'profiles.json'));
  const data = join(folder, 'data');
  const series = readdirSync(data, { recursive: true, encoding: 'utf8' })
    .map(path => path.replaceAll('\\', '/'))
    .filter(path => path.endsWith('.csv'))
    .sort()
    .map(name => readSeries(name, readFileSync(join(data, name), 'utf8'), windows[name] ?? []));
  return {
    series,
    profiles: {
      standard: profiles.standard.CostMatrix,
      reward_low_FP_rate: profiles.reward_low_FP_rate.CostMatrix,
      reward_low_FN_rate: profiles.reward_low_FN_rate.CostMatrix,
    },
  };
}

/** Labels write `2014-02-14 14:30:00.000000`, data `2014-02-14 14:30:00`. */
const plain = (time: string): string => time.replace(/\.0+$/, '');

function readSeries(name: string, text: string, windows: readonly [string, string][]): Series {
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map(line => line.split(','));
  return {
    name,
    times: rows.map(([time = '']) => plain(time)),
    values: Float64Array.from(rows, ([, value]) => Number(value)),
    windows: windows.map(([first, last]) => [plain(first), plain(last)]),
  };
}
