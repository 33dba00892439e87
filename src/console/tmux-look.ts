/** What tmux's own parts look like, from the same tokens as the console. tmux fits colours to the terminal itself. */
import type { Style, ThemeLook } from './theme.ts';

/** A style in tmux's words: `fg=#61afef,bold`. @param coloured false for NO_COLOR: weight, underline and reverse remain */
export function tmuxStyle({ fg, bg, bold, dim, reverse, underline }: Style, coloured: boolean): string {
  return [
    'default',
    ...(coloured && fg ? [`fg=${fg}`] : []),
    ...(coloured && bg ? [`bg=${bg}`] : []),
    ...(bold ? ['bold'] : []),
    ...(dim ? ['dim'] : []),
    ...(underline ? ['underscore'] : []),
    ...(reverse ? ['reverse'] : []),
  ].join(',');
}

/** tmux's options for styles: status line, names of windows, borders of panes, messages, what is marked. */
export function tmuxLook(
  { styles, background }: ThemeLook,
  coloured: boolean,
): Readonly<Record<string, string>> {
  const paper = background.startsWith('#') ? { bg: background } : {};
  const style = (given: Style): string => tmuxStyle({ ...paper, ...given }, coloured);
  return {
    'window-style': tmuxStyle(
      { ...paper, ...(paper.bg && styles.text.fg ? { fg: styles.text.fg } : {}) },
      coloured,
    ),
    'status-style': style({ ...styles.text, ...styles.selected }),
    'window-status-style': style({ ...styles.muted, ...styles.selected }),
    'window-status-current-style': style({ ...styles.accent, ...styles.selected }),
    'pane-border-style': style(styles.frame),
    'pane-active-border-style': style(styles['frame-focus']),
    'message-style': style({ ...styles.strong, ...styles.selected }),
    'message-command-style': style({ ...styles.strong, ...styles.selected }),
    'mode-style': style({ ...styles.text, ...styles.selected }),
  };
}
