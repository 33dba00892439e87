/**
 * A whole action in rows: nothing is left out, nothing is summarised, and what a row breaks is marked, so that what is
 * read is what runs.
 */
import type { Row } from '../src/console/cells.ts';
import { columns, wrapHard, wrapWords } from '../src/console/cells.ts';
import { diffLines } from '../src/console/diff.ts';
import type { Token } from '../src/console/theme.ts';
import { short } from '../src/console/words.ts';
import type { Action } from '../src/model/action.ts';
import type { Json, JsonObject } from '../src/model/json.ts';
import { joinWords } from '../src/model/shell-words.ts';
import { neutralise } from '../src/model/text.ts';

/** Text in rows, each line after `first`, its broken parts after ↪. Tabs are two spaces wide. */
function codeRows(text: string, width: number, first: string, token: Token, rest = first): readonly Row[] {
  return neutralise(text)
    .split('\n')
    .flatMap((line, n) =>
      wrapHard(line, Math.max(1, width - columns(first))).map(
        (part, i): Row => [
          [i > 0 ? '↪'.padEnd(columns(first)) : n === 0 ? first : rest, i > 0 ? 'warn' : 'muted'],
          [part, token],
        ],
      ),
    );
}

/** A diff in rows with signs; unchanged lines are kept, so that it is complete. */
export function diffRows(before: string, after: string, width: number): readonly Row[] {
  const tokens = { '+': 'added', '-': 'removed', ' ': 'muted' } as const;
  return diffLines(before, after).flatMap(({ sign, text }) => {
    const token = tokens[sign];
    return codeRows(text, width, `${sign} `, token).map(
      ([head, ...rest]): Row => [
        typeof head === 'object' && head[0].startsWith('↪') ? head : [`${sign} `, token],
        ...rest,
      ],
    );
  });
}

/** The action, then where it runs. */
export function actionRows(action: Action, width: number): readonly Row[] {
  const { rows, rest } = body(action, width);
  return [
    ...rows,
    ...fieldRows(rest, width),
    [
      ['in ', 'muted'],
      [neutralise(short(action.cwd)), 'muted'],
    ],
  ];
}

function body(
  { tool, input }: Action,
  width: number,
): { readonly rows: readonly Row[]; readonly rest: JsonObject } {
  if (tool === 'exec' && isWords(input.argv)) {
    return {
      rows: codeRows(joinWords(input.argv), width, '$ ', 'code', '  '),
      rest: without(input, 'argv'),
    };
  }
  if (tool === 'ask' && typeof input.question === 'string') {
    const rows = wrapWords(neutralise(input.question), width).map((line): Row => [[line, 'code']]);
    return { rows, rest: without(input, 'question') };
  }
  if (typeof input.command === 'string') {
    return { rows: codeRows(input.command, width, '$ ', 'code', '  '), rest: without(input, 'command') };
  }
  if (typeof input.old_string === 'string' && typeof input.new_string === 'string') {
    const rows = [...pathRow(input.file_path), ...diffRows(input.old_string, input.new_string, width)];
    return { rows, rest: without(input, 'old_string', 'new_string', 'file_path') };
  }
  if (typeof input.file_path === 'string' && typeof input.content === 'string') {
    const rows = [...pathRow(input.file_path), ...diffRows('', input.content, width)];
    return { rows, rest: without(input, 'file_path', 'content') };
  }
  return { rows: [], rest: input };
}

function pathRow(path: Json | undefined): readonly Row[] {
  return typeof path === 'string' ? [[[neutralise(short(path)), 'strong']]] : [];
}

/** Everything else the action says. */
function fieldRows(input: JsonObject, width: number): readonly Row[] {
  return Object.entries(input).flatMap(([name, value]): readonly Row[] => {
    const label = `${neutralise(name)}: `;
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    if (columns(label) + text.length <= width && !text.includes('\n'))
      return [
        [
          [label, 'muted'],
          [neutralise(text), 'text'],
        ],
      ];
    return [[[label, 'muted']], ...codeRows(text, width, '  ', 'text')];
  });
}

function isWords(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every(word => typeof word === 'string');
}

function without(input: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name)));
}
