/** The TypeScript of `themes.ts`, made from themes/*.yaml so that the console starts without a YAML parser. */
import { TOKENS } from './theme.ts';

/** `themes` maps a theme's name to what its file says. Throws on a missing or unknown token, or a broken value. */
export function themeSource(themes: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(themes).map(
    ([name, styles]) => `export const ${name}: ThemeStyles = {\n${tokens(name, styles)}};\n`,
  );
  return [
    '// Made from themes/*.yaml: change those, then run `vitest run -u test/console/themes.test.ts`.',
    "import type { ThemeStyles } from './theme.ts';",
    '',
    parts.join('\n'),
  ].join('\n');
}

function tokens(name: string, styles: unknown): string {
  if (!isRecord(styles)) throw new Error(`${name}: not a map of tokens`);
  for (const token of Object.keys(styles)) {
    if (!TOKENS.some(t => t === token)) throw new Error(`${name}: unknown token ${token}`);
  }
  return TOKENS.map(token => {
    const style = styles[token];
    if (!isRecord(style)) throw new Error(`${name}: ${token} is missing`);
    const fields = Object.entries(style).map(
      ([field, value]) => `${field}: ${literal(`${name}.${token}.${field}`, field, value)}`,
    );
    const key = token.includes('-') ? `'${token}'` : token;
    return `  ${key}: {${fields.length > 0 ? ` ${fields.join(', ')} ` : ''}},\n`;
  }).join('');
}

function literal(path: string, field: string, value: unknown): string {
  if ((field === 'fg' || field === 'bg') && typeof value === 'string' && /^#[0-9a-f]{6}$/.test(value))
    return `'${value}'`;
  if (['bold', 'dim', 'reverse', 'underline'].includes(field) && typeof value === 'boolean')
    return String(value);
  throw new Error(`${path}: not a style`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
