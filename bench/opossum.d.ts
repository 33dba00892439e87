/** What the breaker bench uses of opossum, which has no types of its own. */
declare module 'opossum' {
  export default class CircuitBreaker<R> {
    constructor(action: () => Promise<R>, options?: { readonly timeout?: number | false });
    fire(): Promise<R>;
    open(): void;
    shutdown(): void;
  }
}
