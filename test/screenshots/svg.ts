/**
 * A screen as an SVG picture: grounds as rectangles, frames as lines, text in runs that are told their width, so that
 * columns stand whatever the font. The same cells make the same bytes.
 */
import { fromIndex } from '../../src/console/depth.ts';
import {
  ATTRIBUTES,
  BG,
  BLANK,
  BOLD,
  DIM,
  FG,
  glyphOf,
  INVERSE,
  ITALIC,
  PALETTE,
  STRIKE,
  underlineOf,
  widthOf,
} from '../../src/screens/cell.ts';
import type { Surface } from '../../src/screens/surface.ts';
import { boxLines, CELL } from './boxes.ts';

/** Colours of the terminal the picture is of, #rrggbb. */
export interface Terminal {
  readonly text: string;
  readonly ground: string;
  /** The window around it: its bar, its edge and what stands there. */
  readonly bar: string;
  readonly edge: string;
  readonly title: string;
  /** The first 16 of the palette. */
  readonly palette: readonly string[];
}

export interface Words {
  /** Stands in the bar of the window. */
  readonly title: string;
  /** What the picture shows, for who cannot see it. */
  readonly about: string;
}

interface Look {
  readonly text: string;
  readonly ground: string;
  readonly css: string;
}

const PAD = 10;
const BAR = 28;
/** From the top of a cell to the line that letters stand on. */
const BASELINE = 13;
const FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

