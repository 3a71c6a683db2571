// Links that lead out of the window: nothing opens before its real target was shown and confirmed.

class Links {
  /** The address somebody wants to open, while they are being asked. */
  asking = $state<string | null>(null);

  ask(url: string): void {
    if (/^https?:\/\//i.test(url)) this.asking = url;
  }
}

export const links = new Links();
