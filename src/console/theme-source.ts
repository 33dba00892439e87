/** The TypeScript of `themes.ts`, made from themes/*.yaml so that the console starts without a YAML parser. */
import { type ThemeLook, TOKENS } from './theme.ts';

/** `themes` by name, in the order they are offered. */
export function themeSource(themes: Readonly<Record<string, ThemeLook>>): string {
  const names = Object.keys(themes);
  const parts = Object.entries(themes).map(
    ([name, look]) => `export const ${constant(name)}: ThemeLook = ${theme(look)};\n`,
  );
  return [
    '// Made from themes/*.yaml: change those, then run `vitest run test/console/themes.test.ts -u`.',
    "import type { ThemeLook } from './theme.ts';",
    '',
    parts.join('\n'),
    '/** By name, in the order they are offered. */',
    'export const THEMES: Readonly<Record<string, ThemeLook>> = {',
    ...names.map(name => (constant(name) === name ? `  ${name},` : `  '${name}': ${constant(name)},`)),
    '};',
    '',
  ].join('\n');
}

function constant(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function theme({ about, background, safeFor, styles }: ThemeLook): string {
  const tokens = TOKENS.map(token => {
    const fields = Object.entries(styles[token]).map(
      ([field, value]) => `${field}: ${typeof value === 'string' ? `'${value}'` : value}`,
    );
    const key = token.includes('-') ? `'${token}'` : token;
    return `    ${key}: {${fields.length > 0 ? ` ${fields.join(', ')} ` : ''}},`;
  });
  return [
    '{',
    `  about: '${about.replaceAll("'", "\\'")}',`,
    `  background: '${background}',`,
    `  safeFor: [${safeFor.map(vision => `'${vision}'`).join(', ')}],`,
    '  styles: {',
    ...tokens,
    '  },',
    '}',
  ].join('\n');
}
