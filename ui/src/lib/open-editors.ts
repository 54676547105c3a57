/** How many editor windows are open behind a number of WebSockets: each has two, and one of them may be reconnecting. */
export function openEditors(tunnels: number): number {
  return Math.ceil(tunnels / 2);
}
