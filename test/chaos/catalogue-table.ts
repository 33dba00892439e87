/** The catalogue as docs/chaos.md shows it. */
import { CATALOGUE, FAULT_NAMES } from '../../src/chaos/catalogue.ts';

export function catalogueTable(): string {
  const rows = FAULT_NAMES.map(name => {
    const { about, mechanism, bounds, revert } = CATALOGUE[name];
    return `| \`${name}\` | ${about} | ${mechanism} | ${bounds} | ${revert} |`;
  });
  return ['| fault | what | how | bounds | taken back by |', '|---|---|---|---|---|', ...rows].join('\n');
}
