/** Reads facts from actions in the folder of a shop, and tables of commands to read them from. */
import type { ClassName } from '../../src/gate/classes.ts';
import { readFacts } from '../../src/gate/facts.ts';
import type { Facts } from '../../src/model/action.ts';
import type { JsonObject } from '../../src/model/json.ts';

const CWD = '/home/ann/shop';

export function bash(command: string, cwd = CWD): Facts {
  return readFacts({ tool: 'Bash', input: { command }, cwd });
}

export function exec(...argv: string[]): Facts {
  return readFacts({ tool: 'exec', input: { argv }, cwd: CWD });
}

export function tool(name: string, input: JsonObject): Facts {
  return readFacts({ tool: name, input, cwd: CWD });
}

/** Commands, one a line; a blank line or indentation means nothing. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
}

export function each(classes: string, commands: string): [string, ClassName[]][] {
  return lines(commands).map(command => [command, classes.split(' ') as ClassName[]]);
}
