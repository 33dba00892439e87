/** What `hms gate run` and `hms gate ask` do once their arguments are read. */
import type { Action } from '../model/action.ts';
import { HmsError } from '../model/errors.ts';
import { agentPlace } from './agent-link.ts';
import { EXIT } from './exits.ts';
import { askGate } from './gate-ask.ts';
import { gateRun } from './gate-run.ts';
import { explain, print, printJson, say } from './output.ts';

/** Sets the exit code; never throws. */
export function doRun(argv: readonly string[], note: string): Promise<void> {
  return settle(() => gateRun(agentPlace(), { argv, cwd: process.cwd(), note, say: tell }));
}

/** Sets the exit code; never throws. */
export function doAsk(question: string, json: boolean): Promise<void> {
  return settle(async () => {
    const action: Action = { tool: 'ask', input: { question }, cwd: process.cwd() };
    const answer = await askGate(agentPlace(), action, { edit: false, say: tell });
    const { request, outcome, run: yes, message } = answer;
    if (json) printJson({ request, yes, outcome, message });
    else if (message) print(message);
    return yes ? 0 : EXIT.refused;
  });
}

/** Trying again does not help these. */
const CONFIG = new Set(['not-inside', 'bad-token', 'old-token', 'protocol']);

async function settle(body: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await body();
  } catch (error) {
    say(explain(error, process.env.HMS_DEBUG === '1'));
    process.exitCode = error instanceof HmsError && CONFIG.has(error.code) ? EXIT.config : EXIT.tempFail;
  }
}

function tell(line: string): void {
  say(`hms: ${line}`);
}
