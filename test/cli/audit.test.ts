import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CommanderError } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AuditDeps, auditCommand } from '../../src/cli/audit.ts';
import { openReader } from '../../src/journal/reader.ts';
import type { Journal } from '../../src/journal/types.ts';
import type { Event } from '../../src/model/event.ts';
import { AgentId } from '../../src/model/ids.ts';
import { journalIn, noted, ORIGIN, openIn, working } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

const HOSTILE = 'red \u001b[31m and \u202eback\u0007';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

function depsOf(dir: string, more: Partial<AuditDeps> = {}): AuditDeps {
  const { path, key } = journalIn(dir);
  return { locate: async () => ({ journal: path, key, origin: ORIGIN }), ...more };
}

/** `hms audit ARGS`: what it prints, says aside, and its exit code. */
async function audit(deps: AuditDeps, ...args: string[]) {
  let out = '';
  let aside = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    aside += String(text);
    return true;
  });
  process.exitCode = undefined;
  const command = auditCommand(deps);
  for (const sub of command.commands) sub.exitOverride();
  try {
    await command.parseAsync(args, { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  return { out, aside, lines: out.split('\n').filter(Boolean), code: Number(process.exitCode ?? 0) };
}

/** A journal with a few of everything, closed. */
async function filled(dir: string, more?: (journal: Journal) => Promise<void>): Promise<void> {
  const journal = openIn(dir);
  for (let n = 1; n <= 30; n++)
    journal.append(working(n, AgentId.parse(n % 3 === 0 ? 'crawler' : 'builder')));
  await journal.append(noted(HOSTILE, { words: 'kubectl delete ns staging' })).durable;
  await journal.checkpoint();
  await more?.(journal);
  journal.close();
}

describe('hms audit tail', () => {
  it('prints the newest events, one a line, harmless whatever is in them', async () => {
    await withFolder(async dir => {
      await filled(dir);
      const { lines, out } = await audit(depsOf(dir), 'tail', '-n', '3');
      expect(lines).toHaveLength(3);
      expect(lines[0]).toMatch(
        /^ {5}30 {2}2026-01-0\d \d\d:\d\d:29 {2}status\.changed {8}cell:monitor {6}agent:crawler {5}working · hook: PostToolUse/,
      );
      expect(lines[1]).toContain('info: red ␛[31m and ⟨U+202E⟩back␇');
      expect(lines[2]).toMatch(/journal\.checkpointed.*checkpoint over 31 events/);
      expect(out).not.toMatch(/[\u001b\u202e\u0007]/);
    });
  });

  it('prints JSON that says the same and steers no terminal', async () => {
    await withFolder(async dir => {
      await filled(dir);
      const { lines, out } = await audit(depsOf(dir), 'tail', '--json', '-n', '99');
      const reader = openReader(journalIn(dir).path);
      expect(lines.map(line => JSON.parse(line) as Event)).toEqual([...reader.read()]);
      reader.close();
      expect(out).not.toMatch(/[\u001b\u202e\u0007]/);
    });
  });

  it('goes on with new events as they come', async () => {
    await withFolder(async dir => {
      await filled(dir);
      const journal = openIn(dir);
      const script = `
        import { auditCommand } from ${JSON.stringify(new URL('../../src/cli/audit.ts', import.meta.url).href)};
        const locate = async () => ({ journal: process.argv[1], key: '', origin: '' });
        await auditCommand({ locate }).parseAsync(['tail', '-n', '1', '--follow'], { from: 'user' });`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, journalIn(dir).path]);
      try {
        let said = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          said += text;
        });
        await waitFor(() => said.includes('checkpoint over 31'), { what: 'the last event' });
        await journal.append(noted('while it looks on'), noted('and again')).durable;
        await waitFor(() => said.includes('and again'), { what: 'the new events' });
        expect(said.split('\n').filter(Boolean)).toHaveLength(3);
      } finally {
        child.kill('SIGKILL');
        journal.close();
      }
    });
  });
});

