// The way of output through the page: letters stay whole, the parser has little at a time, the other side hears what is drawn.
import { Acks } from './acks';
import { Clusters } from './clusters';
import { Inbox } from './inbox';

export class Intake {
  readonly #acks: Acks;
  readonly #inbox: Inbox;
  /** Bytes go on as they are: a letter split between two pieces stays whole. */
  readonly #clusters: Clusters;

  /** `parse` calls back when it is done with the bytes; `drawn` tells the other side of how many it need not wait for. */
  constructor(parse: (bytes: Uint8Array, parsed: () => void) => void, drawn: (bytes: number) => void) {
    this.#acks = new Acks(drawn);
    this.#inbox = new Inbox(parse, (bytes) => this.#acks.add(bytes));
    this.#clusters = new Clusters((bytes) => this.#inbox.add(bytes));
  }

  /** Output of the shell. */
  add(bytes: Uint8Array): void {
    this.#clusters.add(bytes);
  }

  /** A line of our own behind the output so far. */
  say(text: string): void {
    this.#clusters.flush();
    this.#inbox.say(text);
  }

  /** Forgets output that the parser does not have yet. */
  skip(): void {
    this.#clusters.flush();
    this.#inbox.skip();
  }

  /** No more comes for now: what waits for the rest of a letter is shown as it is. */
  settle(): void {
    this.#clusters.flush();
  }
}
