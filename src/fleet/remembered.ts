/** How an operator wants the console: theme and mouse everywhere, the layout for each fleet. In the state folder. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { errnoOf } from '../model/errors.ts';
import { writeWhole } from './whole-file.ts';

const Remembered = z.object({
  theme: z.string().optional(),
  mouse: z.boolean().optional(),
  layouts: z.record(z.string(), z.string()).default({}),
});
type Remembered = z.infer<typeof Remembered>;

export interface Whose {
  /** The state folder of all fleets (`roots().state`). */
  readonly state: string;
  readonly operator: string;
  /** Which fleet; unique in this account. */
  readonly fleet: string;
}

const NOTHING: Remembered = { layouts: {} };

const place = ({ state, operator }: Whose): string =>
  join(state, 'looks', `${encodeURIComponent(operator)}.json`);

async function read(whose: Whose): Promise<Remembered> {
  try {
    return Remembered.safeParse(JSON.parse(await readFile(place(whose), 'utf8'))).data ?? NOTHING;
  } catch (error) {
    // A convenience: what cannot be read is as good as nothing.
    if (error instanceof SyntaxError || errnoOf(error) !== undefined) return NOTHING;
    throw error;
  }
}

export async function remembered(whose: Whose): Promise<{
  readonly theme?: string | undefined;
  readonly layout?: string | undefined;
  readonly mouse?: boolean | undefined;
}> {
  const { theme, mouse, layouts } = await read(whose);
  return { theme, mouse, layout: Object.hasOwn(layouts, whose.fleet) ? layouts[whose.fleet] : undefined };
}

/** Whole or not at all. Throws what the file system says. */
export async function remember(
  whose: Whose,
  choice: { readonly theme?: string; readonly layout?: string; readonly mouse?: boolean },
): Promise<void> {
  const before = await read(whose);
  const next: Remembered = {
    theme: choice.theme ?? before.theme,
    mouse: choice.mouse ?? before.mouse,
    layouts: choice.layout ? { ...before.layouts, [whose.fleet]: choice.layout } : before.layouts,
  };
  const file = place(whose);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeWhole(file, `${JSON.stringify(next)}\n`);
}
