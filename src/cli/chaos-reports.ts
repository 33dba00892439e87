/** Reports of experiments in the fleet's state folder: written, listed, shown. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markdownOf, type Position, type Report, type ReportGiven, reportOf } from '../chaos/report.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import { writeWhole } from '../fleet/whole-file.ts';
import { errnoOf, HmsError } from '../model/errors.ts';

/** Written whole, as JSON and as Markdown; '' and the report alone where nothing can be written. */
export async function writeReport(
  paths: FleetPaths,
  given: Omit<ReportGiven, 'positions'>,
): Promise<{ readonly report: Report; readonly file: string }> {
  const report = reportOf({ ...given, positions: await positionsOf(paths, given.outcome.faults) });
  const base = join(folder(paths), given.id);
  try {
    await mkdir(folder(paths), { recursive: true, mode: 0o700 });
    await writeWhole(`${base}.json`, `${JSON.stringify(report)}\n`);
    await writeWhole(`${base}.md`, markdownOf(report));
    return { report, file: `${base}.md` };
  } catch {
    // The verdict is worth more than its report: a full disk keeps nobody from it.
    return { report, file: '' };
  }
}

/** The newest first. */
export async function listReports(paths: FleetPaths): Promise<readonly Report[]> {
  const names = await readdir(folder(paths)).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const reports = await Promise.all(
    names.filter(name => name.endsWith('.json')).map(name => read(join(folder(paths), name))),
  );
  return reports.flatMap(report => report ?? []).sort((a, b) => b.started.localeCompare(a.started));
}

/** The one of this id, or the newest. Throws HmsError `no-report`. */
export async function findReport(paths: FleetPaths, id: string | undefined): Promise<Report> {
  const reports = await listReports(paths);
  const found = id === undefined ? reports[0] : reports.find(report => report.id === id);
  if (found) return found;
  throw new HmsError(
    'no-report',
    id === undefined ? 'no experiment has been run' : `there is no report ${id}`,
    'hms chaos list',
  );
}

function folder(paths: FleetPaths): string {
  return join(paths.chaos, 'reports');
}

async function read(file: string): Promise<Report | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    // Written by us, whole or not at all.
    return typeof value === 'object' && value !== null && 'id' in value ? (value as Report) : undefined;
  } catch {
    return undefined;
  }
}

/** Where in the recordings of the agents that were hit each fault began. */
async function positionsOf(
  paths: FleetPaths,
  faults: ReportGiven['outcome']['faults'],
): Promise<Record<string, readonly Position[]>> {
  if (!existsSync(paths.journal) || faults.length === 0) return {};
  const [{ openReader }, { CATALOG_KINDS, readCatalog }] = await Promise.all([
    import('../journal/reader.ts'),
    import('../recording/catalog.ts'),
  ]);
  const reader = openReader(paths.journal);
  try {
    const parts = [...readCatalog(reader.read({ kinds: CATALOG_KINDS })).values()];
    return Object.fromEntries(
      faults.map(({ step, injectedAt }) => [
        step.fault.id,
        step.fault.targets.flatMap((agent): readonly Position[] => {
          const running = parts.filter(part => part.agent === agent && part.started <= injectedAt).at(-1);
          const first = running && parts.find(part => part.recording === running.recording);
          return first ? [{ agent, recording: first.recording, at: injectedAt - first.started }] : [];
        }),
      ]),
    );
  } finally {
    reader.close();
  }
}
