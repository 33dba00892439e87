/** The whole console as a function of its state. The shell calls it again whenever the state changed. */
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { Footer, Header, OVERLAYS, PANES, Small } from '../../panes/index.ts';
import { type Canvas, CanvasContext } from './canvas.ts';
import { layoutOf } from './layout.ts';
import type { ConsoleState } from './state.ts';
import type { Theme } from './theme.ts';

interface AppProps {
  readonly state: ConsoleState;
  readonly theme: Theme;
}

function App({ state, theme }: AppProps) {
  const { shape, header, footer, panes, overlay: place } = layoutOf(state);
  const { overlay } = state.ui;
  const given = { state, theme };
  if (shape === 'small') return <Small {...given} rect={header} />;
  const Over = overlay && OVERLAYS[overlay.kind];
  return (
    <>
      <Header {...given} rect={header} />
      {panes.map(({ pane, rect }) => {
        const Pane = PANES[pane];
        return <Pane key={pane} {...given} rect={rect} />;
      })}
      {Over && place ? <Over {...given} rect={place} /> : null}
      <Footer {...given} rect={footer} />
    </>
  );
}

/** The tree to draw: onto the canvas when there is one, else as Ink's own text. */
export function app(props: AppProps, canvas: Canvas | null = null): ReactElement {
  const { cols, rows } = props.state.size;
  return canvas ? (
    <CanvasContext value={canvas}>
      <App {...props} />
    </CanvasContext>
  ) : (
    <Box width={cols} height={rows} overflow="hidden">
      <App {...props} />
    </Box>
  );
}
