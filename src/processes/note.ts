/**
 * What a person did to agents' processes while no engine answered, for the engine to learn: one JSON line each, in a
 * file of the fleet's run folder.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import * as z from 'zod';
import { errnoOf } from '../model/errors.ts';
import { HeldProcess } from '../model/freeze.ts';
import { AgentId, OperatorId } from '../model/ids.ts';

const Note = z.object({
  do: z.enum(['freeze', 'thaw']),
  agents: z.array(AgentId),
  fleet: z.boolean(),
  by: OperatorId,
  /** Stood still before, by agent. */
  before: z.record(AgentId, z.array(HeldProcess)),
});
export type Note = z.infer<typeof Note>;

export function notePath(run: string): string {
  return `${run}/freeze.notes`;
}

/** Written before it is done: an engine that comes back in the middle of it knows. */
export function writeNote(path: string, note: Note): void {
  // A line before it that was not written whole must not take this one along.
  appendFileSync(path, `\n${JSON.stringify(note)}\n`, { mode: 0o600 });
}

/**
 * The notes there are, oldest first, for the engine. They stay until it says that it has learned them: one that dies
 * over them leaves them to the next, and what is done twice is done once.
 */
export function takeNotes(path: string): readonly Note[] {
  if (!existsSync(taken(path))) {
    try {
      renameSync(path, taken(path));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    }
  }
  return readFrom(taken(path));
}

/** Those that were taken have been learned. */
export function forgetNotes(path: string): void {
  rmSync(taken(path), { force: true });
}

/** What no engine has learned yet, oldest first. */
export function readNotes(path: string): readonly Note[] {
  return [...readFrom(taken(path)), ...readFrom(path)];
}

const taken = (path: string): string => `${path}.taken`;

function readFrom(path: string): readonly Note[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap(line => {
    try {
      return [Note.parse(JSON.parse(line))];
    } catch {
      // A line that was not written whole.
      return [];
    }
  });
}
