/** The demo without a person: a scripted operator answers, and the story must go as told. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { FleetPaths } from '../fleet/paths.ts';
import { verifyJournal } from '../journal/verify.ts';
import { HmsError } from '../model/errors.ts';
import { RequestId } from '../model/ids.ts';
import { reduce } from '../model/reduce.ts';
import type { FleetState, RequestState } from '../model/state.ts';
import { summarise } from '../model/summary.ts';
import { oneLine } from '../model/text.ts';
import type { Client, OperatorTable } from '../protocol/client.ts';
import { GOOD } from '../recording/verify.ts';
import { openLink } from './operator-link.ts';
import { verifiedOf } from './record.ts';

const run = promisify(execFile);

/** All of the story must have happened by then, ms. */
const DEADLINE_MS = 60_000;

/** The newest run may be a moment old: until its recording can be proved, ms. */
const RECORDED_WITHIN_MS = 10_000;

interface StoryResult {
  readonly ok: boolean;
  readonly agents: number;
  readonly approvals: number;
  readonly decisions: number;
  readonly restarts: number;
  readonly incidents: number;
  readonly events: number;
  readonly verified: boolean;
  readonly recordings: number;
  readonly seconds: number;
  /** What did not go as told; empty when ok. */
  readonly missing: readonly string[];
}

/** What the scripted operator says to a request. */
interface Line {
  readonly decision: 'approve' | 'deny';
  readonly note: string;
}

function lineFor(request: RequestState): Line {
  const text = JSON.stringify(request.action.input);
  if (text.includes('staging')) return { decision: 'deny', note: 'staging is still needed' };
  return { decision: 'approve', note: request.action.tool === 'ask' ? 'go ahead' : '' };
}

/** The chapters: each must have happened. The story is over when all have. */
const CHAPTERS: readonly { readonly name: string; readonly done: (state: FleetState) => boolean }[] = [
  {
    name: 'six agents started',
    done: s => Object.values(s.agents).filter(a => a.incarnation > 0).length === 6,
  },
  {
    name: 'a commit was approved and ran',
    done: s => s.settled.some(r => r.agent === 'builder' && r.outcome === 'approved' && r.exit === 0),
  },
  {
    name: 'a deletion was denied',
    done: s => s.settled.some(r => r.agent === 'deployer' && r.outcome === 'denied'),
  },
  {
    name: 'a ruinous command was forbidden',
    done: s => s.settled.some(r => r.agent === 'deployer' && r.outcome === 'forbidden'),
  },
  {
    name: 'a question was answered',
    done: s => s.settled.some(r => r.action.tool === 'ask' && r.outcome === 'approved'),
  },
  { name: 'a crashed agent came back twice', done: s => (s.agents.crawler?.incarnation ?? 0) >= 3 },
  { name: 'a flood went through', done: s => s.agents.logger?.evidence.detail.includes('20000') ?? false },
];

/** Plays it on the demo fleet that runs in `dir`, up since `begun` (ms since the epoch). */
export async function playStory(
  dir: string,
  begun: number,
  tell: (line: string) => void,
): Promise<StoryResult> {
  const { client, welcome, paths, onEvent } = await openLink({
    fleet: dir,
    follow: true,
    as: 'demo',
    mode: 'watch',
    client: 'demo',
  });
  const happened = new Set<string>();
  let decisions = 0;
  let held = 0;
  const state = await new Promise<FleetState>((resolve, reject) => {
    let current = welcome.state;
    const late = setTimeout(() => resolve(current), DEADLINE_MS);
    const answer = (request: RequestState | undefined): void => {
      if (request?.verdict !== 'hold') return;
      held += 1;
      decide(client, request).then(() => (decisions += 1), reject);
    };
    const look = (): void => {
      for (const { name, done } of CHAPTERS) {
        if (happened.has(name) || !done(current)) continue;
        happened.add(name);
        tell(`✓ ${name}`);
      }
      if (happened.size < CHAPTERS.length) return;
      clearTimeout(late);
      resolve(current);
    };
    client.onClose(error => {
      clearTimeout(late);
      reject(error);
    });
    Object.values(current.pending).forEach(answer);
    look();
    onEvent(event => {
      current = reduce(current, event);
      if (TOLD.has(event.kind))
        tell(`  ${oneLine(`${event.subject.replace(/^agent:/, '')}  ${summarise(event)}`, 140)}`);
      if (event.kind === 'gate.requested') answer(current.pending[event.data.request]);
      look();
    });
  });
  client.close();
  const missing = CHAPTERS.filter(chapter => !happened.has(chapter.name)).map(chapter => chapter.name);
  missing.push(...(await traces(dir)));
  const recordings = await provedRecordings(paths, state);
  if (recordings === 0) missing.push('everything was recorded');
  const verified = verifyJournal(paths.journal);
  if (!verified.ok) missing.push('the journal verifies');
  return {
    ok: missing.length === 0,
    agents: state.order.length,
    approvals: held,
    decisions,
    restarts: state.totals.restarts,
    incidents: state.totals.incidents,
    events: state.seq,
    verified: verified.ok,
    recordings,
    seconds: Math.round((Date.now() - begun) / 100) / 10,
    missing,
  };
}

/** How many recordings there are once every run of every agent has one; 0 when one is missing or not as it was. */
async function provedRecordings(paths: FleetPaths, state: FleetState): Promise<number> {
  const runs = Object.values(state.agents).flatMap(({ id, incarnation }) =>
    Array.from({ length: incarnation }, (_, n) => `${id}.${n + 1}`),
  );
  const end = Date.now() + RECORDED_WITHIN_MS;
  for (;;) {
    const proved = (await verifiedOf(paths)).filter(v => GOOD.includes(v.verdict) && v.chunks > 0);
    const names = new Set(proved.map(v => v.recording));
    if (runs.every(run => names.has(run))) return names.size;
    if (Date.now() > end) return 0;
    await pause(100);
  }
}

const TOLD: ReadonlySet<string> = new Set([
  'agent.started',
  'agent.exited',
  'restart.scheduled',
  'gate.requested',
  'approval.decided',
  'gate.settled',
  'gate.effected',
  'incident.opened',
  'incident.closed',
]);

async function decide(client: Client<OperatorTable>, request: RequestState): Promise<void> {
  const { decision, note } = lineFor(request);
  try {
    await client.request('approval.decide', {
      request: RequestId.parse(request.id),
      decision,
      note,
      digest: request.digest,
      evidence: { keys: ['demo'], shown: request.digest },
    });
  } catch (error) {
    // Its asker may have gone in the meantime: then there is nothing to decide.
    if (!(error instanceof HmsError)) throw error;
  }
}

/** What the files say: approved things happened, denied and forbidden ones did not. */
async function traces(dir: string): Promise<readonly string[]> {
  const { stdout } = await run('git', ['log', '--format=%s'], { cwd: dir });
  const wrong: string[] = [];
  if (!stdout.includes('Build 1')) wrong.push('the approved commit is in the repository');
  if (!existsSync(join(dir, 'staging', 'release.txt')))
    wrong.push('the denied deletion left its folder alone');
  if (existsSync(join(dir, 'scratch.img'))) wrong.push('the forbidden command made nothing');
  return wrong;
}
