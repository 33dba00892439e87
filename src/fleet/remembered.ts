/** How an operator wants the console to look: the theme everywhere, the layout for each fleet. In the state folder. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { errnoOf } from '../model/errors.ts';

const Remembered = z.object({
  theme: z.string().optional(),
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

export async function remembered(
  whose: Whose,
): Promise<{ readonly theme?: string | undefined; readonly layout?: string | undefined }> {
  const { theme, layouts } = await read(whose);
  return { theme, layout: Object.hasOwn(layouts, whose.fleet) ? layouts[whose.fleet] : undefined };
}

/** Whole or not at all. Throws what the file system says. */
export async function remember(
  whose: Whose,
  choice: { readonly theme?: string; readonly layout?: string },
): Promise<void> {
  const before = await read(whose);
  const next: Remembered = {
    theme: choice.theme ?? before.theme,
    layouts: choice.layout ? { ...before.layouts, [whose.fleet]: choice.layout } : before.layouts,
  };
  const file = place(whose);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, `${JSON.stringify(next)}\n`, { mode: 0o600 });
  await rename(fresh, file);
}
