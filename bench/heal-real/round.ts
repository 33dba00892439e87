/** One fleet of the bench `heal-real`: brought up, watched for a while, ruined agent by agent, and judged. */
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFleet } from '../../src/fleet/registry.ts';
import { seeded } from '../../src/healing/random.ts';
import { withProgram } from '../../test/support/program.ts';
import { waitFor } from '../../test/support/wait.ts';
import { Chronicle, type Trial, type Verdict } from './chronicle.ts';
import { type Fault, type Ground, openService, type Service } from './faults.ts';
import { HEALTHY } from './healthy.ts';
import { Ward } from './ward.ts';

const PATIENT = join(import.meta.dirname, 'patient.mjs');
/** For so long agents are watched before one that must be known falls ill, ms. */
const LEARNT_MS = 28_000;
/** All have printed; what came with so many starts has a moment to end, ms. */
const RESTS_MS = 3000;
/** Between two of one kind, ms. */
const APART_MS = 1500;
const GIVEN_UP_MS = 45_000;

export interface Judged extends Verdict {
  readonly fault: Fault;
  readonly trial: Trial;
}

export interface Round {
  readonly judged: readonly Judged[];
  readonly falseAlarms: readonly string[];
}

interface Bed {
  readonly agent: string;
  readonly fault: Fault;
}

/** @param healthy others as well, with which nothing is wrong */
export function playRound(seed: number, faults: readonly Fault[], healthy: boolean): Promise<Round> {
  return withProgram(async program => {
    const random = seeded(seed);
    const ward = new Ward(random);
    const port = await ward.open();
    const services = new Map<string, Service>();
    const beds = faults.flatMap((fault, at) =>
      Array.from({ length: fault.agents }, (_, n): Bed => ({ agent: `f${at}-${n}`, fault })),
    );
    for (const { agent, fault } of beds)
      if (fault.depends) services.set(agent, await openService(fault.depends, join(program.dir, agent)));
    try {
      await program.fleet(fleetOf(beds, services, port, healthy ? HEALTHY : {}));
      const up = await program.hms('up');
      if (up.code !== 0) throw new Error(`hms up: ${up.stderr}`);
      await waitFor(() => beds.every(({ agent }) => ward.runs(agent).length > 0), {
        what: 'all agents to print',
        deadlineMs: 40_000,
        everyMs: 50,
      });
      const { journal, tmuxSocket } = await findFleet(program.dir, program.dir, program.env);
      const serviceOf = (agent: string): Service | undefined => services.get(agent);
      return await ruin(beds, { program, ward, random, tmuxSocket, serviceOf }, journal);
    } finally {
      ward.close();
      await program.hms('down');
      for (const service of services.values()) await service.down().catch(() => {});
    }
  });
}

async function ruin(beds: readonly Bed[], ground: Ground, journal: string): Promise<Round> {
  const { ward } = ground;
  const chronicle = new Chronicle(journal);
  const trials = new Map<string, Trial>();
  const errors: unknown[] = [];
  const begin = async ({ agent, fault }: Bed): Promise<void> => {
    const { name, onlyAnew = false } = fault;
    const trial: Trial = { fault: name, agent, at: Date.now(), onlyAnew };
    trials.set(agent, trial);
    const gone = await fault.inject(agent, ground);
    if (gone !== undefined) trial.gone = gone;
  };
  const inTurn = async (fault: Fault): Promise<void> => {
    await sleep(fault.learns ? LEARNT_MS : RESTS_MS);
    for (const bed of beds.filter(one => one.fault === fault)) {
      begin(bed).catch((error: unknown) => errors.push(error));
      await sleep(fault.apartMs ?? APART_MS);
    }
  };
  await Promise.all([...new Set(beds.map(({ fault }) => fault))].map(inTurn));
  const judge = (): Judged[] =>
    beds.flatMap(({ agent, fault }) => {
      const trial = trials.get(agent);
      return trial ? [{ ...chronicle.verdictOf(trial, ward), fault, trial }] : [];
    });
  try {
    await waitFor(
      () => errors.length > 0 || judge().every(({ sign, asked }) => sign !== undefined || asked),
      {
        what: 'all to be well again',
        deadlineMs: Math.max(...beds.map(({ fault }) => fault.givenUpMs ?? GIVEN_UP_MS)),
        everyMs: 250,
      },
    ).catch(() => {});
    if (errors.length > 0) throw errors[0];
    return { judged: judge(), falseAlarms: chronicle.falseAlarms([...trials.values()]) };
  } finally {
    chronicle.close();
  }
}

function fleetOf(
  beds: readonly Bed[],
  services: ReadonlyMap<string, Service>,
  port: number,
  healthy: Readonly<Record<string, string>>,
): string {
  const patients = beds.map(({ agent, fault: { level = 'hybrid', healing } }) => {
    const service = services.get(agent);
    const command = [execPath, PATIENT, agent, `${port}`, ...(service ? [service.place] : [])];
    const depends = service ? `depends: { it: { ${service.means} } }` : '';
    const section = [`level: ${level}`, healing, depends].filter(Boolean).join(', ');
    return `  ${agent}: { command: ${JSON.stringify(command)}, healing: { ${section} } }`;
  });
  const others = Object.entries(healthy).map(
    ([name, command]) => `  ${name}: { command: ${command}, healing: hybrid }`,
  );
  return ['fleet: ward', 'agents:', ...patients, ...others, ''].join('\n');
}
