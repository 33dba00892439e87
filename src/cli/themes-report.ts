/** What `hms themes` prints. */
import { resolve } from 'node:path';
import { paint, type Row, rowWidth } from '../console/cells.ts';
import { coloursAt, depthOf } from '../console/depth.ts';
import { ownThemes, readTheme, themesFolder } from '../console/own-looks.ts';
import { paperOf, putUnder } from '../console/paper.ts';
import { compile, MEANINGS, type Style, type ThemeLook, TOKENS } from '../console/theme.ts';
import { doubts } from '../console/theme-file.ts';
import { THEMES } from '../console/themes.ts';
import { configFiles } from '../fleet/config-file.ts';
import { shownPath } from '../fleet/load.ts';
import { roots } from '../fleet/paths.ts';
import { BLANK, glyphOf, WORDS, widthOf } from '../screens/cell.ts';
import { Glyphs } from '../screens/glyphs.ts';
import { Pen } from '../screens/pen.ts';
import { styledRow } from '../screens/styled-row.ts';
import { type LooksOptions, named, printChecked, printList } from './looks-report.ts';
import { print, printJson } from './output.ts';

async function all() {
  const { config } = roots();
  const own = await ownThemes(config);
  return { folder: themesFolder(config), own, themes: { ...THEMES, ...own.found } };
}

export async function listThemes(options: LooksOptions): Promise<void> {
  const { folder, own, themes } = await all();
  const listed = Object.entries(themes).map(([name, { about, background, safeFor }]) => ({
    name,
    about,
    background,
    safeFor,
    yours: Object.hasOwn(own.found, name),
  }));
  if (options.json) printJson({ folder, themes: listed, problems: own.problems });
  else printList(listed, folder, own.problems);
}

export async function showTheme(name: string, options: LooksOptions): Promise<void> {
  const { themes } = await all();
  const look = named(themes, name, 'theme');
  if (options.json) return printJson({ name, ...look });
  print(`${name}: ${look.about} · background: ${look.background}`);
  if (look.safeFor.length > 0) print(`told apart with ${look.safeFor.join(', ')}`);
  const width = Math.max(...TOKENS.map(token => token.length)) + 2;
  for (const token of TOKENS) {
    const style = `  ${wordsOf(look.styles[token]).padEnd(26)} `;
    const row: Row = [[token.padEnd(width), 'text'], [' Ab 12 ▲ ', token], style, [MEANINGS[token], 'muted']];
    print(shownRow(row, look));
  }
}

function wordsOf({ fg, bg, ...rest }: Style): string {
  const on = Object.entries(rest).flatMap(([name, value]) => (value ? [name] : []));
  return [...(fg ? [fg] : []), ...(bg ? [`on ${bg}`] : []), ...on].join(' ');
}

/** As the terminal can show it; plain text where nobody looks at one. */
function shownRow(row: Row, look: ThemeLook): string {
  const plain = row.map(span => (typeof span === 'string' ? span : span[0])).join('');
  if (!process.stdout.isTTY) return plain.trimEnd();
  const width = rowWidth(row);
  const glyphs = new Glyphs();
  const cells = styledRow(paint(row, width, compile(look)), width, glyphs);
  const paper = paperOf(look);
  if (paper) putUnder(cells, paper);
  const pen = new Pen(coloursAt(depthOf(process.env, process.stdout.getColorDepth())));
  let out = '';
  for (let at = 0; at < cells.length; at += WORDS) {
    const cell = cells[at] ?? BLANK;
    if (widthOf(cell) > 0) out += pen.take(cells, at) + glyphs.text(glyphOf(cell));
  }
  return out + pen.reset();
}

export async function checkThemes(files: readonly string[], options: LooksOptions): Promise<void> {
  const { folder, own, themes } = await all();
  const chosen =
    files.length > 0 ? files.map(file => resolve(file)) : (await configFiles(folder)).map(f => f.file);
  const reports = await Promise.all(
    chosen.map(async full => {
      const file = shownPath(full, process.cwd());
      // One that extends another that is broken is told of that one in the folder's own report.
      const known = own.problems.find(problem => problem.file === full);
      if (known) return { file, problems: known.issues, warnings: [] };
      const { value, issues, placed } = await readTheme(full, themes);
      return { file, problems: issues, warnings: value ? placed(doubts(value)) : [] };
    }),
  );
  printChecked(reports, 'theme', options);
}
