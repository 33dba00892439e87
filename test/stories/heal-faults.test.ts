/**
 * Every kind of trouble an agent can have, in one fleet, as a person sees it: each is called what it is and healed by
 * what cures it, on the healing page while it happens and on the command line afterwards.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findFleet } from '../../src/fleet/registry.ts';
import { type Program, withProgram } from '../support/program.ts';
import { end, tmuxProcesses } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

/** Well from its second run on. */
const ONCE =
  'if [ -e $HMS_AGENT.ran ]; then while :; do echo tick; sleep 0.3; done; fi; touch $HMS_AGENT.ran';
/** As a Claude Code would: what its hooks tell. */
const TELLS = 'tells() { echo "$1" | "$HMS_BIN" hook claude; }';

const HEALING = 'verify: 1s, patience: 3s';
const FLEET = `fleet: ward
agents:
  crashes: { command: '${ONCE}; exit 3', healing: { ${HEALING} } }
  loops: { command: 'test -e mended || exit 3; while :; do echo tick; sleep 0.3; done', restart: { max: 2, from: 0ms, to: 0ms }, healing: { ${HEALING} } }
  hangs: { command: '${ONCE}; echo up; trap "" INT; while :; do sleep 1000000; done', healing: { silence: 3s, ${HEALING} } }
  spins:
    command: 'if [ -e spun ]; then while :; do echo tick; sleep 0.3; done; fi; touch spun; trap "" INT; for n in $(seq 40); do echo $n; sleep 0.3; done; while :; do :; done'
    healing: { level: hybrid, ${HEALING} }
  storms: { command: '${ONCE}; trap "" INT; exec yes "$(seq 200)"', healing: { limits: { output: 0.2 }, ${HEALING} } }
  leaks:
    command: [node, -e, "require('fs').existsSync('leaked') || (globalThis.kept = Buffer.alloc(300 << 20, 1)); require('fs').writeFileSync('leaked', ''); setInterval(() => console.log('tick'), 300)"]
    healing: { limits: { memory: 200 }, ladder: { leak: [restart] }, ${HEALING} }
  needs: { command: 'echo up; while [ -e service ]; do sleep 0.1; done; exit 1', healing: { depends: { it: { file: service } }, ${HEALING} } }
  fails:
    command: 'rm -f sick; while :; do echo tick; sleep 0.3; done'
    healing: { probes: { answers: { exec: "test ! -e sick", every: 300ms, failures: 2 } }, ladder: { hang: [restart] }, ${HEALING} }
  limited:
    driver: claude
    command: |
      ${TELLS}; tells '{"hook_event_name":"SessionStart"}'; tells '{"hook_event_name":"UserPromptSubmit"}'
      tells '{"hook_event_name":"StopFailure","error":"overloaded","last_assistant_message":"Overloaded"}'
      while [ ! -e calm ]; do sleep 0.1; done
      while :; do tells '{"hook_event_name":"UserPromptSubmit"}'; sleep 1; done #
    healing: { ladder: { overload: [wait] }, verify: 1s, patience: 60s }
  asks: { command: '"$HMS_BIN" gate run -- rm -rf build', healing: { silence: 1s } }
  waits: { command: [cat], healing: { silence: 1s, level: hybrid } }
`;

interface Incidents {
  readonly open: readonly { readonly agent: string }[];
  readonly closed: readonly {
    readonly id: string;
    readonly agent: string;
    readonly class: string;
    readonly result: string | null;
  }[];
}

const incidents = (program: Program): Promise<Incidents> => program.json<Incidents>('heal', 'incidents');

/** What was healed, as `agent: class, result`. */
const healed = (program: Program, ...wanted: readonly string[]): Promise<unknown> =>
  waitFor(
    async () => {
      const { closed } = await incidents(program);
      const seen = closed.map(one => `${one.agent}: ${one.class}, ${one.result}`);
      if (wanted.every(one => seen.includes(one))) return true;
      throw new Error(`${seen.join(' · ')}`);
    },
    { what: wanted.join(' · '), deadlineMs: 90_000, everyMs: 500 },
  );

test('each is called what it is, and healed by what cures it; who waits for a person is let be', {
  timeout: 180_000,
}, async () => {
  await withProgram(async program => {
    const touch = (name: string): void => writeFileSync(join(program.dir, name), '');
    touch('service');
    await program.fleet(FLEET);
    const terminal = await program.terminal([], { cols: 160, rows: 120 });
    await terminal.shows('waits');
    await terminal.press('I');

    // A service goes, and its agent is not started in vain; a loop ends in a question.
    rmSync(join(program.dir, 'service'));
    touch('sick');
    await terminal.shows(/needs .*(✖ dependency|it down)/, /limited: overload/, /loops .*✖ crash-loop/);
    await terminal.shows('asks a person');
    touch('service');
    touch('mended');
    const { approvals } = await program.json<{ approvals: { id: string; agent: string }[] }>('status');
    const question = approvals.find(({ agent }) => agent === 'loops')?.id ?? '';
    expect((await program.hms('approvals', 'approve', question)).code).toBe(0);
    await healed(
      program,
      'crashes: crash, recovered',
      'hangs: hang, recovered',
      'needs: dependency, recovered',
      'fails: hang, recovered',
    );
    touch('calm');
    await healed(
      program,
      'limited: overload, recovered',
      'leaks: leak, recovered',
      'storms: storm, recovered',
      'spins: busy, recovered',
    );
    expect((await incidents(program)).closed).toContainEqual(
      expect.objectContaining({ agent: 'loops', class: 'crash-loop' }),
    );
    expect(existsSync(join(program.dir, 'sick'))).toBe(false);
    await terminal.shows('No incident is open.', /storms.*storm/, /leaks.*leak/, /spins.*busy/);
    const ill = (await incidents(program)).closed.map(({ agent }) => agent);
    expect(ill.filter(agent => agent === 'waits' || agent === 'asks')).toEqual([]);

    // The tmux server goes, and everybody with it.
    const { tmuxSocket } = await findFleet(program.dir, program.dir, program.env);
    const [server] = await tmuxProcesses(tmuxSocket);
    end(server ?? 0);
    await healed(program, 'crashes: lost, recovered', 'waits: lost, recovered', 'hangs: lost, recovered');
    await terminal.shows('No incident is open.');
  });
});
