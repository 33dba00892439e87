/** What we use of blessed and blessed-contrib, which bring no types. */
declare module 'blessed' {
  export interface Node {
    destroy(): void;
    readonly width: number;
    readonly height: number;
  }
  export interface Screen extends Node {
    readonly children: readonly Node[];
    render(): void;
    key(keys: readonly string[], listener: () => void): void;
    on(event: 'resize' | 'destroy', listener: () => void): void;
    append(node: Node): void;
    alloc(dirty?: boolean): void;
  }
  export interface Box extends Node {
    setContent(text: string): void;
  }
  interface Blessed {
    screen(options: object): Screen;
    box(options: object): Box;
  }
  const blessed: Blessed;
  export default blessed;
}

declare module 'blessed-contrib' {
  import type { Node } from 'blessed';

  export interface Line extends Node {
    setData(lines: readonly LineData[]): void;
  }
  export interface LineData {
    readonly title: string;
    readonly x: readonly string[];
    readonly y: readonly number[];
    readonly style: { readonly line: string };
  }
  export interface Bar extends Node {
    setData(bars: { readonly titles: readonly string[]; readonly data: readonly number[] }): void;
  }
  interface Contrib {
    line(options: object): Line;
    bar(options: object): Bar;
  }
  const contrib: Contrib;
  export default contrib;
}
