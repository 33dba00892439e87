/** The TypeScript of `layouts.ts`, made from layouts/*.yaml so that the console starts without a YAML parser. */
import type { LayoutFile } from './plan.ts';

/** `layouts` by name, in the order they are offered. */
export function layoutSource(layouts: Readonly<Record<string, LayoutFile>>): string {
  const names = Object.keys(layouts);
  const parts = Object.entries(layouts).map(
    ([name, file]) =>
      `export const ${constant(name)}: Plan = planOf(${JSON.stringify(file, undefined, 2)});\n`,
  );
  return [
    '// biome-ignore-all format: made from data',
    '// Made from layouts/*.yaml: change those, then run `vitest run test/console/layouts.test.ts -u`.',
    "import { type Plan, planOf } from './plan.ts';",
    '',
    parts.join('\n'),
    '/** By name, in the order they are offered. */',
    'export const LAYOUTS: Readonly<Record<string, Plan>> = {',
    ...names.map(name => `  '${name}': ${constant(name)},`),
    '};',
    '',
  ].join('\n');
}

function constant(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
