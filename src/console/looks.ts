/** How this console looks: which theme and which layout, and which there are. */
import { LAYOUTS, missionControl } from './layouts.ts';
import type { Plan } from './plan.ts';
import type { ThemeLook } from './theme.ts';
import { dark, light, THEMES } from './themes.ts';

/** The theme that goes by the terminal's background. */
export const AUTO = 'auto';
const FIRST_LAYOUT = 'mission-control';

export type Ground = 'dark' | 'light';

export interface Looks {
  /** A theme's name, or AUTO. */
  readonly theme: string;
  /** The terminal's own background, as far as that is known. */
  readonly ground: Ground;
  readonly layout: string;
  /** Clicks and the wheel are taken from the terminal. */
  readonly mouse: boolean;
  /** What can be chosen: what is built in, then what the person made. */
  readonly themes: Readonly<Record<string, ThemeLook>>;
  readonly layouts: Readonly<Record<string, Plan>>;
}

/** What is kept of a choice. */
export interface Choice {
  readonly theme?: string;
  readonly layout?: string;
  readonly mouse?: boolean;
}

export const FIRST_LOOKS: Looks = {
  theme: AUTO,
  ground: 'dark',
  layout: FIRST_LAYOUT,
  mouse: true,
  themes: THEMES,
  layouts: LAYOUTS,
};

/** The theme in use. One that is gone is replaced by what goes with the terminal. */
export function themeIn({ theme, ground, themes }: Looks): ThemeLook {
  return own(themes, theme) ?? (ground === 'light' ? light : dark);
}

/** The layout in use. */
export function planIn({ layout, layouts }: Looks): Plan {
  return own(layouts, layout) ?? missionControl;
}

/** What can be chosen, in the order it is offered. */
export function offered(looks: Looks, what: 'theme' | 'layout'): readonly string[] {
  return what === 'theme' ? [AUTO, ...Object.keys(looks.themes)] : Object.keys(looks.layouts);
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
