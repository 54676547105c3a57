/** Messages come as clauses, so that they can stand after a colon; on their own they begin like a sentence. */

/** The text with a capital in front, unless it begins with a name that is written small: `auth.mode`, `xdg-open`, a path. */
export function sentence(text: string): string {
  const word = /^[a-z]+(?=[ ,:])/.exec(text)?.[0];
  return word === undefined || NAMES.has(word) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

const NAMES = new Set('doorcode sudo pkexec certutil openssl npm node localhost'.split(' '));
