#!/bin/sh
# Tailscale Serve in front of Doorcode. Written by: doorcode recipe tailscale
# Run it once as root; tailscaled remembers it. It ends with: tailscale serve --https=443 off
#
# Before that:
# 1. HTTPS certificates and MagicDNS for the tailnet (admin console, DNS), and this machine's name there is code.example.com.
#    Devices with a tag instead of a person have no login: the door refuses them.

set -eu

# Nothing proves to the door that it is Tailscale that connects: every user and program of this machine could
# send such a header. Better: gateway.listen = ["unix:/path"], tls.mode = "off" and proof = "unix-socket".
# Serve names the user in Tailscale-User-Login and takes that header off what a browser sends. Keep Funnel off: it lets in
# people without a name, and the door refuses each of their requests (Tailscale-Funnel-Request).
tailscale serve --bg --https=443 https+insecure://127.0.0.1:8443
tailscale serve status

# The settings that belong to it, for $(doorcode settings path). Without the # signs:
#   doorcode recipe tailscale --settings-table, with the same options
#
# [auth]
# mode = "trusted-proxy"
#
# [auth.trusted_proxy]
# preset = "tailscale"
# public_url = "https://code.example.com"
# proxies = ["127.0.0.1"]
# allow_users = ["ada@example.com", "grace@example.com"]
# proof = "address-only"
