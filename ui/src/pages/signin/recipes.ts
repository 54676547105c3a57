/** What writes the other side: the configuration of the proxy. */

/** The command for each proxy that there is a recipe for, by its preset. */
const RECIPES: Record<string, string[]> = {
  pomerium: ['doorcode recipe pomerium-core', 'doorcode recipe pomerium-zero'],
  'oauth2-proxy': ['doorcode recipe nginx'],
  caddy: ['doorcode recipe caddy'],
  traefik: ['doorcode recipe traefik'],
  tailscale: ['doorcode recipe tailscale'],
};

/** The commands for a preset; none where the proxy's own pages say how. */
export function recipesFor(preset: string): string[] {
  return RECIPES[preset] ?? [];
}