describe('hms audit show', () => {
  it('shows an event with its hash and whether it is signed', async () => {
    await withFolder(async dir => {
      await filled(dir);
      const { out } = await audit(depsOf(dir), 'show', '31');
      expect(out).toMatch(/event +31\n/);
      expect(out).toContain('"words": "kubectl delete ns staging"');
      expect(out).toMatch(/signed +in the checkpoint over 31 events/);
      expect(out).not.toMatch(/[\u001b\u202e\u0007]/);
      expect((await audit(depsOf(dir), 'show', '32')).out).toMatch(/signed +not yet/);
      const { lines } = await audit(depsOf(dir), 'show', '31', '--json');
      const { hash, signed } = JSON.parse(lines[0] ?? '');
      const { leafHash, verifyInclusion } = await import('../../src/journal/merkle.ts');
      expect(hash).toBe(leafHash(JSON.parse(lines[0] ?? '').text));
      expect(verifyInclusion(hash, 30, signed.size, signed.proof, signed.root)).toBe(true);
      await expect(audit(depsOf(dir), 'show', '99')).rejects.toMatchObject({
        code: 'no-event',
        hint: expect.stringMatching(/32/),
      });
      await expect(audit(depsOf(dir), 'show', 'x')).rejects.toThrow(CommanderError);
    });
  });
});

describe('hms audit search', () => {
  it('finds by words, agent, kind, actor and time, and exits 1 when there is nothing', async () => {
    await withFolder(async dir => {
      await filled(dir);
      const count = async (...args: string[]) => {
        const { lines, code } = await audit(depsOf(dir), 'search', ...args);
        expect(code).toBe(lines.length > 0 ? 0 : 1);
        return lines.length;
      };
      expect(await count('kubectl', 'STAGING')).toBe(1);
      expect(await count('kubectl', '--scan')).toBe(1);
      expect(await count('--agent', 'crawler')).toBe(10);
      expect(await count('--agent', 'crawler', '-n', '4')).toBe(4);
      expect(await count('--kind', 'engine.noted')).toBe(1);
      expect(await count('--kind', 'engine,journal')).toBe(2);
      expect(await count('--actor', 'cell:monitor', 'npm')).toBe(30);
      expect(await count('--since', '2026-01-01T00:00:20Z', '--until', '2026-01-01T00:00:22Z')).toBe(3);
      expect(await count('--since', '1m')).toBe(0);
      expect(await count('nowhere')).toBe(0);
      await expect(count('--kind', 'nonsense')).rejects.toThrow(CommanderError);
      await expect(count('--since', 'yesterday')).rejects.toMatchObject({ code: 'bad-time' });
    });
  });
});

describe('hms audit verify', () => {
  it('exits 0 for a good journal, and says how far it is signed', async () => {
    await withFolder(async dir => {
      await filled(dir);
      const { out, code } = await audit(depsOf(dir), 'verify', '--deep');
      expect(code).toBe(0);
      expect(out).toMatch(
        /^good: 32 events, 1 checkpoints, root [0-9a-f]{64}\nsigned up to event 31; 1 after it not yet/,
      );
      const json = await audit(depsOf(dir), 'verify', '--json');
      expect(JSON.parse(json.out)).toMatchObject({ ok: true, events: 32, firstBad: null, vkeyFrom: 'given' });
      const copy = await audit(depsOf(dir), 'verify', '--journal', journalIn(dir).path);
      expect(copy.out).toContain('as the journal says itself');
    });
  });

  it('exits 1 for a changed one, and names the first bad event', async () => {
    await withFolder(async dir => {
      await filled(dir);
      const db = new DatabaseSync(journalIn(dir).path);
      db.exec(
        "DROP TRIGGER event_no_update; UPDATE event SET bytes = CAST('{}' AS BLOB) WHERE seq IN (17, 23)",
      );
      db.close();
      const { out, code } = await audit(depsOf(dir), 'verify');
      expect([code, out.split('\n')[0]]).toEqual([1, 'CHANGED: first bad event 17']);
      const json = await audit(depsOf(dir), 'verify', '--json');
      expect([json.code, JSON.parse(json.out)]).toMatchObject([1, { ok: false, firstBad: 17 }]);
    });
  });

  it('exits 2 when it cannot read what it is given', async () => {
    await withFolder(async dir => {
      const none = await audit(depsOf(dir), 'verify');
      expect(none).toMatchObject({ code: 2, out: '' });
      expect(none.aside).toMatch(/There is no journal/);
      writeFileSync(journalIn(dir).path, 'no database'.repeat(200));
      const json = await audit(depsOf(dir), 'verify', '--json');
      expect(json.code).toBe(2);
      expect(JSON.parse(json.out)).toMatchObject({ ok: false, error: { code: 'not-a-journal' } });
      const lost = await audit({ locate: () => Promise.reject(new Error('no fleet')) }, 'verify');
      expect(lost.code).toBe(2);
    });
  });

  it('holds it against a kept checkpoint and a key from elsewhere', async () => {
    await withFolder(async dir => {
      await filled(dir);
      const kept = join(dir, 'kept');
      writeFileSync(kept, (await audit(depsOf(dir), 'checkpoint')).out);
      expect((await audit(depsOf(dir), 'verify', '--against', kept)).code).toBe(0);
      await withFolder(async other => {
        await filled(other);
        const { code, aside } = await audit(depsOf(other), 'verify', '--against', kept);
        expect(code).toBe(2);
        expect(aside).toMatch(/not one that .* signed/);
        const vkey = JSON.parse((await audit(depsOf(other), 'verify', '--json')).out).vkey;
        expect((await audit(depsOf(dir), 'verify', '--vkey', vkey)).code).toBe(1);
      });
    });
  });
});