export function svgOf(surface: Surface, terminal: Terminal, { title, about }: Words): string {
  const w = surface.cols * CELL.w + 2 * PAD;
  const h = surface.rows * CELL.h + BAR + 2 * PAD;
  const grounds: string[] = [];
  const texts: string[] = [];
  const lines = new Map<string, string>();
  const classes = new Map<string, string>();
  const classOf = (css: string): string => {
    const name = classes.get(css) ?? `c${classes.size}`;
    classes.set(css, name);
    return name;
  };
  for (let row = 0; row < surface.rows; row++) {
    const y = BAR + PAD + row * CELL.h;
    for (const run of groundRuns(surface, row, terminal)) {
      const at = `x="${PAD + run.x * CELL.w}" y="${y}" width="${run.w * CELL.w}" height="${CELL.h}"`;
      grounds.push(`<rect ${at} fill="${run.ground}"/>`);
    }
    for (const run of textRuns(surface, row, terminal)) {
      const x = PAD + run.x * CELL.w;
      const box = boxLines(run.text, x, y);
      if (box) {
        const key = `stroke="${run.look.text}" class="${box.stroke}"`;
        lines.set(key, joined(lines.get(key) ?? '', box.d));
        continue;
      }
      const size = `textLength="${run.w * CELL.w}" lengthAdjust="spacingAndGlyphs"`;
      texts.push(
        `<text x="${x}" y="${y + BASELINE}" ${size} class="${classOf(run.look.css)}">${escaped(run.text)}</text>`,
      );
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-labelledby="title" font-family="${FONTS}" font-size="13.3">`,
    `<title id="title">${escaped(about)}</title>`,
    `<style>path{fill:none}.light{stroke-width:1}.heavy{stroke-width:2.4}${[...classes]
      .map(([css, name]) => `.${name}{${css}}`)
      .join('')}</style>`,
    `<rect x=".5" y=".5" width="${w - 1}" height="${h - 1}" rx="9" fill="${terminal.ground}" stroke="${terminal.edge}"/>`,
    `<path d="M.5 ${BAR}V9.5a9 9 0 0 1 9 -9H${w - 9.5}a9 9 0 0 1 9 9V${BAR}z" style="fill:${terminal.bar}" stroke="${terminal.edge}"/>`,
    ...[0, 1, 2].map(n => `<circle cx="${18 + n * 18}" cy="${BAR / 2}" r="5" fill="${terminal.edge}"/>`),
    `<text x="${w / 2}" y="${BAR / 2 + 4.5}" text-anchor="middle" fill="${terminal.title}">${escaped(title)}</text>`,
    ...grounds,
    ...[...lines].map(([key, d]) => `<path ${key} d="${d}"/>`),
    ...texts,
    '</svg>\n',
  ].join('\n');
}

/** A horizontal line that goes on where the one before ended is one line. */
function joined(path: string, d: string): string {
  const next = /^M([\d.]+ [\d.]+)H[\d.]+$/.exec(d);
  const last = /M[\d.]+ ([\d.]+)H([\d.]+)$/.exec(path);
  if (!next || !last || next[1] !== `${last[2]} ${last[1]}`) return path + d;
  return path.slice(0, path.lastIndexOf('H')) + d.slice(d.lastIndexOf('H'));
}

interface GroundRun {
  readonly x: number;
  w: number;
  readonly ground: string;
}

function groundRuns(surface: Surface, row: number, terminal: Terminal): readonly GroundRun[] {
  const runs: GroundRun[] = [];
  for (let x = 0; x < surface.cols; x++) {
    const { ground } = lookAt(surface.cells, surface.at(x, row), terminal);
    if (ground === terminal.ground) continue;
    const last = runs.at(-1);
    if (last && last.ground === ground && last.x + last.w === x) last.w += 1;
    else runs.push({ x, w: 1, ground });
  }
  return runs;
}

interface TextRun {
  readonly x: number;
  w: number;
  text: string;
  readonly look: Look;
}

/**
 * Words of ASCII, and every other character by itself, in its own cells: what takes no notice of `textLength` is off by
 * little more than a word is.
 */
function textRuns(surface: Surface, row: number, terminal: Terminal): readonly TextRun[] {
  const runs: TextRun[] = [];
  for (let x = 0; x < surface.cols; x++) {
    const index = surface.at(x, row);
    const word = surface.cells[index] ?? BLANK;
    const text = surface.glyphs.text(glyphOf(word));
    if (widthOf(word) === 0 || text === ' ') continue;
    const look = lookAt(surface.cells, index, terminal);
    const last = runs.at(-1);
    if (last && last.x + last.w === x && last.look.css === look.css && isAscii(last.text + text)) {
      last.text += text;
      last.w += 1;
    } else runs.push({ x, w: widthOf(word), text, look });
  }
  return runs;
}

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

function lookAt(cells: Uint32Array, index: number, terminal: Terminal): Look {
  const attributes = cells[index + ATTRIBUTES] ?? 0;
  const fg = colourOf(cells[index + FG] ?? 0, terminal) ?? terminal.text;
  const bg = colourOf(cells[index + BG] ?? 0, terminal) ?? terminal.ground;
  const [text, ground] = attributes & INVERSE ? [bg, fg] : [fg, bg];
  const drawn = [
    underlineOf(attributes) > 0 ? 'underline' : '',
    attributes & STRIKE ? 'line-through' : '',
  ].filter(line => line !== '');
  const css = [
    `fill:${text}`,
    attributes & BOLD ? 'font-weight:700' : '',
    attributes & DIM ? 'opacity:.6' : '',
    attributes & ITALIC ? 'font-style:italic' : '',
    drawn.length > 0 ? `text-decoration:${drawn.join(' ')}` : '',
  ];
  return { text, ground, css: css.filter(part => part !== '').join(';') };
}

/** undefined is the terminal's own. */
function colourOf(colour: number, { palette }: Terminal): string | undefined {
  if (colour === 0) return undefined;
  const index = (colour & ~0xff) === PALETTE ? colour & 0xff : undefined;
  if (index !== undefined && palette[index] !== undefined) return palette[index];
  const rgb =
    index === undefined ? colour & 0xff_ff_ff : fromIndex(index).reduce((n, part) => n * 256 + part, 0);
  return `#${rgb.toString(16).padStart(6, '0')}`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
