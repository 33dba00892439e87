/** What a layout's file may say. Loaded when such a file is read. */
import * as z from 'zod';
import type { Finding, Path } from '../fleet/issue.ts';
import { oneLine } from '../model/text.ts';
import { type LayoutFile as File, type PartFile, TILINGS } from './plan.ts';
import { FOCUSABLE } from './state.ts';

/** More than any terminal has. */
const MOST = 1000;
const Cells = z.int().min(1).max(MOST);

const size = {
  size: z
    .union([Cells, z.string().regex(/^([1-9]\d?|100)%$/, 'a size is a number, or a part such as "31%"')])
    .optional(),
  min: Cells.optional(),
  max: Cells.optional(),
  weight: z.number().min(0.1).max(100).optional(),
  yields: z.int().min(0).max(100).optional(),
  over: z.enum(FOCUSABLE).optional(),
};

const Part: z.ZodType<PartFile> = z.strictObject({
  pane: z.enum(FOCUSABLE).optional(),
  get rows(): z.ZodOptional<z.ZodArray<z.ZodType<PartFile>>> {
    return z.array(Part).min(1).max(20).optional();
  },
  get columns(): z.ZodOptional<z.ZodArray<z.ZodType<PartFile>>> {
    return z.array(Part).min(1).max(20).optional();
  },
  ...size,
});

export const LayoutFile: z.ZodType<File> = z.strictObject({
  about: z
    .string()
    .transform(text => oneLine(text, 200))
    .optional(),
  main: z.enum(FOCUSABLE).optional(),
  tmux: z.enum(TILINGS).optional(),
  pane: z.enum(FOCUSABLE).optional(),
  rows: z.array(Part).min(1).max(20).optional(),
  columns: z.array(Part).min(1).max(20).optional(),
});

/** What the schema cannot say: one kind a part, each pane once, and sizes that are possible. */
export function layoutFindings(file: File): readonly Finding[] {
  const seen = new Map<string, Path>();
  const walk = (part: PartFile, path: Path): readonly Finding[] => {
    const found: Finding[] = [];
    const kinds = (['pane', 'rows', 'columns'] as const).filter(kind => part[kind] !== undefined);
    if (kinds.length !== 1) {
      const reason =
        kinds.length === 0 ? 'nothing stands here' : `it is ${kinds.join(' and ')} at the same time`;
      found.push({ path, reason, hint: 'give it one of pane, rows, columns' });
    }
    if (part.min !== undefined && part.max !== undefined && part.min > part.max)
      found.push({ path: [...path, 'min'], reason: `${part.min} is more than max, ${part.max}`, hint: '' });
    if (part.pane) {
      if (seen.has(part.pane))
        found.push({ path: [...path, 'pane'], reason: `${part.pane} stands here a second time`, hint: '' });
      seen.set(part.pane, path);
      if (part.over === part.pane)
        found.push({ path: [...path, 'over'], reason: 'a pane cannot open over itself', hint: '' });
    } else {
      for (const key of ['over', 'yields'] as const)
        if (part[key] !== undefined)
          found.push({ path: [...path, key], atKey: true, reason: 'only a pane has it', hint: '' });
    }
    return [
      ...found,
      ...(part.rows ?? []).flatMap((row, i) => walk(row, [...path, 'rows', i])),
      ...(part.columns ?? []).flatMap((column, i) => walk(column, [...path, 'columns', i])),
    ];
  };
  const found = walk(file, []);
  if (file.main && !seen.has(file.main))
    return [...found, { path: ['main'], reason: `${file.main} is not in this layout`, hint: '' }];
  return found;
}
