import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a person would have clicked away already, and what would talk to the world. */
const EDITOR_SETTINGS = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  // The terminal's text in the document, where a test can read it.
  'terminal.integrated.gpuAcceleration': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'files.autoSave': 'off',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'chat.disableAIFeatures': true,
};

/**
 * Writes the settings of an editor that asks a person nothing and does not talk to the world.
 *
 * @param {string} data Doorcode's data folder
 */
export async function writeEditorSettings(data) {
  const user = join(data, 'editor', 'data', 'User');
  await mkdir(user, { recursive: true, mode: 0o700 });
  await chmod(data, 0o700);
  await writeFile(join(user, 'settings.json'), JSON.stringify(EDITOR_SETTINGS));
}
