/** The vectors of native/vectors, which the helper's own tests read too: native/src/contract/vectors.rs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { FAULT_PHASES, Fault, NATIVE_REQUESTS, type NativeRequest } from '../../src/protocol/native.ts';
import {
  NATIVE_SCHEMA_FILE,
  NativePushLine,
  NativeRequestLine,
  nativeAnswerLine,
  nativeSchemaText,
} from '../../src/protocol/native-lines.ts';
import { ROOT } from '../support/program.ts';

const file = (name: string): unknown[] =>
  readFileSync(join(ROOT, 'native', 'vectors', name), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));

const isRequest = (name: string): name is NativeRequest => Object.hasOwn(NATIVE_REQUESTS, name);
const RequestName = z.custom<NativeRequest>(name => typeof name === 'string' && isRequest(name));

test('every request comes out as it went in, and there is one of each kind', () => {
  const lines = file('requests.jsonl');
  const read = lines.map(line => NativeRequestLine.parse(line));
  expect(read).toEqual(lines);
  expect(new Set(read.map(line => line.do))).toEqual(new Set(Object.keys(NATIVE_REQUESTS)));
  const faults = read.flatMap(line =>
    line.do === 'chaos.plan' && 'fault' in line.with ? [line.with.fault] : [],
  );
  expect(new Set(faults.map(({ fault }) => fault))).toEqual(
    new Set(Fault.options.map(option => option.shape.fault.value)),
  );
});

test('what is left out means the same to both', () => {
  for (const vector of file('defaults.jsonl')) {
    const { line, means } = z.object({ line: z.unknown(), means: z.unknown() }).parse(vector);
    expect(NativeRequestLine.parse(line)).toEqual(means);
  }
});

test('every answer comes out as it went in, and there is one to each request', () => {
  const vectors = file('answers.jsonl').map(vector =>
    z.object({ do: RequestName, line: z.unknown() }).parse(vector),
  );
  for (const { do: name, line } of vectors) expect(nativeAnswerLine(name).parse(line)).toEqual(line);
  expect(new Set(vectors.map(vector => vector.do))).toEqual(new Set(Object.keys(NATIVE_REQUESTS)));
});

test('every push comes out as it went in, and faults in each phase', () => {
  const lines = file('pushes.jsonl');
  const read = lines.map(line => NativePushLine.parse(line));
  expect(read).toEqual(lines);
  const phases = read.flatMap(line => (line.push === 'fault' ? [line.with.phase] : []));
  expect(new Set(phases)).toEqual(new Set(FAULT_PHASES));
});

test.each(file('hostile.jsonl').map(vector => z.object({ why: z.string(), line: z.string() }).parse(vector)))(
  'refused: $why',
  ({ line }) => {
    const refused = (): boolean => {
      try {
        return !NativeRequestLine.safeParse(JSON.parse(line)).success;
      } catch {
        return true;
      }
    };
    expect(refused()).toBe(true);
  },
);

test(`the committed schema is the one of the sources: update it with \`vitest run native-vectors -u\``, async () => {
  await expect(nativeSchemaText()).toMatchFileSnapshot(join(ROOT, NATIVE_SCHEMA_FILE));
});
