/** What is said while stores of trust are changed: the command that wants to run, the password it asks for, what it prints. */

import { call, on, type Presence } from '../../platform';

export type Question = { kind: 'command'; line: string } | { kind: 'ask'; prompt: string };

export class Talk {
  question = $state.raw<Question | null>(null);
  /** The command that was allowed to run. */
  command = $state<string | null>(null);
  output = $state.raw<string[]>([]);
  /** Stores that have had their turn, and how they stand. */
  turns = $state.raw<Record<string, Presence>>({});

  /** Listens until the function it gives is called; whoever is still asked then, is asked no more. */
  follow(): () => void {
    return on('trust', (event) => {
      switch (event.kind) {
        case 'command':
        case 'ask':
          this.question = event;
          break;
        case 'output':
          this.output = [...this.output, event.text].slice(-200);
          break;
        case 'progress':
          this.turns = { ...this.turns, [event.id]: event.state };
          break;
      }
    });
  }

  /** Does work that may ask. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.output = [];
    this.turns = {};
    try {
      return await work();
    } finally {
      this.question = null;
      this.command = null;
    }
  }

  async approve(approve: boolean): Promise<void> {
    if (this.question?.kind === 'command' && approve) this.command = this.question.line;
    this.question = null;
    await call('trust_answer', { approve });
  }

  /** None calls it off. */
  async tell(secret: string | undefined): Promise<void> {
    this.question = null;
    await call('trust_answer', { secret });
  }

  /** No, to whatever is asked. */
  async refuse(): Promise<void> {
    if (this.question?.kind === 'command') await this.approve(false);
    else if (this.question?.kind === 'ask') await this.tell(undefined);
  }
}
