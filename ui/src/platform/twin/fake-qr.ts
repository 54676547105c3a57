import type { Qr } from '../types';

const SIZE = 37;
const QUIET = 4;

/** Something that looks like the QR code of a text and cannot be read: the real one is drawn by the desktop program. */
export function fakeQr(text: string): Qr {
  let seed = [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  let path = '';
  for (let y = QUIET; y < SIZE - QUIET; y += 1) {
    for (let x = QUIET; x < SIZE - QUIET; x += 1) {
      seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
      const dark = finder(x - QUIET, y - QUIET, SIZE - 2 * QUIET) ?? seed > 2 ** 31;
      if (dark) path += `M${x} ${y}h1v1h-1z`;
    }
  }
  return { size: SIZE, path };
}

/** The three squares in the corners; undefined elsewhere. */
function finder(x: number, y: number, side: number): boolean | undefined {
  for (const [left, top] of [
    [0, 0],
    [side - 7, 0],
    [0, side - 7],
  ] as const) {
    const [dx, dy] = [x - left, y - top];
    if (dx < -1 || dx > 7 || dy < -1 || dy > 7) continue;
    const ring = Math.max(Math.abs(dx - 3), Math.abs(dy - 3));
    return ring <= 1 || ring === 3;
  }
  return undefined;
}
