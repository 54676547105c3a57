/** Waiting, as long as the real thing takes or faster. */
export class Clockwork {
  #pace: number;

  constructor(pace: number) {
    this.#pace = pace;
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds / this.#pace));
  }

  /** Calls `tick` again and again until the function it gives is called. */
  every(milliseconds: number, tick: () => void): () => void {
    const ticking = setInterval(tick, milliseconds / this.#pace);
    return () => clearInterval(ticking);
  }
}
