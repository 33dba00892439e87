/** What `hms keys` prints. */
import { COMMANDS } from '../console/commands/index.ts';
import { keyWords } from '../console/key-names.ts';
import { effective } from '../console/keymap.ts';
import { type KeymapFile, readKeymapFile } from '../console/keymap-file.ts';
import { keymapGiven, keymapPlace } from '../console/keymap-place.ts';
import { issueText } from '../fleet/issue.ts';
import { shownPath } from '../fleet/load.ts';
import { print, printJson, say, table } from './output.ts';

export interface KeysOptions {
  readonly json?: boolean;
}

const shown = (file: string): string => shownPath(file, process.cwd());

/** Prints every command with the keys it has for this person. */
export async function listKeys(options: KeysOptions): Promise<void> {
  const file = keymapGiven();
  const { keymap, issues }: KeymapFile = file ? await readKeymapFile(file) : { keymap: {}, issues: [] };
  const commands = effective({ keymap });
  if (options.json) {
    return printJson({
      file: file ?? null,
      keys: commands.map(c => ({
        id: c.id,
        group: c.group,
        title: c.title,
        help: c.help,
        where: c.when.words,
        danger: c.danger,
        keys: c.keys,
        builtIn: COMMANDS.find(b => b.id === c.id)?.keys ?? [],
      })),
      problems: issues,
    });
  }
  const rows = commands.map(c => [
    c.id,
    `${Object.hasOwn(keymap, c.id) ? '* ' : '  '}${c.keys.map(keyWords).join('  ')}`,
    c.when.words,
    c.title,
  ]);
  print(table([['ID', '  KEYS', 'WHERE', ''], ...rows]));
  if (file) say(`* yours, from ${shown(file)}`);
  else say(`yours would stand in ${shown(keymapPlace())}: one "id: key" a line`);
  for (const issue of issues) say(issueText(shown(file ?? ''), issue));
}

/** Prints what is wrong with a keymap; exits 1 when anything is. */
export async function checkKeys(given: string | undefined, options: KeysOptions): Promise<void> {
  const file = given ?? keymapGiven();
  if (file === undefined) {
    const file = shown(keymapPlace());
    if (options.json) printJson({ ok: true, file, problems: [] });
    else say(`There is no keymap ${file} to check: every key is as built in.`);
    return;
  }
  const { keymap, issues } = await readKeymapFile(file);
  const ok = issues.length === 0;
  if (options.json) printJson({ ok, file: shown(file), problems: issues });
  else {
    for (const issue of issues) print(issueText(shown(file), issue));
    const count = Object.keys(keymap).length;
    if (ok)
      print(
        `${shown(file)}: ${count} ${count === 1 ? 'command has' : 'commands have'} other keys, no problems`,
      );
  }
  if (!ok) process.exitCode = 1;
}
