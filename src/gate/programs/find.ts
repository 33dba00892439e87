import type { Rule } from '../call.ts';
import type { Arg } from '../shell/expand.ts';
import type { Table } from './rules.ts';

/** A pattern that leaves nothing out. */
const EVERYTHING = /^[*?./]*$/;
const RUNS = new Set(['-exec', '-execdir', '-ok', '-okdir']);
const WRITES = new Set(['-fprint', '-fprint0', '-fls', '-fprintf']);

/** find: it reads, unless its expression deletes, runs or writes. What it finds lies below where it starts. */
export const find: Rule = call => {
  const { args } = call;
  const first = args.findIndex(arg => /^[-(!]/.test(arg.text) && !/^-[HLPDO]/.test(arg.text));
  const starts = args.slice(0, first < 0 ? undefined : first).filter(arg => !/^-[HLPO]/.test(arg.text));
  const roots: readonly Arg[] =
    starts.length > 0 ? starts : [{ text: '.', known: true, glob: false, from: [] }];
  const found = below(roots, args);
  call.reads(...roots);
  for (let at = Math.max(0, first); at < args.length; at++) {
    const arg = args[at];
    if (!arg) break;
    if (!arg.known) call.add('unclear');
    // What it looks for by name is what it finds.
    const pattern = /^-i?(?:name|path|wholename|regex)$/.test(arg.text) ? args[at + 1] : undefined;
    if (pattern && !EVERYTHING.test(pattern.text)) call.reads({ ...pattern, glob: true });
    if (arg.text === '-delete') call.deletes(found, true);
    if (WRITES.has(arg.text)) call.writes(...args.slice(at + 1, at + 2));
    if (arg.text === '-files0-from') call.reads(...args.slice(at + 1, at + 2));
    if (!RUNS.has(arg.text)) continue;
    const end = args.findIndex((each, i) => i > at && (each.text === ';' || each.text === '+'));
    const command = args.slice(at + 1, end < 0 ? undefined : end);
    // {} stands for every file found: what is done to it is done to EVERYTHING below the roots.
    const filled = command.flatMap(each => (each.text === '{}' ? found : [each]));
    call.run(filled);
    at = end < 0 ? args.length : end;
  }
};

/** A search with conditions takes only some of what is below: `find / -name x -delete` is not all of /. */
function below(roots: readonly Arg[], args: readonly Arg[]): readonly Arg[] {
  const narrowed = args.some(
    (arg, at) =>
      !EVERYTHING.test(args[at + 1]?.text ?? '') &&
      /^-(?:i?name|i?path|i?wholename|i?regex|newer|mtime|mmin|ctime|atime|size|empty|user|group|perm|inum|samefile)/.test(
        arg.text,
      ),
  );
  if (!narrowed) return roots;
  return roots.map(root => ({ ...root, text: `${root.text.replace(/\/+$/, '')}/some-of-it`, glob: true }));
}

export const fd: Rule = call => {
  const at = call.args.findIndex(arg => /^(?:-[a-zA-Z]*[xX]|--exec|--exec-batch)$/.test(arg.text));
  call.add('read');
  call.reads(
    ...call.args
      .slice(0, at < 0 ? undefined : at)
      .filter(arg => !arg.text.startsWith('-'))
      .slice(1),
  );
  if (at < 0) return;
  const hole: Arg = { text: './some-of-it', known: true, glob: true, from: [] };
  const command = call.args.slice(at + 1).filter(arg => arg.text !== ';');
  const holes = /^\{[/.-]*\}$/;
  const filled = command.map(arg => (holes.test(arg.text) ? hole : arg));
  call.run(command.some(arg => holes.test(arg.text)) ? filled : [...filled, hole]);
};

export const FINDERS: Table = { find, gfind: find, fd, fdfind: fd };
