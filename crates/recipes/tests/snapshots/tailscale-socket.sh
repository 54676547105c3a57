#!/bin/sh
# Tailscale Serve in front of Doorcode. Written by: doorcode recipe tailscale
# Run it once as root; tailscaled remembers it. It ends with: tailscale serve --https=9443 off
#
# Before that:
# 1. HTTPS certificates and MagicDNS for the tailnet (admin console, DNS), and this machine's name there is code.example.com.
#    Devices with a tag instead of a person have no login: the door refuses them.

set -eu

# The socket is the proof: only tailscaled, which runs as root, and you can open it. Needs a Tailscale that knows
# unix: targets (`tailscale serve --help` names them).
# Serve names the user in Tailscale-User-Login and takes that header off what a browser sends. Keep Funnel off: it lets in
# people without a name, and the door refuses each of their requests (Tailscale-Funnel-Request).
tailscale serve --bg --https=9443 unix:/run/user/1000/doorcode/door.sock
tailscale serve status

# The settings that belong to it, for $(doorcode settings path). Without the # signs:
#   doorcode recipe tailscale --settings-table, with the same options
#
# [auth]
# mode = "trusted-proxy"
#
# [auth.trusted_proxy]
# preset = "tailscale"
# public_url = "https://code.example.com:9443"
# allow_users = ["*"]
# proof = "unix-socket"
