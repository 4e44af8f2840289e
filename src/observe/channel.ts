/** What it returns is of no interest, but a promise's rejection is caught. */
export type Listener<Event> = (event: Event) => unknown;

/** Stops the listening it was handed out for; calling it again does nothing. */
export type Unsubscribe = () => void;

/**
 * Where one kind of event is published. Look at `isHeard` before you make an event:
 *
 *     const { "job.accepted": accepted } = instrument;
 *     if (accepted.isHeard) accepted.publish({ … });
 *
 * That look takes about a nanosecond, and nothing is made. Looking a name up in a Map or an object for each event took 15 to
 * 40 ns; node:diagnostics_channel costs as little, but is one for the whole process, where several Posthorns may be open, and throws
 * what a listener throws as an uncaught exception.
 */
export class Channel<Event> {
  isHeard = false;
  readonly #failed: (error: unknown) => void;
  #listeners: readonly Listener<Event>[] = [];

  /** @param failed a listener threw; called once for each that does. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  subscribe(listener: Listener<Event>): Unsubscribe {
    let hasFailed = false;
    const fail = (error: unknown) => {
      if (hasFailed) return;
      hasFailed = true;
      this.#failed(error);
    };
    const safely = (event: Event) => {
      try {
        const returned = listener(event);
        // most return nothing, and to look whether that is a promise takes longer than all else here
        if (returned !== undefined && returned instanceof Promise) returned.catch(fail);
      } catch (error) {
        fail(error);
      }
    };
    this.#set([...this.#listeners, safely]);
    return () => this.#set(this.#listeners.filter((other) => other !== safely));
  }

  /** What listeners throw harms neither the publisher nor the other listeners. */
  publish(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }

  #set(listeners: readonly Listener<Event>[]): void {
    this.#listeners = listeners;
    this.isHeard = listeners.length > 0;
  }
}
