/** The steps of the first run, in their order. */

import type { StepState, WelcomeStep } from '../../platform';

export const STEPS: WelcomeStep[] = ['folder', 'editor', 'password', 'trust', 'open'];

/** Where to go on: the first step that is neither done nor skipped, else the last. */
export function firstLeft(steps: Record<WelcomeStep, StepState>): WelcomeStep {
  return STEPS.find((step) => steps[step] === 'todo') ?? 'open';
}

/** The step after this one; none after the last. */
export function after(step: WelcomeStep): WelcomeStep | undefined {
  return STEPS[STEPS.indexOf(step) + 1];
}

/** The step before this one; none before the first. */
export function before(step: WelcomeStep): WelcomeStep | undefined {
  return STEPS[STEPS.indexOf(step) - 1];
}
