/** A person's own themes and layouts, from the configuration folder. Loaded when there is somebody to read them for. */
import { basename, join } from 'node:path';
import { type Checked, configFiles, readConfig } from '../fleet/config-file.ts';
import type { FleetIssue } from '../fleet/issue.ts';
import { LayoutFile, layoutFindings } from './layout-file.ts';
import { AUTO } from './looks.ts';
import { type Plan, planOf } from './plan.ts';
import type { ThemeLook } from './theme.ts';
import { ThemeFile, themeLook } from './theme-file.ts';
import { THEMES } from './themes.ts';

interface Own<T> {
  readonly found: Readonly<Record<string, T>>;
  /** Files that cannot be used. */
  readonly problems: readonly { readonly file: string; readonly issues: readonly FleetIssue[] }[];
}

export const themesFolder = (config: string): string => join(config, 'themes');
export const layoutsFolder = (config: string): string => join(config, 'layouts');

/** The theme of a file that may extend `known` ones. */
export async function readTheme(
  file: string,
  known: Readonly<Record<string, ThemeLook>>,
): Promise<Checked<ThemeLook>> {
  let look: ThemeLook | undefined;
  const { issues, placed } = await readConfig(file, 'the theme', ThemeFile, value => {
    const made = themeLook(value, known);
    look = made.look;
    const taken = basename(file).replace(/\.ya?ml$/, '') === AUTO;
    const reason = `${AUTO} is the theme that goes by the terminal: the file needs another name`;
    return taken ? [{ path: [], reason, hint: '' }, ...made.findings] : made.findings;
  });
  return { value: issues.length === 0 ? look : undefined, issues, placed };
}

export async function readLayout(file: string): Promise<Checked<Plan>> {
  const { value, ...rest } = await readConfig(file, 'the layout', LayoutFile, layoutFindings);
  return { value: value && planOf(value), ...rest };
}

/** A theme may extend another of the same folder, in any order; one called like a built-in one takes its place. */
export async function ownThemes(config: string): Promise<Own<ThemeLook>> {
  let left = await configFiles(themesFolder(config));
  const found: Record<string, ThemeLook> = {};
  for (;;) {
    const tried = await Promise.all(
      left.map(async ({ name, file }) => {
        const builtIn = Object.hasOwn(THEMES, name) ? { [name]: THEMES[name] } : {};
        const known = Object.fromEntries(
          Object.entries({ ...THEMES, ...found, ...builtIn }).flatMap(([k, v]) => (v ? [[k, v]] : [])),
        );
        return { name, file, ...(await readTheme(file, known)) };
      }),
    );
    const made = tried.filter(t => t.value !== undefined);
    for (const { name, value } of made) if (value) found[name] = value;
    left = tried.filter(t => t.value === undefined);
    if (made.length === 0) return { found: inOrder(found), problems: tried };
    if (left.length === 0) return { found: inOrder(found), problems: [] };
  }
}

export async function ownLayouts(config: string): Promise<Own<Plan>> {
  const files = await configFiles(layoutsFolder(config));
  const read = await Promise.all(
    files.map(async ({ name, file }) => ({ name, file, ...(await readLayout(file)) })),
  );
  return {
    found: Object.fromEntries(read.flatMap(({ name, value }) => (value ? [[name, value]] : []))),
    problems: read.filter(r => r.value === undefined),
  };
}

function inOrder<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => a.localeCompare(b)));
}
