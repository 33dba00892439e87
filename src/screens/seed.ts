/**
 * What tmux knows of a pane's screen, asked for in one go, and written as a terminal would have had to read it to
 * look like that: the start for a screen that is then kept up with the pane's own output.
 */

/** The state of a pane's terminal at one moment. */
export interface Seed {
  readonly cols: number;
  readonly rows: number;
  /** Bytes for an empty terminal of that size. */
  readonly data: string;
  /** The program has ended. */
  readonly dead: boolean;
}

const FIELDS = [
  'pane_id',
  'pane_width',
  'pane_height',
  'pane_dead',
  'cursor_x',
  'cursor_y',
  'cursor_flag',
  'alternate_on',
  'alternate_saved_x',
  'alternate_saved_y',
  'scroll_region_upper',
  'scroll_region_lower',
  'origin_flag',
  'wrap_flag',
  'insert_flag',
] as const;

/**
 * Commands whose answers `readSeed` understands. tmux runs them with nothing in between. From then on the pane's output
 * is sent (`continue`) or not (`pause`).
 */
export function seedCommands(pane: string, then: 'continue' | 'pause'): readonly (readonly string[])[] {
  const capture = ['capture-pane', '-p', '-t', pane];
  return [
    // Output that follows the answer is output that came after these looks.
    ['refresh-client', '-A', `${pane}:${then}`],
    ['display-message', '-p', '-t', pane, FIELDS.map(field => `#{${field}}`).join('|')],
    [...capture, '-e', '-N'],
    // The normal screen behind an alternate one.
    [...capture, '-e', '-N', '-q', '-a'],
    // The beginning of a control sequence whose end has not come yet, in octal.
    [...capture, '-P', '-C'],
  ];
}

/** Reads the answers; undefined when there is no such pane. */
export function readSeed(pane: string, blocks: readonly (readonly string[])[]): Seed | undefined {
  const [, [state = ''] = [], screen = [], behind = [], pending = []] = blocks;
  const values = new Map(state.split('|').map((value, i) => [FIELDS[i], value]));
  if (values.get('pane_id') !== pane) return undefined;
  const number = (field: (typeof FIELDS)[number]): number => Number(values.get(field)) || 0;
  const on = (field: (typeof FIELDS)[number]): boolean => values.get(field) === '1';
  const rows = number('pane_height');
  const cols = number('pane_width');
  // Line drawing comes as SO … SI: the character set that SO switches to.
  let data = '\x1b)0';
  if (on('alternate_on')) {
    data += paint(behind.slice(0, rows)) + place(number('alternate_saved_x'), number('alternate_saved_y'));
    data += '\x1b[?1049h\x1b[H';
  }
  data += paint(screen.slice(0, rows));
  data += '\x1b)B\x0f';
  const upper = number('scroll_region_upper');
  const lower = number('scroll_region_lower');
  if (upper > 0 || lower < rows - 1) data += `\x1b[${upper + 1};${lower + 1}r`;
  if (!on('wrap_flag')) data += '\x1b[?7l';
  if (on('insert_flag')) data += '\x1b[4h';
  if (on('origin_flag')) data += '\x1b[?6h';
  if (!on('cursor_flag')) data += '\x1b[?25l';
  data += cursor(values, screen, cols, on('origin_flag') ? upper : 0, number('cursor_x'), number('cursor_y'));
  data += unescapeOctal(pending.join('\n'));
  return { cols, rows, data, dead: on('pane_dead') };
}

/** Colours carry over from line to line in what tmux prints, and so they do here. */
function paint(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\x1b[0m`;
}

function place(x: number, y: number): string {
  return `\x1b[${y + 1};${x + 1}H`;
}

function cursor(
  values: ReadonlyMap<unknown, string>,
  screen: readonly string[],
  cols: number,
  top: number,
  x: number,
  y: number,
): string {
  if (x < cols) return place(x, y - top);
  // Behind the last column, about to wrap: only printing there gets a terminal into that state. The colour of that
  // one character is lost, which the next drawing of it mends.
  const last = [...plainText(screen[y] ?? '')].at(-1) ?? ' ';
  return values.get('wrap_flag') === '1' && /^[ -~]$/.test(last)
    ? place(cols - 1, y - top) + last
    : place(cols - 1, y - top);
}

function plainText(line: string): string {
  return line.replace(/\x1b\[[0-9;:]*m|[\x0e\x0f]/g, '');
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** The panes of a layout as tmux writes it (`%layout-change`): pane id → its size. */
export function layoutSizes(
  layout: string,
): ReadonlyMap<string, { readonly cols: number; readonly rows: number }> {
  const leaves = layout.matchAll(/(\d+)x(\d+),\d+,\d+,(\d+)(?=[,\]}\s]|$)/g);
  return new Map(
    [...leaves].map(([, cols, rows, id]) => [`%${id}`, { cols: Number(cols), rows: Number(rows) }]),
  );
}
