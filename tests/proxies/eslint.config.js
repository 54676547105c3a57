import globals from 'globals';

import browserTests from '../browser/eslint.config.js';

export default [
  browserTests[0],
  browserTests[1],
  {
    // These hand functions to a page, where its globals exist.
    files: ['flows/**'],
    languageOptions: { globals: globals.browser },
  },
];