describe('hms audit checkpoint', () => {
  it('signs here when no engine runs, and lets the engine sign when one does', async () => {
    await withFolder(async dir => {
      await filled(dir);
      const { out } = await audit(depsOf(dir), 'checkpoint');
      expect(out).toMatch(/^hms\/test-00000001\n32\n.+=\n\n— hms\/test-00000001 \S+\n$/);
      expect(JSON.parse((await audit(depsOf(dir), 'checkpoint', '--json')).out)).toMatchObject({ size: 33 });
      const engine = openIn(dir);
      const running = depsOf(dir, { checkpointViaEngine: () => engine.checkpoint() });
      expect(JSON.parse((await audit(running, 'checkpoint', '--json')).out)).toMatchObject({ size: 34 });
      // An engine that runs but is not asked has the journal to itself.
      await expect(audit(depsOf(dir), 'checkpoint')).rejects.toMatchObject({ code: 'journal-locked' });
      engine.close();
      expect((await audit(depsOf(dir), 'verify')).code).toBe(0);
    });
  });

  it('makes no journal where there is none, and signs no copy', async () => {
    await withFolder(async dir => {
      await expect(audit(depsOf(dir), 'checkpoint')).rejects.toMatchObject({ code: 'no-journal' });
      await filled(dir);
      await expect(audit(depsOf(dir), 'checkpoint', '--journal', journalIn(dir).path)).rejects.toMatchObject({
        code: 'bad-option',
      });
    });
  });
});

describe('hms audit export', () => {
  it('writes the stored lines, to standard output or a file', async () => {
    await withFolder(async dir => {
      await filled(dir);
      const { lines } = await audit(depsOf(dir), 'export');
      expect(lines).toHaveLength(32);
      const file = join(dir, 'out.jsonl');
      const said = await audit(depsOf(dir), 'export', '--out', file, '--json');
      expect(JSON.parse(said.out)).toEqual({ events: 32, file });
      expect(readFileSync(file, 'utf8')).toBe(`${lines.join('\n')}\n`);
    });
  });

  it('writes a bundle of all there is, that verifies by itself', async () => {
    await withFolder(async dir => {
      await filled(dir, async journal => {
        await journal.append(working(1), working(2)).durable;
      });
      const out = join(dir, 'bundle');
      const { aside } = await audit(depsOf(dir), 'export', '--format', 'tiles', '--out', out);
      expect(aside).toContain('34 events');
      const { status, stdout } = spawnSync(process.execPath, [join(out, 'verify.mjs')], { encoding: 'utf8' });
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^good: 34 events/)]);
      // From a copy, which cannot be signed: up to its newest checkpoint.
      const copy = join(dir, 'copy.db');
      copyFileSync(journalIn(dir).path, copy);
      const second = await audit(
        depsOf(dir),
        'export',
        '--format',
        'tiles',
        '--out',
        join(dir, 'b2'),
        '--journal',
        copy,
        '--json',
      );
      expect(JSON.parse(second.out)).toMatchObject({ size: 34 });
      await expect(audit(depsOf(dir), 'export', '--format', 'tiles', '--out', out)).rejects.toMatchObject({
        code: 'not-empty',
      });
    });
  });
});
