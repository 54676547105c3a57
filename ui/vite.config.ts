import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  // Tauri shows this server's address when it fails to start on it: a port of our own, and no silent change to another.
  server: { port: 1420, strictPort: true },
  // The browser twin answers wherever Tauri does not; a production build leaves it out.
  define: { __TWIN__: JSON.stringify(mode !== 'production') },
  build: {
    outDir: mode === 'fixtures' ? 'dist-fixtures' : 'dist',
    // WebKitGTK and macOS's WebView as old as the oldest systems that Tauri 2 runs on with these pages.
    target: ['safari16', 'chrome111'],
    modulePreload: { polyfill: false },
  },
  // Svelte's browser half, not its server half.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'], restoreMocks: true },
}));
