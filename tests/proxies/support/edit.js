/**
 * `text` with every `from` in it replaced.
 *
 * @param {string} text
 * @param {string | RegExp} from global, where it is an expression
 * @param {string | ((found: string) => string)} to
 * @throws when there is none: an edit that does nothing would prove nothing
 */
export function edited(text, from, to) {
  const result = text.replaceAll(from, typeof to === 'function' ? to : () => to);
  if (result === text) throw new Error(`nothing to edit: ${from} is not in\n${text}`);
  return result;
}
