/** How far the first run has come; kept by the desktop program, so that it goes on where it stopped. */

import { call } from '../platform';
import { Facts } from './work.svelte';

export const setup = new Facts(() => call('welcome'));
