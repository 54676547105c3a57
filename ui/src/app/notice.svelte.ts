/** A short word to the person, seen for a moment and spoken by screen readers: "Copied". */

const SHOWN_MS = 4000;

class Notice {
  text = $state('');
  #hide: ReturnType<typeof setTimeout> | undefined;

  say(text: string): void {
    clearTimeout(this.#hide);
    this.text = text;
    this.#hide = setTimeout(() => {
      this.text = '';
    }, SHOWN_MS);
  }
}

export const notice = new Notice();
