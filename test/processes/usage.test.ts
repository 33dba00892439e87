/** What real processes use, compared loosely: shares, never times. */
import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { FleetTrees } from '../../src/processes/fleet-trees.ts';
import { UsageMeter } from '../../src/processes/usage.ts';
import { waitFor } from '../support/wait.ts';

function trees(pids: Readonly<Record<string, number>>): FleetTrees {
  const roots = Object.entries(pids).map(([agent, pid]) => ({ agent, pid, born: '' }));
  return new FleetTrees({ roots: () => roots, socket: '/nowhere', server: 0, never: new Set([process.pid]) });
}

async function withShells<T>(scripts: readonly string[], body: (pids: number[]) => Promise<T>): Promise<T> {
  const children = scripts.map(script => spawn('sh', ['-c', script], { stdio: 'ignore', detached: true }));
  try {
    return await body(children.map(child => child.pid ?? 0));
  } finally {
    for (const { pid } of children) {
      try {
        if (pid) process.kill(-pid, 'SIGKILL');
      } catch {
        // Ended by itself.
      }
    }
  }
}

describe('what agents use', () => {
  test('who burns uses far more CPU than who sleeps, also when children do it that are gone at each look', async () => {
    const burning = 'while :; do :; done';
    const handing = 'while :; do sh -c "i=0; while [ \\$i -lt 2000 ]; do i=\\$((i+1)); done"; done';
    await withShells([burning, handing, 'sleep 1000'], async ([a = 0, b = 0, c = 0]) => {
      const look = trees({ a, b, c });
      const meter = new UsageMeter(64);
      meter.measure(look.look(), performance.now());
      const used = { a: 0, b: 0, c: 0 };
      const ran = { a: 0, b: 0, c: 0 };
      let looks = 0;
      await waitFor(
        () => {
          const usage = meter.measure(look.look(), performance.now());
          for (const id of ['a', 'b', 'c'] as const) {
            used[id] += usage.get(id)?.cpu ?? 0;
            ran[id] += usage.get(id)?.runs ? 1 : 0;
          }
          looks += 1;
          return looks > 20 && used.a > 200 && used.b > 200;
        },
        { what: 'both to have burnt', everyMs: 50, deadlineMs: 30_000 },
      );
      expect(used.c).toBeLessThan(used.a / 5);
      expect(used.c).toBeLessThan(used.b / 5);
      expect(ran.a).toBeGreaterThan(looks / 2);
      expect(ran.c).toBeLessThan(looks / 2);
    });
  });

  test('processes, threads and memory of the whole tree count', async () => {
    await withShells(['sleep 1000 & sleep 1000 & wait'], async ([a = 0]) => {
      const look = trees({ a });
      const usage = await waitFor(
        () => {
          const now = new UsageMeter(64).measure(look.look(), 1).get('a');
          return now?.processes === 3 && now;
        },
        { what: 'three processes' },
      );
      expect(usage.cpu).toBe(0);
      if (process.platform === 'linux') expect(usage.threads).toBe(3);
      expect(usage.rss).toBeGreaterThan(100_000);
    });
  });
});
