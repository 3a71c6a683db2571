// Links that lead out of the window: nothing opens before its real target was shown and confirmed.

class Links {
  /** The address somebody wants to open, while they are being asked. */
  asking = $state<string | null>(null);

  ask(address: string): void {
    this.asking = webAddress(address);
  }
}

/** The address as a browser reads it, with nothing hidden in it: punycode, no signs that turn text around; null when it is not of the web. */
export function webAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) ? url.href : null;
}

export const links = new Links();
