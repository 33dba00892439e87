/**
 * Text that agents made is hostile until proven otherwise. Everything shown outside an agent's own pane passes
 * through here: control characters, escape sequences and bidirectional overrides become visible, harmless marks.
 */

// C0 (but not \n and \t), DEL, C1; bidi embeddings, overrides, isolates and marks (Unicode TR 9, "Trojan
// Source" CVE-2021-42574); zero-width and other invisible format characters; line and paragraph separators;
// tag characters; interlinear annotations; our own private-use sentinels.
const HOSTILE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ue000-\uf8ff]|[\u{e0000}-\u{e007f}\u{f0000}-\u{10ffff}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

const C0_NAMES: Readonly<Record<number, string>> = { 27: '␛', 127: '␡' };

function mark(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return C0_NAMES[code] ?? String.fromCodePoint(0x2400 + code);
  return C0_NAMES[code] ?? `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** Makes hostile characters visible and harmless. Keeps \n and \t. Idempotent. */
export function neutralise(text: string): string {
  return text.replace(HOSTILE, mark);
}

/** As `neutralise`, and on one line: line breaks become ⏎, tabs a space; cut to `max` characters, saying so. */
export function oneLine(text: string, max = 200): string {
  const flat = neutralise(text.slice(0, max * 4))
    .replace(/\n/g, '⏎')
    .replace(/\t/g, ' ');
  const points = Array.from(flat);
  return points.length > max || text.length > max * 4 ? `${points.slice(0, max - 1).join('')}…` : flat;
}

/** `1 agent`, `2 agents`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/**
 * What may be pasted: text, line breaks and tabs. Other control characters are left out: an escape sequence in a
 * message would be typed keys, and one of them ends a bracketed paste, after which the rest is typed too.
 */
export function pasteable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

// Latin, punctuation, arrows, mathematics, pictures of controls, lines and blocks, and what else our own panes say.
const OTHER =
  /[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u203b\u2190-\u22ff\u2328\u2388\u23ce\u23fa\u2400-\u2426\u2500-\u25fc\u2709\u2713\u2716\u2744\u27e8\u27e9\u27f3]/;

/**
 * Text of characters that every terminal gives one column each and that join to nothing: what nearly everything on a
 * screen is made of. Measuring anything else takes a hundred times as long, and the first time 40 ms.
 */
export function isNarrow(text: string): boolean {
  return !OTHER.test(text);
}

/** Milliseconds as people say them: `400 ms`, `2.5 s`, `10 min`. */
export function spanWords(ms: number): string {
  if (!(ms >= 0)) return '0 ms';
  if (ms < 1000) return `${ms} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(1))} s`;
  return `${Math.round(ms / 60_000)} min`;
}
