/**
 * The console that bench/grid.ts looks at, or the same tree drawn by Ink alone: `SOCKET TMUX WAY FPS FILE`. Measures
 * itself between two signals (SIGUSR2) and writes what it found to FILE.
 */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Box, render, Text } from 'ink';
import { openScreens } from '../src/cli/screens.ts';
import { app } from '../src/console/app.tsx';
import { gridOf } from '../src/console/grid.ts';
import { layoutOf } from '../src/console/layout.ts';
import { runConsole } from '../src/console/run.ts';
import { compile } from '../src/console/theme.ts';
import { dark } from '../src/console/themes.ts';
import { Glyphs } from '../src/screens/glyphs.ts';
import { Surface } from '../src/screens/surface.ts';
import { Desk } from '../test/console/desk.ts';
import { styledRows } from '../test/support/rows.ts';
import { gridFleet } from './grid-fleet.ts';

const [, , socket = '', tmux = '', way = '', fps = '30', file = ''] = process.argv;
const RESOLUTION_MS = 2;

export interface Found {
  readonly cpuPct: number;
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  readonly rssMb: number;
}

let begun: { at: number; cpu: NodeJS.CpuUsage } | undefined;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
process.on('SIGUSR2', () => {
  if (!begun) {
    begun = { at: performance.now(), cpu: process.cpuUsage() };
    delay.enable();
    return;
  }
  delay.disable();
  const { user, system } = process.cpuUsage(begun.cpu);
  // The histogram counts from timer to timer: what is above the timer's own time is delay.
  const late = (percentile: number): number =>
    Math.max(0, delay.percentile(percentile) / 1e6 - RESOLUTION_MS);
  const found: Found = {
    cpuPct: (user + system) / 10 / (performance.now() - begun.at),
    delayP50Ms: late(50),
    delayP99Ms: late(99),
    rssMb: process.memoryUsage.rss() / 2 ** 20,
  };
  writeFileSync(file, JSON.stringify(found));
});

const tmuxPlace = { socket: tmux, session: 'main' };
if (way === 'console') {
  await runConsole({
    socket,
    mode: 'watch',
    env: { ...process.env, HMS_FPS: fps },
    openScreens: () => openScreens(tmuxPlace),
  });
  process.exit(0);
}

const { state } = new Desk(gridFleet(), { cols: 200, rows: 50 }).press('1', 'g');
const rect = layoutOf(state).panes[0]?.rect ?? { x: 0, y: 0, w: 0, h: 0 };
const { tiles } = gridOf(state, rect);
const screens = await openScreens(tmuxPlace);
screens.setVisible(tiles.map(tile => tile.agent.pane));
const theme = compile(dark);
const glyphs = new Glyphs();
const surfaces = tiles.map(({ rect: { w, h } }) => new Surface(w - 2, h - 2, glyphs));
const tree = () => (
  <Box width={200} height={50} overflow="hidden">
    {app({ state, theme })}
    {tiles.map(({ agent, rect: { x, y, w, h } }, i) => {
      const surface = surfaces[i];
      if (surface) screens.draw(agent.pane, surface, { x: 0, y: 0, w: w - 2, h: h - 2 });
      return (
        <Box key={agent.id} position="absolute" top={y + 1} left={x + 1} width={w - 2} height={h - 2}>
          <Text wrap="truncate">{surface ? styledRows(surface).join('\n') : ''}</Text>
        </Box>
      );
    })}
  </Box>
);
const ink = render(tree(), { maxFps: Number(fps), incrementalRendering: true, alternateScreen: true });
setInterval(() => ink.rerender(tree()), 1000 / Number(fps));
