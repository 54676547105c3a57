/** Turns pressed keys into the name of a shortcut: `Ctrl+Alt+D`. */

/** What is known of a key press: a part of `KeyboardEvent`. */
export interface Press {
  code: string;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  metaKey: boolean;
}

const NAMED: Record<string, string> = {
  Space: 'Space',
  Enter: 'Enter',
  Home: 'Home',
  End: 'End',
  PageUp: 'PageUp',
  PageDown: 'PageDown',
  Insert: 'Insert',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
};

/** The shortcut of a press; none without one of Ctrl, Alt and Super, or when the key alone is a modifier. */
export function accelerator(press: Press): string | null {
  const key = keyName(press.code);
  if (key === null || !(press.ctrlKey || press.altKey || press.metaKey)) return null;
  const modifiers = [
    press.ctrlKey && 'Ctrl',
    press.altKey && 'Alt',
    press.shiftKey && 'Shift',
    press.metaKey && 'Super',
  ];
  return [...modifiers.filter(Boolean), key].join('+');
}

// The place of the key, not what the layout makes of it with Alt or Shift held.
function keyName(code: string): string | null {
  const letter = /^(?:Key([A-Z])|Digit([0-9])|(F[1-9]|F1[0-9]|F2[0-4]))$/.exec(code);
  return letter?.[1] ?? letter?.[2] ?? letter?.[3] ?? NAMED[code] ?? null;
}
