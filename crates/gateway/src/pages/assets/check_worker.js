'use strict';

// Only what the check's page sends is answered; no request is intercepted.
self.addEventListener('message', (event) => event.ports[0].postMessage(event.data));
