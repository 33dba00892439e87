/** A person's keys.yaml, read. Loaded only where there is one: it brings the YAML parser along. */
import * as z from 'zod';
import { readConfig } from '../fleet/config-file.ts';
import type { FleetIssue } from '../fleet/issue.ts';
import { type Keymap, readKeymap } from './keymap.ts';

/** An empty file changes nothing. */
const Written = z.record(z.string(), z.unknown()).nullable();

export interface KeymapFile {
  /** What can be used of it: what is wrong keeps its built-in keys. */
  readonly keymap: Keymap;
  /** In the order of the file. */
  readonly issues: readonly FleetIssue[];
}

export async function readKeymapFile(file: string): Promise<KeymapFile> {
  let keymap: Keymap = {};
  const { issues } = await readConfig(file, 'the keymap', Written, written => {
    const read = readKeymap(written ?? {});
    keymap = read.keymap;
    return read.findings;
  });
  return { keymap, issues };
}
