/// <reference types="vite/client" />

/** Whether this build has the browser twin; decided by Vite's mode, so that a production build drops it. */
declare const __TWIN__: boolean;
