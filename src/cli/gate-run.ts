/** `hms gate run`: a command runs when the gate has said so, exactly as it was approved, and not otherwise. */
import { actionDigest } from '../gate/digest.ts';
import type { Action } from '../model/action.ts';
import { HmsError } from '../model/errors.ts';
import type { GateAnswer } from '../protocol/messages.ts';
import { type AgentPlace, openLink } from './agent-link.ts';
import { EXIT } from './exits.ts';
import { askGate } from './gate-ask.ts';
import { type Ended, runCommand } from './run-command.ts';

/** How long the report of what became of it may hold up our end, ms. */
const REPORT_MS = 500;

interface GateRun {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The asker's own words to the people who decide. */
  readonly note: string;
  readonly say: (line: string) => void;
  /** How long an engine may be away, ms; 2 minutes when absent. */
  readonly outageMs?: number;
}

/** Asks, runs, reports; resolves to the exit code. Rejects as `askGate`, and with HmsError `altered`. */
export async function gateRun(
  place: AgentPlace,
  { argv, cwd, note, say, outageMs }: GateRun,
): Promise<number> {
  const action: Action = { tool: 'exec', input: { argv, ...(note ? { note } : {}) }, cwd };
  const answer = await askGate(place, action, {
    edit: true,
    say,
    ...(outageMs === undefined ? {} : { outageMs }),
  });
  if (!answer.run) {
    say(`${answer.outcome}${answer.message ? `: ${answer.message}` : ''}`);
    return EXIT.refused;
  }
  const approved = approvedArgv(action, answer);
  if (answer.edited) say(`approved as edited: ${approved.join(' ')}`);
  else if (answer.outcome !== 'permitted' && answer.message) say(`${answer.outcome}: ${answer.message}`);
  const started = performance.now();
  const ended = await runCommand(approved, answer.action.cwd);
  if (!ended.ran) say(ended.detail);
  await report(place, answer, ended, performance.now() - started);
  return ended.code;
}

/** What may run; throws `altered` unless it is what the digest of the decision stands for. */
function approvedArgv(asked: Action, answer: GateAnswer): readonly string[] {
  const { action, digest, edited } = answer;
  const argv = action.input['argv'];
  const whole = Array.isArray(argv) && argv.length > 0 && argv.every(word => typeof word === 'string');
  const same = actionDigest(action) === digest && (edited || actionDigest(asked) === digest);
  if (whole && same && action.tool === 'exec') return argv;
  throw new HmsError('altered', 'The answer is not about this command; nothing was run.', 'hms audit tail');
}

/** Best effort: what became of it is told to an engine that is there. */
async function report(place: AgentPlace, { request }: GateAnswer, ended: Ended, ms: number): Promise<void> {
  const tell = async (): Promise<void> => {
    const link = await openLink(place, REPORT_MS);
    try {
      const effect = { request, exit: ended.code, detail: ended.detail.slice(0, 400), ms: Math.round(ms) };
      await link.request('gate.effect', effect, { deadlineMs: REPORT_MS });
    } finally {
      link.close();
    }
  };
  let late: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>(resolve => {
    late = setTimeout(resolve, REPORT_MS);
  });
  await Promise.race([tell().catch(() => {}), timeout]);
  clearTimeout(late);
}
