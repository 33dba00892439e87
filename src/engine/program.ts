/** Can this program be started at all? Asked before a pane is made, so that the answer is a sentence. */
import { statSync } from 'node:fs';
import { canRun } from '../fleet/program.ts';

export interface Missing {
  readonly reason: string;
  readonly hint: string;
}

/** undefined when `argv[0]` can be run in `cwd` with this PATH. */
export function missingProgram(argv: readonly string[], cwd: string, path: string): Missing | undefined {
  if (!isFolder(cwd))
    return { reason: `its folder ${cwd} is not there`, hint: 'make it, or change cwd in the fleet file' };
  const program = argv[0] ?? '';
  if (program === '') return { reason: 'it has no command', hint: 'give it one in the fleet file' };
  if (canRun(program, cwd, path)) return undefined;
  if (program.includes('/')) {
    return {
      reason: `${program} is not there or may not be run`,
      hint: 'check the path and its x permission',
    };
  }
  return {
    reason: `the program ${program} is not installed`,
    hint: 'install it, or give its full path as command',
  };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
