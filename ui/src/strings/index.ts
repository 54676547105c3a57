/** What the window says. Another language is another object of the type `Strings`. */

import { en } from './en';

export type Strings = typeof en;

export const t: Strings = en;
