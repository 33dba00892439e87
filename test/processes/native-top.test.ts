import { expect, test } from 'vitest';
import { deeperOf } from '../../src/processes/native-top.ts';

const sample = (name: string, read: number | null, written: number | null) => ({
  ...{ name, cpu_ms: 1, rss: 1, threads: 1, processes: 1, fds: 7 },
  ...{ read_bytes: read, write_bytes: written },
});
const pressure = { cpu: 12.5, memory: 0, io: null };

test('totals become rates of the time between two looks', () => {
  const before = { at: 1000, samples: [sample('a', 1000, 5000), sample('b', 9000, null)], pressure };
  const now = {
    at: 3000,
    samples: [sample('a', 5000, 5000), sample('b', 100, 100), sample('c', 1, 1)],
    pressure,
  };
  expect(deeperOf(before, now)).toEqual({
    agents: {
      a: { fds: 7, read: 2000, written: 0 },
      // Less than before: what it had read went with a process that ended. And what could not be read is no zero.
      b: { fds: 7, read: 0, written: null },
      c: { fds: 7, read: null, written: null },
    },
    stalled: pressure,
  });
});

test('the first look, and one at the same time, give no rates', () => {
  const now = { at: 1000, samples: [sample('a', 5, 5)], pressure };
  for (const before of [undefined, now])
    expect(deeperOf(before, now).agents).toEqual({ a: { fds: 7, read: null, written: null } });
});
