import js from '@eslint/js';
import globals from 'globals';

export default [
  js.configs.recommended,
  {
    languageOptions: { globals: globals.node },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-restricted-globals': [
        'error',
        { name: 'setTimeout', message: 'Wait for a condition: `until` in support/wait.js.' },
      ],
    },
  },
  {
    // These hand functions to the browser, where the page's globals exist.
    files: ['flows/**', 'support/{accessibility,phone,sign-in-page,workbench,sockets}.js'],
    languageOptions: { globals: globals.browser },
  },
];
