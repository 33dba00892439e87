/**
 * What the events up to a place come to, kept beside the journal so that whoever opens it need not fold all of them.
 * Only a short cut: it is signed with the journal's key and names the event it reaches to, and what does not fit this
 * journal, or was written by another version of the program, is as if it were not there.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import type { Seq } from '../model/ids.ts';
import { openNote, type Signer, signNote, type Verifier } from './note.ts';

const FORM = 'hms-fold/1';
/** Between the note and the text; neither holds one. */
const END = '\u0000';

export interface KeptFold {
  /** The last event in it. */
  readonly seq: Seq;
  readonly text: string;
}

const fileOf = (journal: string): string => `${journal}.fold`;
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** @param hashAt the leaf hash of an event of this journal @param by whoever folds: another one folds otherwise */
export function readKept(
  journal: string,
  key: Verifier,
  by: string,
  hashAt: (seq: Seq) => string | undefined,
): KeptFold | undefined {
  try {
    const [note = '', text = ''] = readFileSync(fileOf(journal), 'utf8').split(END);
    const [form, whom, place = '', digest] = openNote(note, key)?.split('\n') ?? [];
    const [seq, hash] = place.split(' ');
    const fits = form === FORM && whom === by && hash === hashAt(Number(seq)) && digest === digestOf(text);
    return fits ? { seq: Number(seq), text } : undefined;
  } catch {
    // None was kept, or it cannot be read: everything is in the journal.
    return undefined;
  }
}

/** Takes the place of the one before. Throws what the file system says. */
export async function writeKept(
  journal: string,
  key: Signer,
  by: string,
  { seq, text }: KeptFold,
  hash: string,
): Promise<void> {
  const note = signNote(`${[FORM, by, `${seq} ${hash}`, digestOf(text)].join('\n')}\n`, key);
  const fresh = `${fileOf(journal)}.${randomUUID().slice(0, 8)}`;
  try {
    // One that a crash leaves torn is not what was signed: it needs no fsync.
    await writeFile(fresh, `${note}${END}${text}`, { mode: 0o600, flag: 'wx' });
    await rename(fresh, fileOf(journal));
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
