/** `hms config diff`: what the fleet file changes against what is in force, also of a fleet that is down. */
import { dirname } from 'node:path';
import { configurationOf, problemsOf } from '../engine/configuration.ts';
import { lastRevision } from '../engine/history.ts';
import { fleetChange } from '../fleet/changes.ts';
import { keptConfiguration } from '../fleet/kept.ts';
import { loadFleet, realPlace } from '../fleet/load.ts';
import { fleetPaths } from '../fleet/paths.ts';
import { listFleets } from '../fleet/registry.ts';
import { openReader } from '../journal/reader.ts';
import type { FleetChange } from '../model/change.ts';
import { changeLines } from '../model/change-lines.ts';
import { HmsError } from '../model/errors.ts';
import { neutralise } from '../model/text.ts';
import { print, printJson } from './output.ts';

interface Report {
  readonly ok: boolean;
  /** Nothing that counts is different. */
  readonly same: boolean;
  readonly change: FleetChange;
  readonly problems: readonly string[];
}

const NOTHING: FleetChange = { agents: [], fleet: [] };

export async function configDiff(file: string, json: boolean): Promise<void> {
  const report = await compare(await realPlace(file));
  if (!report.ok) process.exitCode = 1;
  if (json) return printJson(report);
  for (const problem of report.problems) print(neutralise(problem));
  for (const { text } of changeLines(report.change)) print(text);
  if (report.ok && report.same) print('no difference to what is in force');
}

async function compare(file: string): Promise<Report> {
  const before = await inForce(file);
  try {
    const after = await configurationOf(await loadFleet(file));
    const change = fleetChange(before, after);
    const same = change.agents.length + change.fleet.length === 0;
    return { ok: true, same, change, problems: [] };
  } catch (error) {
    return { ok: false, same: false, change: NOTHING, problems: problemsOf(error) };
  }
}

/** By the card the fleet of this file has left: the file itself may be too broken to say its name. */
async function inForce(file: string) {
  const cards = (await listFleets()).filter(card => card.file === file);
  for (const card of cards) {
    const paths = fleetPaths(card.fleet, dirname(file));
    const journal = openReader(paths.journal);
    try {
      const revision = lastRevision(journal);
      const kept = revision && (await keptConfiguration(paths, revision, process.env));
      if (kept) return kept;
    } finally {
      journal.close();
    }
  }
  throw new HmsError(
    'nothing-in-force',
    'nothing of this fleet file has been in force yet',
    'hms config check looks at it alone; hms up starts it',
  );
}
