/** Finds the commands in a problem's fix, so that they can be shown as such and copied. */

/** A run of a fix: plain words, or what is typed or pasted as it stands. */
export interface Run {
  text: string;
  command: boolean;
}

// What a fix may begin with when all of it is a command.
const PROGRAMS = new Set(
  (
    'doorcode sudo apt apt-get dnf pacman zypper brew df ls ss lsof ps ulimit chmod mkdir journalctl systemctl ' +
    'timedatectl certutil date'
  ).split(' '),
);
// What words have and commands have not: a fix that goes on behind its command is not one as a whole.
const WORDS = ['`', '; ', ': ', ', '];

/** The fix in runs: a command as a whole, else what stands in backticks, or after the last colon. */
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
  return PROGRAMS.has(text.split(' ', 1)[0] ?? '') && !WORDS.some((mark) => text.includes(mark));
}
