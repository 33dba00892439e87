import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AgentId, OperatorId } from '../../src/model/ids.ts';
import {
  forgetNotes,
  type Note,
  notePath,
  readNotes,
  takeNotes,
  writeNote,
} from '../../src/processes/note.ts';

let run = '';
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'hms-note-'));
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

const note = (what: Note['do']): Note => ({
  do: what,
  agents: [AgentId.parse('one')],
  fleet: false,
  by: OperatorId.parse('alice'),
  before: {},
});

test('notes are told until they are learned, in their order, also to an engine after one that died over them', () => {
  const path = notePath(run);
  expect(takeNotes(path)).toEqual([]);
  writeNote(path, note('freeze'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(takeNotes(path)).toEqual([note('freeze')]);
  // That engine has died; meanwhile a person goes on without one.
  writeNote(path, note('thaw'));
  expect(readNotes(path)).toEqual([note('freeze'), note('thaw')]);
  expect(takeNotes(path)).toEqual([note('freeze')]);
  forgetNotes(path);
  expect(takeNotes(path)).toEqual([note('thaw')]);
  forgetNotes(path);
  expect(takeNotes(path)).toEqual([]);
  expect(readdirSync(run)).toEqual([]);
});

test('a line that was not written whole, or by somebody else, is passed over', () => {
  const path = notePath(run);
  writeNote(path, note('freeze'));
  appendFileSync(path, '{"do":"explode","agents":["one"]}\n\0\n{"do":"fre');
  writeNote(path, note('thaw'));
  expect(readNotes(path)).toEqual([note('freeze'), note('thaw')]);
});
