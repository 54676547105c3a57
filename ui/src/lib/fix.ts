/** Finds the command in a problem's fix, so that it can be shown as one and copied. */

/** A run of a fix: plain words, or a command. */
export interface Run {
  text: string;
  command: boolean;
}

// What a fix may begin with when all of it is a command.
const PROGRAMS = new Set(
  'doorcode sudo apt apt-get dnf pacman zypper brew df ls ss lsof ulimit chmod journalctl systemctl certutil'.split(
    ' ',
  ),
);

/** The fix in runs: a command as a whole, in backticks, or after the last colon. */
export function runs(fix: string): Run[] {
  if (isCommand(fix)) return [{ text: fix, command: true }];
  if (fix.includes('`')) {
    return fix
      .split('`')
      .map((text, index) => ({ text, command: index % 2 === 1 }))
      .filter(({ text }) => text !== '');
  }
  const tail = fix.lastIndexOf(': ');
  if (tail >= 0 && isCommand(fix.slice(tail + 2))) {
    return [
      { text: fix.slice(0, tail + 2), command: false },
      { text: fix.slice(tail + 2), command: true },
    ];
  }
  return fix === '' ? [] : [{ text: fix, command: false }];
}

function isCommand(text: string): boolean {
  return PROGRAMS.has(text.split(' ', 1)[0] ?? '');
}
