import type { SettingValue } from '../../platform';

/** What each kind of field gets from its row. */
export interface Field {
  label: string;
  invalid: boolean;
  /** The ids of what describes it. */
  describedby: string;
  /** Somebody is typing this. */
  check: (value: SettingValue) => void;
  /** Somebody is done with it. */
  save: (value: SettingValue) => Promise<void>;
  /** What was typed is dropped. */
  clear: () => void;
}
