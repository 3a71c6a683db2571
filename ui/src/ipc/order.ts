// Keeps keystrokes in order: one message is under way at a time, what is typed meanwhile goes together.

type Send = (data: string) => Promise<unknown>;

/** Wraps `send` so that calls never overtake each other. */
export function sendInOrder(send: Send): (data: string | Uint8Array) => void {
  let waiting = '';
  let busy = false;
  const next = async () => {
    busy = true;
    while (waiting !== '') {
      const data = waiting;
      waiting = '';
      await send(data).catch(() => undefined);
    }
    busy = false;
  };
  return (data) => {
    waiting += typeof data === 'string' ? data : new TextDecoder().decode(data);
    if (!busy) void next();
  };
}
