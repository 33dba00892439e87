/**
 * The dash window: charts of a fleet on a terminal of its own. A console that only looks: the same link, the same
 * state, drawn by blessed. It reconnects like one, and ends when the fleet goes down.
 */
import type { Box, Screen } from 'blessed';
import type { Bar, Line } from 'blessed-contrib';
import { connectOperator } from '../../protocol/client.ts';
import { keepLinked } from '../link.ts';
import { initialState } from '../state.ts';
import { consoleStore } from '../store.ts';
import { eventsOf, headOf, linesOf, outputOf, tableOf } from './figures.ts';
import { loadCharts } from './load.ts';

interface DashOptions {
  readonly socket: string;
  readonly as: string | undefined;
}

type Charts = Awaited<ReturnType<typeof loadCharts>>;

interface Widgets {
  readonly head: Box;
  readonly cpu: Line | undefined;
  readonly memory: Line | undefined;
  readonly output: Bar | undefined;
  readonly table: Box;
  readonly events: Box;
}

/** Least size at which charts can be read; below it there are the table and the events. */
const CHARTS_FROM = { cols: 70, rows: 28 };
/** Columns a bar takes. */
const BAR = 10;
const COLOURS = ['green', 'yellow', 'cyan', 'magenta', 'red', 'white'];

const now = (): number => performance.timeOrigin + performance.now();

/** Resolves when the person has quit, or the fleet went down. */
export async function runDash({ socket, as }: DashOptions): Promise<void> {
  const charts = await loadCharts();
  const screen = charts.blessed.screen({
    smartCSR: true,
    fullUnicode: true,
    title: 'hms dash',
    // Extended capabilities of newer terminal databases confuse its compiler, which then writes on the screen.
    warnings: false,
    terminal: 'xterm-256color',
    forceUnicode: true,
  });
  const over = Promise.withResolvers<void>();
  let widgets = build(charts, screen);
  const draw = (): void => {
    fill(widgets, screen, store.api.getState());
    screen.render();
  };
  const store = consoleStore(initialState({ now: now(), cols: 80, rows: 24, wanted: 'observe' }), () => {});
  const link = keepLinked({
    connect: () => connectOperator(socket),
    as,
    wanted: () => 'observe',
    now,
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    soon: run => void setImmediate(run),
    act: happening => {
      store.act(happening);
      const { fleet } = store.api.getState();
      if (happening.type === 'lost' && fleet.fleet !== '' && !fleet.engine.running) over.resolve();
    },
  });
  link.refused.catch(over.reject);
  const ticking = setInterval(() => {
    store.act({ type: 'ticked', at: now() });
    draw();
  }, 1000);
  screen.on('resize', () => {
    for (const child of [...screen.children]) child.destroy();
    screen.alloc(true);
    widgets = build(charts, screen);
    draw();
  });
  screen.key(['q', 'C-c'], over.resolve);
  draw();
  try {
    await over.promise;
  } finally {
    clearInterval(ticking);
    link.close();
    screen.destroy();
  }
}

function build({ blessed, contrib }: Charts, screen: Screen): Widgets {
  const { width, height } = screen;
  const framed = (label: string, top: number, left: number, w: number, h: number) => ({
    label: ` ${label} `,
    top,
    left,
    width: w,
    height: h,
    border: { type: 'line' },
    style: { border: { fg: 'cyan' } },
    // Text of agents is text: no markup is read from it.
    tags: false,
  });
  const add = <N extends Parameters<Screen['append']>[0]>(node: N): N => {
    screen.append(node);
    return node;
  };
  const big = width >= CHARTS_FROM.cols && height >= CHARTS_FROM.rows;
  const top = big ? Math.floor((height - 1) * 0.45) : 0;
  const rest = height - 1 - top;
  const events = Math.max(4, Math.floor(rest * 0.4));
  const third = Math.floor(width / 3);
  const line = {
    showLegend: true,
    legend: { width: 16 },
    style: { text: 'white', baseline: 'white' },
    wholeNumbersOnly: true,
  };
  const head = add(blessed.box({ top: 0, left: 0, width, height: 1, tags: false, style: { inverse: true } }));
  const table = add(blessed.box(framed('Agents', 1 + top, 0, width, rest - events)));
  const log = add(blessed.box(framed('Events', 1 + height - 1 - events, 0, width, events)));
  if (!big) return { head, table, events: log, cpu: undefined, memory: undefined, output: undefined };
  return {
    head,
    table,
    events: log,
    cpu: add(contrib.line({ ...framed('CPU, % of a core', 1, 0, third, top), ...line })),
    memory: add(contrib.line({ ...framed('Memory, MB', 1, third, third, top), ...line })),
    output: add(
      contrib.bar({
        ...framed('Output, KB/s', 1, 2 * third, width - 2 * third, top),
        barWidth: BAR - 4,
        barSpacing: BAR,
        xOffset: 1,
        maxHeight: 1,
      }),
    ),
  };
}

function fill(widgets: Widgets, screen: Screen, state: Parameters<typeof headOf>[0]): void {
  const { width } = screen;
  const { head, cpu, memory, output, table, events } = widgets;
  head.setContent(headOf(state, width));
  table.setContent(tableOf(state, width - 2).join('\n'));
  events.setContent(eventsOf(state, events.height - 2, width - 2).join('\n'));
  for (const [chart, of, per] of [
    [cpu, 'cpu', 1],
    [memory, 'rss', 1 << 20],
  ] as const) {
    const { x, lines } = linesOf(state, of, per);
    if (lines.length > 0)
      chart?.setData(
        lines.map(({ title, y }, i) => ({
          title,
          x,
          y,
          style: { line: COLOURS[i % COLOURS.length] ?? 'white' },
        })),
      );
  }
  const bars = outputOf(state, Math.floor(((output?.width ?? BAR) - 3) / BAR));
  output?.setData({ titles: bars.map(({ title }) => title), data: bars.map(({ kb }) => kb) });
}
