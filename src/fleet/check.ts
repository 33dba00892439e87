/** A fleet file's text to a checked fleet, or every problem it has. */
import { dirname } from 'node:path';
import * as z from 'zod';
import { FleetConfig } from '../model/fleet.ts';
import { AgentId, type Digest } from '../model/ids.ts';
import { inconsistencies, soundAgents } from './consistency.ts';
import { type FleetDocument, readDocument } from './document.ts';
import { findingsOf } from './findings.ts';
import { type Finding, FleetFileError, type FleetIssue, pathText } from './issue.ts';
import {
  absolute,
  missingFolder,
  missingPolicy,
  missingProgram,
  missingRepository,
  type Surroundings,
} from './places.ts';
import type { LoadedFleet } from './types.ts';

interface FleetSource {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  readonly digest: Digest;
}

interface CheckOptions {
  /** Look for the folders and policies it names (the default): not for one that was good when it was kept. */
  readonly places: boolean;
}

/** Throws FleetFileError. */
export async function checkFleet(
  source: FleetSource,
  shown: string,
  env: NodeJS.ProcessEnv,
  { places }: CheckOptions = { places: true },
): Promise<LoadedFleet> {
  const document = readDocument(source.text);
  const around = { dir: dirname(source.file), env };
  const parsed = FleetConfig.safeParse(document.value);
  const problems = [...document.issues];
  if (document.value !== undefined) {
    const looked = places ? await missingPlaces(document.value, around) : [];
    problems.push(
      ...placed(document, [...problemsOf(document.value, parsed.error?.issues ?? []), ...looked]),
    );
  }
  if (!parsed.success || problems.length > 0) throw new FleetFileError(shown, problems);

  const config = parsed.data;
  const agents = Object.entries(config.agents).map(([id, agent]) => ({
    id: AgentId.parse(id),
    config: agent,
    cwd: absolute(agent.cwd, around),
  }));
  const repositories = await Promise.all(
    agents.map(({ id, config }) => missingRepository(id, config, around)),
  );
  const missing = [
    ...agents.flatMap(({ id, config: agent }) => missingProgram(id, agent, around)),
    ...repositories.flat(),
  ];
  return {
    file: source.file,
    dir: around.dir,
    text: source.text,
    digest: source.digest,
    config,
    agents,
    policies: config.policies.map(policy => absolute(policy, around)),
    warnings: placed(document, missing),
  };
}

const Policies = z.object({ policies: z.array(z.unknown()).catch([]) }).catch({ policies: [] });

function problemsOf(value: unknown, issues: readonly z.core.$ZodIssue[]): readonly Finding[] {
  if (value === null) {
    return [{ path: [], reason: 'the file is empty', hint: 'it needs at least "fleet:" and "agents:"' }];
  }
  return [...findingsOf(issues, value), ...inconsistencies(value)];
}

async function missingPlaces(value: unknown, around: Surroundings): Promise<readonly Finding[]> {
  const folders = [...soundAgents(value)].map(([id, agent]) => missingFolder(id, agent, around));
  const policies = Policies.parse(value).policies.map(async (policy, at) =>
    typeof policy === 'string' && policy !== '' ? missingPolicy(at, policy, around) : [],
  );
  return (await Promise.all([...folders, ...policies])).flat();
}

function placed(document: FleetDocument, findings: readonly Finding[]): readonly FleetIssue[] {
  return findings.map(({ path, atKey, reason, hint }) => ({
    ...document.locate(path, atKey),
    path: pathText(path),
    reason,
    hint,
  }));
}
