//! A Compose stack: Pomerium, the one that publishes a port, and the door behind it.

use doorcode_settings::Problem;

use crate::container::{DOOR, HOME, IMAGE, PORT, PROXY, RUN, SETTINGS_FILE, SUBNET, USER, block};
use crate::page;
use crate::plan::Plan;
use crate::pomerium;
use crate::quote;

/// One file; both configurations are in it.
pub(crate) fn write(plan: &Plan) -> Result<String, Problem> {
    let url = &plan.proxy.public_url;
    let port = url.port().unwrap_or(443);
    // Compose puts variables where a $ stands.
    let within = |text: &str| block(&text.replace('$', "$$"), "      ");
    let pomerium = pomerium::config(
        plan,
        &format!("http://doorcode:{PORT}"),
        "autocert_dir: /data/autocert\n\n# Kept, so that a restart signs nobody out.\n\
         shared_secret_file: /run/secrets/pomerium-shared\n\
         cookie_secret_file: /run/secrets/pomerium-cookie\n",
    )?;
    Ok(format!(
        r#"# Doorcode behind Pomerium, in two containers. Written by: doorcode recipe compose
# Save as compose.yaml, then: docker compose up --detach
# For Docker Compose 2.23.1 and newer, because the two configurations stand in this file.
{steps}
services:
  # Signs people in, and is the only one that the outside reaches.
  pomerium:
    image: pomerium/pomerium:v0.32.0
    restart: unless-stopped
    security_opt: ["no-new-privileges:true"]
    ports:
      - "{port}:443"
    configs:
      - source: pomerium
        target: /pomerium/config.yaml
    secrets:
      - pomerium-shared
      - pomerium-cookie
    volumes:
      - pomerium:/data
    networks:
      door:
        # The address that the door lets in (proxies).
        ipv4_address: {PROXY}
        # The door fetches the keys of the signed statements from the public address, and finds Pomerium there.
        aliases: [{host}]

  # The door with the editor behind it. It publishes no port: there is no way around Pomerium.
  doorcode:
    image: {image}
    restart: unless-stopped
    user: "{USER}:{USER}"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    # The editor ends what it runs before it is ended itself.
    stop_grace_period: 30s
    configs:
      - source: settings
        target: {SETTINGS_FILE}
    volumes:
      # Work, extensions, sign-ins.
      - home:{HOME}
    tmpfs:
      - /tmp:mode=1777
      - {RUN}:mode=0700,uid={USER},gid={USER}
    networks:
      door:
        ipv4_address: {DOOR}
    healthcheck:
      test: [CMD, doorcode, --settings, {SETTINGS_FILE}, status]
      interval: 30s
      timeout: 10s
      start_period: 60s

networks:
  door:
    ipam:
      config:
        - subnet: {SUBNET}

volumes:
  home:
  pomerium:

secrets:
  pomerium-shared:
    file: ./secrets/pomerium-shared
  pomerium-cookie:
    file: ./secrets/pomerium-cookie

configs:
  pomerium:
    content: |
{pomerium}  settings:
    content: |
{settings}"#,
        steps = page::before([
            format!("The image, from Doorcode's sources:\n  docker build -f Containerfile -t {IMAGE} ."),
            format!(
                "{} leads to this machine, and port {port} is reachable from the internet: Pomerium gets a certificate there.",
                url.host()
            ),
            "Two secrets of Pomerium's:\n  \
             (umask 077; mkdir -p secrets; for name in shared cookie; do head -c32 /dev/urandom | base64 > secrets/pomerium-$name; done)"
                .to_owned(),
        ]),
        host = quote::compose(&url.host().to_string()),
        image = quote::compose(IMAGE),
        pomerium = within(&pomerium),
        settings = within(&plan.table),
    ))
}
