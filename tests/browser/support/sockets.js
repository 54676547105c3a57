/**
 * Counts the WebSockets that `page` (Chromium) has open, from now on; `count()` is how many there are.
 */
export async function watchSockets(page) {
  const session = await page.createCDPSession();
  const open = new Set();
  session.on('Network.webSocketHandshakeResponseReceived', ({ requestId }) => open.add(requestId));
  session.on('Network.webSocketClosed', ({ requestId }) => open.delete(requestId));
  await session.send('Network.enable');
  return { count: () => open.size };
}
