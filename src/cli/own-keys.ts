/** The keymap a console starts with, and what is to be said about it. */
import type { Keymap } from '../console/keymap.ts';
import { keymapGiven } from '../console/keymap-place.ts';
import { issueText } from '../fleet/issue.ts';
import { shownPath } from '../fleet/load.ts';

interface OwnKeys {
  readonly keymap: Keymap;
  /** For the person, when something in the file could not be used. */
  readonly notice: string | undefined;
}

/** Never throws: a console opens whatever stands in the file. */
export async function ownKeys(env: NodeJS.ProcessEnv = process.env): Promise<OwnKeys> {
  const file = keymapGiven(env);
  if (file === undefined) return { keymap: {}, notice: undefined };
  // Without a keymap nothing of this is loaded: the first frame does not wait for a YAML parser.
  const { readKeymapFile } = await import('../console/keymap-file.ts');
  const { keymap, issues } = await readKeymapFile(file);
  const [first, ...others] = issues;
  if (!first) return { keymap, notice: undefined };
  const more = others.length > 0 ? ` · ${others.length} more: hms keys check` : '';
  return { keymap, notice: `${issueText(shownPath(file, process.cwd()), first)}${more}` };
}
