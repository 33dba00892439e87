/** YAML text to a plain value, with the line and column of everything in it. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { FleetIssue, Path } from './issue.ts';

export interface Place {
  readonly line: number;
  readonly col: number;
}

export interface FleetDocument {
  /** undefined when the text is too broken to be read. */
  readonly value: unknown;
  readonly issues: readonly FleetIssue[];
  /** Where the value at `path` stands (or its key); the nearest thing that exists when it does not. */
  locate(path: Path, atKey?: boolean): Place;
}

const TOO_DEEP = 'it is nested too deeply to be read';

/** Where the parser's own words are for programmers. */
const REASONS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is there twice',
  MULTIPLE_DOCS: 'there is a second document in it',
};

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  DUPLICATE_KEY: 'remove one of the two',
  MULTIPLE_DOCS: 'one document a file: remove the --- line',
  BAD_INDENT: 'things that belong together start in the same column',
  MISSING_CHAR: 'a quote, bracket or colon is missing, perhaps on an earlier line',
  BLOCK_AS_IMPLICIT_KEY: 'put text that holds ": " in quotes',
  MULTILINE_IMPLICIT_KEY: 'a key and its colon stand on one line',
};

const NO_ANCHOR = {
  reason: 'nothing with this name stands before it',
  hint: 'give what is meant an anchor: &name',
};

/** How often aliases may be repeated in all; a real fleet file has a handful, a bomb has millions. */
const MAX_ALIASES = 1000;

export function readDocument(text: string): FleetDocument {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), col: Math.max(1, col) };
  };
  const broken = (offset: number, reason: string, hint: string): FleetDocument => ({
    value: undefined,
    issues: [{ ...place(offset), path: '', reason, hint }],
    locate: () => place(offset),
  });

  let document: Document.Parsed;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  } catch (error) {
    // Thousands of brackets inside each other run the parser out of stack.
    if (error instanceof RangeError) return broken(0, TOO_DEEP, '');
    throw error;
  }
  if (document.errors.some(error => error.code === 'RESOURCE_EXHAUSTION')) return broken(0, TOO_DEEP, '');
  const told = [...document.errors, ...document.warnings];
  // One slip often makes several errors at the same place; the first one tells.
  const issues = told
    .filter((error, at) => told.findIndex(other => other.pos[0] === error.pos[0]) === at)
    .map(error => ({
      ...place(error.pos[0]),
      path: '',
      reason: REASONS[error.code] ?? error.message,
      hint: HINTS[error.code] ?? '',
    }));
  // A key given twice leaves the rest readable, so the rest is checked as well.
  if (document.errors.some(error => error.code !== 'DUPLICATE_KEY')) {
    return { value: undefined, issues, locate: () => place(0) };
  }
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }), issues, locate: locator(document, place) };
  } catch (error) {
    if (error instanceof ReferenceError) {
      const lost = unresolved(document).map(offset => ({ ...place(offset), path: '', ...NO_ANCHOR }));
      if (lost.length > 0) return { value: undefined, issues: [...issues, ...lost], locate: () => place(0) };
      return broken(0, 'its aliases repeat each other too often', 'write out what they stand for');
    }
    if (error instanceof RangeError) return broken(0, TOO_DEEP, '');
    throw error;
  }
}

/** Offsets of aliases whose anchor does not stand before them. */
function unresolved(document: Document.Parsed): readonly number[] {
  const offsets: number[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) offsets.push(alias.range?.[0] ?? 0);
    },
  });
  return offsets;
}

function locator(document: Document.Parsed, place: (offset: number) => Place): FleetDocument['locate'] {
  return (path, atKey = false) => {
    let found: Node | null = document.contents;
    let offset = found?.range?.[0] ?? 0;
    for (const [at, step] of path.entries()) {
      const holder: unknown = isAlias(found) ? found.resolve(document) : found;
      if (isMap(holder)) {
        const pair = holder.items.find(item => isScalar(item.key) && String(item.key.value) === String(step));
        if (!pair || !isScalar(pair.key)) break;
        const value: Node | null = isNode(pair.value) ? pair.value : null;
        const wantsKey = atKey && at === path.length - 1;
        offset = (wantsKey ? pair.key.range?.[0] : startOf(value)) ?? pair.key.range?.[0] ?? offset;
        found = value;
      } else if (isSeq(holder)) {
        const item: unknown = holder.items[Number(step)];
        if (!isNode(item)) break;
        offset = item.range?.[0] ?? offset;
        found = item;
      } else break;
    }
    return place(offset);
  };
}

/** A value that is left out (`key:` and nothing) has a range too, after the line's end: its key is the better place. */
function startOf(value: Node | null): number | undefined {
  const range = value?.range;
  return range && range[1] > range[0] ? range[0] : undefined;
}
