/** The whole console as a function of its state. No hooks, no effects: the shell calls it again when the state changed. */
import { Box } from 'ink';
import { Footer, Header, OVERLAYS, PANES, Small } from '../../panes/index.ts';
import { layoutOf } from './layout.ts';
import type { ConsoleState } from './state.ts';
import type { Theme } from './theme.ts';

export interface AppProps {
  readonly state: ConsoleState;
  readonly theme: Theme;
  /** Rows of the agent's screen in view, fitted to its pane; null when there are none. */
  readonly screen: readonly string[] | null;
}

export function App({ state, theme, screen }: AppProps) {
  const layout = layoutOf(state);
  const { cols, rows } = state.size;
  const { overlay } = state.ui;
  const given = { state, theme, screen };
  if (layout.shape === 'small') {
    return (
      <Box width={cols} height={rows} overflow="hidden">
        <Small {...given} rect={layout.header} />
      </Box>
    );
  }
  const Over = overlay && OVERLAYS[overlay.kind];
  return (
    <Box width={cols} height={rows} overflow="hidden">
      <Header {...given} rect={layout.header} />
      {layout.panes.map(({ pane, rect }) => {
        const Pane = PANES[pane];
        return <Pane key={pane} {...given} rect={rect} />;
      })}
      {Over && layout.overlay ? <Over {...given} rect={layout.overlay} /> : null}
      <Footer {...given} rect={layout.footer} />
    </Box>
  );
}
