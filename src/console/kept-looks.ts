/** Which looks a console has: told on the command line or in HMS_THEME, else kept by its operator, else the first ones. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { issueText } from '../fleet/issue.ts';
import { remember, remembered } from '../fleet/remembered.ts';
import { hintFor } from '../fleet/suggest.ts';
import { wordsOf } from '../model/errors.ts';
import { AUTO, type Choice, FIRST_LOOKS, type Looks } from './looks.ts';

export interface LooksFrom {
  /** Folder of the person's own themes and layouts. */
  readonly config: string;
  readonly state: string;
  /** Names the fleet uniquely in this account. */
  readonly fleet: string;
  /** The theme told for this console alone. */
  readonly theme?: string | undefined;
}

interface FoundLooks {
  readonly looks: Partial<Looks>;
  /** What is wrong, each in a line. */
  readonly problems: readonly string[];
}

/** What is needed for the first frame: reads the person's own files only when they are what was chosen. */
export async function firstLooks(from: LooksFrom, operator: string): Promise<FoundLooks> {
  const kept = await remembered({ ...from, operator });
  const theme = from.theme ?? kept.theme ?? AUTO;
  const layout = kept.layout ?? FIRST_LOOKS.layout;
  const mouse = kept.mouse ?? true;
  const builtIn =
    (theme === AUTO || Object.hasOwn(FIRST_LOOKS.themes, theme)) &&
    Object.hasOwn(FIRST_LOOKS.layouts, layout);
  if (builtIn) return { looks: { theme, layout, mouse }, problems: [] };
  const { looks } = await ownLooks(from);
  const themes = looks.themes ?? FIRST_LOOKS.themes;
  if (theme === AUTO || Object.hasOwn(themes, theme))
    return { looks: { ...looks, theme, layout, mouse }, problems: [] };
  const hint = hintFor(theme, [AUTO, ...Object.keys(themes)]);
  return {
    looks: { ...looks, layout, mouse },
    problems: [`there is no theme ${theme}${hint ? `: ${hint}` : ''}`],
  };
}

/** Everything that can be chosen: what is built in and what the person made. Never throws. */
export async function ownLooks({ config }: LooksFrom): Promise<FoundLooks> {
  // Most have none, and then the YAML reader need not be loaded.
  if (!existsSync(join(config, 'themes')) && !existsSync(join(config, 'layouts')))
    return { looks: {}, problems: [] };
  try {
    const { ownLayouts, ownThemes } = await import('./own-looks.ts');
    const [themes, layouts] = await Promise.all([ownThemes(config), ownLayouts(config)]);
    const problems = [...themes.problems, ...layouts.problems].flatMap(({ file, issues: [first] }) =>
      first ? [issueText(file, first)] : [],
    );
    return {
      looks: {
        themes: { ...FIRST_LOOKS.themes, ...themes.found },
        layouts: { ...FIRST_LOOKS.layouts, ...layouts.found },
      },
      problems,
    };
  } catch (error) {
    return { looks: {}, problems: [wordsOf(error)] };
  }
}

/** Keeps a choice; what went wrong in words, or undefined. */
export async function keepLooks(
  from: LooksFrom,
  operator: string,
  choice: Choice,
): Promise<string | undefined> {
  try {
    await remember({ ...from, operator }, choice);
    return undefined;
  } catch (error) {
    return `it is not kept for next time: ${wordsOf(error)}`;
  }
}
