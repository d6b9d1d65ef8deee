/** A small recipe without a `ci.ts`, whose routes are right or wrong in one way. */
export interface RoutedRecipe {
  /** Beside `traefik.enable=true`, which they may replace. NAME is the app's own, DOMAIN its domain. */
  labels: readonly string[];
  /** What its nginx serves. Default: every path. */
  serves?: string;
  /** Further lines of the service, as YAML. */
  more?: string;
  /** Further lines of its `deploy`, as YAML. */
  deploy?: string;
  /** Further lines of the compose file, below all services, as YAML. */
  below?: string;
  /** Further lines of `.env.sample`. */
  env?: string;
  /** Further lines of `abra.sh`. */
  shell?: string;
  /** The check that must fail; without it the recipe must pass. */
  fails?: string;
  /** What the failure must say, besides. */
  says?: RegExp;
}

const PORT = "traefik.http.services.NAME.loadbalancer.server.port=80";
const AT = "traefik.http.routers.NAME.entrypoints=web-secure";
const HOST = "traefik.http.routers.NAME.rule=Host(`DOMAIN`)";
const ROUTE = [PORT, HOST, AT];
const WWW = [
  "traefik.http.routers.NAME-www.rule=Host(`www.DOMAIN`)",
  "traefik.http.routers.NAME-www.entrypoints=web-secure",
  "traefik.http.routers.NAME-www.service=NAME",
  "traefik.http.routers.NAME-www.middlewares=NAME-bare",
];
const BARE = [
  "traefik.http.middlewares.NAME-bare.redirectregex.regex=^https?://[^/]+/(.*)",
  "traefik.http.middlewares.NAME-bare.redirectregex.replacement=https://DOMAIN/$${1}",
];
const SSH = [
  "traefik.tcp.routers.NAME-ssh.rule=HostSNI(`*`)",
  "traefik.tcp.routers.NAME-ssh.entrypoints=none-such-ssh",
];
const ADMIN = [
  "traefik.http.routers.NAME.service=NAME",
  "traefik.http.routers.NAME-admin.rule=Host(`admin.DOMAIN`)",
  "traefik.http.routers.NAME-admin.entrypoints=web-secure",
  "traefik.http.routers.NAME-admin.service=NAME-admin",
  "traefik.http.services.NAME-admin.loadbalancer.server.port=9000",
];
const page = (head: string) =>
  `location = / { default_type text/html; return 200 '<!doctype html><html><head>${head}</head><body></body></html>'; }`;
const policed = (policy: string, script: string) =>
  page(`<script src=${script}></script>`).replace(
    "return",
    `add_header Content-Security-Policy "${policy}" always; return`,
  );
const SCRIPT = "location = /a.js { default_type text/javascript; return 200 1; }";
const HEALTH = `    healthcheck: { test: ["CMD", "curl", "-fs", "http://127.0.0.1/health"], interval: 2s, retries: 5 }\n`;
const HEALTHY = "location = /health { default_type application/json; return 200 '{}'; }";
const CALLED = `make_ready() {
  touch "$1/$2"
}
check_names() {
  test "$TARGET:$STACK_NAME" = "app:$(echo "$APP_NAME" | tr . _)"
}
`;
const LATE = `    command: ["sh", "-c", "(sleep 40; touch /tmp/ready) & exec nginx -g 'daemon off;'"]\n`;

/** Each of them was once judged wrongly. */
export const ROUTED_RECIPES: Readonly<Record<string, RoutedRecipe>> = {
  "every form of a route that Traefik takes": {
    labels: [
      "traefik.http.services.NAME.loadBalancer.server.port=80",
      "traefik.http.routers.NAME.Rule=Host(`DOMAIN`) && PathPrefix(`/wiki`)",
      "traefik.http.routers.NAME.entryPoints=web-secure",
      "traefik.http.routers.NAME.service=NAME@swarm",
      "traefik.http.routers.NAME.middlewares=security@file,NAME-vpn",
      "traefik.http.middlewares.NAME-vpn.ipallowlist.sourcerange=192.0.2.0/24",
      ...WWW,
      ...BARE,
      ...SSH,
      "traefik.tcp.services.NAME-ssh.loadbalancer.server.port=80",
    ],
    serves: "location /wiki { return 200 ok; } location / { return 404; }",
  },
  "an interface for programs": {
    labels: ROUTE,
    serves: `${HEALTHY} location / { default_type application/json; error_page 404 = @none; return 404; } location @none { default_type application/json; return 404 '{}'; }`,
    more: HEALTH,
  },
  "an app that is not ready for longer than half a minute, and says so": {
    labels: ROUTE,
    serves: `${HEALTHY} location / { if (-f /tmp/ready) { return 200 ok; } return 503; }`,
    more: HEALTH + LATE,
    env: "TIMEOUT=120\n",
  },
  "an app that is first asked for its health after a minute": {
    labels: ROUTE,
    more: `    healthcheck: { test: ["CMD", "curl", "-fs", "http://127.0.0.1/"], interval: 60s }\n`,
  },
  "a redirect of the web server's own, which knows of no TLS": {
    labels: ROUTE,
    serves: "location = / { return 302 http://$host/app/; } location /app/ { return 200 ok; }",
  },
  "an app that is ready once abra has called what its settings say": {
    labels: ROUTE,
    serves: "location / { if (-f /tmp/ready) { return 200 ok; } return 404; }",
    env: 'POST_DEPLOY_CMDS="app check_names|app make_ready /tmp ready"\n',
    shell: CALLED,
  },
  "a function that abra calls after a deployment, and that fails": {
    labels: ROUTE,
    env: 'POST_DEPLOY_CMDS="app make_ready /none ready"\n',
    shell: CALLED,
    fails: "install.commands",
    says: /^POST_DEPLOY_CMDS: make_ready \/none ready in app failed with exit code 1: .*\/none\/ready/,
  },
  "a server for web sockets alone": {
    labels: ROUTE,
    serves: "location / { add_header Sec-Websocket-Version 13 always; return 400 'Bad Request'; }",
  },
  "a volume that its operators make": {
    labels: ROUTE,
    more: `    volumes: ["shared:/shared"]\n`,
    below: "volumes:\n  shared:\n    external: true\n    name: routed-recipe-shared\n",
  },
  "a page with a script of its own, one of others, and a stylesheet that is not there": {
    labels: ROUTE,
    serves: `${page('<base href="/ui/"><link rel=stylesheet href=none.css><script src=a.js></script><script src=http://cdn.example.org/b.js></script>')} location = /ui/a.js { return 200 1; }`,
  },
  "a port that the mesh publishes for two tasks, of which a new one starts first": {
    labels: ROUTE,
    more: `    ports: ["18090:80"]\n`,
    deploy: "      replicas: 2\n      update_config: { order: start-first }\n",
  },
  "a port of the node in place of a router": {
    labels: ["traefik.enable=false"],
    more: `    ports: ["18091:80"]\n`,
  },
  "a port of the node that leads to one where nothing listens": {
    labels: ["traefik.enable=false"],
    more: `    ports: ["18092:8080"]\n`,
    fails: "install.ports",
    says: /^app publishes 18092 \(port 8080 of its containers\), and nothing listens there/,
  },
  "a port of UDP that leads to one that takes no datagrams": {
    labels: ["traefik.enable=false"],
    more: `    ports: ["18093:80/udp"]\n`,
    fails: "install.ports",
    says: /^app publishes 18093 \(port 80 of its containers\), and nothing listens there/,
  },
  "a page whose script comes over plain HTTP": {
    labels: ROUTE,
    serves: `${page("<script src=http://$host/a.js></script>")} location = /a.js { return 200 1; }`,
    fails: "install.answers",
    says: /the page has its script at http:\S+, which browsers refuse on a page that came over TLS/,
  },
  "a page none of whose parts is there": {
    labels: ROUTE,
    serves: page("<script type=module src=/assets/a.js></script>"),
    fails: "install.answers",
    says: /browsers get none of the page's own scripts and stylesheets: script \/assets\/a\.js: status 404/,
  },
  "a page that leads on to the machine of whoever looks": {
    labels: ROUTE,
    serves: page('<meta http-equiv="refresh" content="0; url=http://localhost:8080/login">'),
    more: '    environment: ["SITE_URL=http://localhost:8080"]\n',
    fails: "install.answers",
    says: /the page leads browsers on to http:\/\/localhost:8080, which only the app itself reaches, as SITE_URL of app says/,
  },
  "a redirect to the machine of whoever looks": {
    labels: ROUTE,
    serves: "location / { return 302 http://localhost:8080/login; }",
    more: '    environment: ["SITE_URL=http://localhost:8080"]\n',
    fails: "install.answers",
    says: /\/ redirects to localhost:8080, and the app is at \S+, as SITE_URL of app says/,
  },
  "a page that leads on within the app": {
    labels: ROUTE,
    serves: `${page('<meta http-equiv="refresh" content="0; url=/login">')} location / { return 200 ok; }`,
  },
  "a page that comes as a download": {
    labels: ROUTE,
    serves: page("").replace("text/html", "application/octet-stream"),
    fails: "install.answers",
    says: /a page comes as application\/octet-stream/,
  },
  "a cookie for the domain of the sample": {
    labels: ROUTE,
    serves: "location / { add_header Set-Cookie 'sid=1; Domain=routed.example.com'; return 200 ok; }",
    fails: "install.answers",
    says: /cookie sid is for routed\.example\.com, and browsers take none of that/,
  },
  "a cookie for all sites, which is not for TLS alone": {
    labels: ROUTE,
    serves: "location / { add_header Set-Cookie 'sid=1; SameSite=None'; return 200 ok; }",
    fails: "install.answers",
    says: /cookie sid has SameSite=None and is not Secure, and browsers such as Chromium take none of that/,
  },
  "an app that knows the names of its own machine alone": {
    labels: ROUTE,
    serves: `if ($host !~ "^(localhost|127.0.0.1)$") { return 400; } location / { return 200 ok; }`,
    more: '    environment: ["ALLOWED_HOSTS=localhost,127.0.0.1"]\n',
    fails: "install.answers",
    says: /^the app answers 400 to whoever asks it by \S+, and answers 200 to whoever does by localhost, as ALLOWED_HOSTS of app says/,
  },
  "a server that ends connections by all names but the sample's": {
    labels: ROUTE,
    serves:
      "server_name routed.example.com; location / { return 200 ok; } } server { listen 80 default_server; return 444;",
    fails: "install.answers",
    says: /^the app ends the connection of .*, and answers 200 to .* by routed\.example\.com, .* as config conf says/,
  },
  "a page whose policy is for the domain of the sample": {
    labels: ROUTE,
    serves: `${policed("script-src https://routed.example.com", "/a.js")} ${SCRIPT}`,
    fails: "install.answers",
    says: /browsers load none of the page's own scripts, .* has "script-src https:\/\/routed\.example\.com", .* as config conf says/,
  },
  "a page that scripts in it are to fill, of which its policy has browsers run none": {
    labels: ROUTE,
    serves: page('<meta http-equiv=content-security-policy content="script-src https:"><script>boot()</script>'),
    fails: "install.answers",
    says: /the page stays empty: .* its Content-Security-Policy has "script-src https:", as config conf says, by which/,
  },
  "a page whose policy has browsers ask over TLS for all that it has": {
    labels: ROUTE,
    serves: `${policed("upgrade-insecure-requests", "http://$host/a.js")} ${SCRIPT}`,
  },
  "an error page of a server's own that comes with 200": {
    labels: ROUTE,
    serves:
      "location / { default_type text/html; return 200 '<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>'; }",
    fails: "install.answers",
    says: /status 200, and the page says: 502 Bad Gateway/,
  },
  "a rule in the syntax of Traefik 2": {
    labels: [PORT, AT, "traefik.http.routers.NAME.rule=Host(`DOMAIN`, `www.DOMAIN`)"],
    fails: "prepare.routes",
    says: /\.rule of app is in the syntax of Traefik 2.*: Host takes one value there, so write Host\(/,
  },
  "labels for both of Traefik's providers": {
    labels: [...ROUTE, "traefik.docker.network=proxy", "traefik.swarm.network=proxy"],
    fails: "prepare.routes",
    says: /Traefik skips a service that has both kinds/,
  },
  "a start that takes longer than abra waits for it": {
    labels: [...ROUTE, `coop-cloud.NAME.timeout=\${TIMEOUT:-300}`],
    more: `    healthcheck: { test: ["CMD", "curl", "-fs", "http://127.0.0.1/"], interval: 8s }\n`,
    env: "TIMEOUT=4\n",
    fails: "install.converged",
    says: /every service runs, after \S+ s, and abra waits for 4 s \(label coop-cloud\.NAME\.timeout/,
  },
  "a health check that fails after twelve seconds": {
    labels: ROUTE,
    more: `    command: ["sh", "-c", "(sleep 12; touch /tmp/late) & exec nginx -g 'daemon off;'"]
    healthcheck: { test: ["CMD-SHELL", "test ! -e /tmp/late"], interval: 2s, retries: 2 }\n`,
    fails: "install.steady",
    says: /unhealthy/,
  },
  "a router that is switched off": {
    labels: ["traefik.enable=false", ...ROUTE],
    fails: "prepare.routes",
    says: /traefik\.enable=false: Traefik shows nothing of the app/,
  },
  "a port of the node that Traefik has": {
    labels: ROUTE,
    more: `    ports: ["443:80"]\n`,
    fails: "prepare.routes",
    says: /^app publishes port 443 of the node, which Traefik has/,
  },
  "a second router for a port where nothing listens, by a name that comes first": {
    labels: [...ROUTE, ...ADMIN],
    fails: "install.routes",
    says: /NAME-admin sends to service NAME-admin at \S+:9000, which can't be reached/,
  },
  "a router for www whose middleware is not there": {
    labels: [...ROUTE, ...WWW],
    fails: "install.routes",
    says: /router NAME-www is switched off: middleware "NAME-bare@swarm" does not exist/,
  },
  "a router for TCP to a port where nothing listens": {
    labels: [...ROUTE, ...SSH, "traefik.tcp.services.NAME-ssh.loadbalancer.server.port=2222"],
    fails: "install.routes",
    says: /TCP router NAME-ssh sends to port 2222 of app, where nothing listens/,
  },
  "a health check of Traefik's own for a path that is not there": {
    labels: [...ROUTE, "traefik.http.services.NAME.loadbalancer.healthcheck.path=/none"],
    serves: "location = / { return 200 ok; }",
    fails: "install.routes",
    says: /has it ask \/none, which has to answer 200 to 399/,
  },
  "a site that has lost its pages": {
    labels: ROUTE,
    serves: "location = /health { default_type text/plain; return 200 ok; } location / { return 404; }",
    more: HEALTH,
    fails: "install.answers",
    says: /status 404/,
  },
  "a protocol that the app does not speak": {
    labels: [...ROUTE, "traefik.http.services.NAME.loadbalancer.server.scheme=https"],
    fails: "install.answers",
    says: /can't speak https with the app/,
  },
  "an app that looks by a redirect to itself whether cookies are kept": {
    labels: ROUTE,
    serves:
      "location = / { if ($cookie_seen) { return 200 ok; } add_header Set-Cookie 'seen=1; Path=/; Secure'; return 302 /; }",
  },
  "the same rule twice, for two ports": {
    labels: [...ROUTE, ...ADMIN.map((label) => label.replace("admin.DOMAIN", "DOMAIN"))],
    fails: "prepare.routes",
    says: /routers NAME-admin \(to app:9000\) and NAME \(to app:80\) have the same rule/,
  },
  "a rule without a host": {
    labels: [PORT, AT, "traefik.http.routers.NAME.rule=PathPrefix(`/`)"],
    fails: "prepare.routes",
    says: /router NAME of app takes requests for every other app of the server as well/,
  },
  "a label with blanks around its =": {
    labels: [...ROUTE, "traefik.http.routers.NAME.priority = 5"],
    fails: "prepare.routes",
    says: /label "traefik\.http\.routers\.NAME\.priority " of app is another than \S+priority: docker keeps blanks/,
  },
  "a label that Traefik does not know": {
    labels: [PORT, HOST, "traefik.http.routers.NAME.entrypoint=web-secure"],
    fails: "install.answers",
    says: /field not found, node: entrypoint, which is in label traefik\.http\.routers\.NAME\.entrypoint/,
  },
  "no router": { labels: [PORT], fails: "prepare.routes", says: /and no router/ },
  "a service by the name of another provider": {
    labels: [...ROUTE, "traefik.http.routers.NAME.service=NAME@docker"],
    fails: "prepare.routes",
    says: /calls what a Swarm declares NAME@swarm/,
  },
};

/** The files of one. */
export function routedRecipe({
  labels,
  serves = "location / { return 200 ok; }",
  more = "",
  deploy = "",
  below = "",
  env = "",
  shell = "",
}: RoutedRecipe) {
  const own = [...labels, "coop-cloud.NAME.version=1.0.0+1.26.3"].map((label) =>
    label.replaceAll("NAME", `\${STACK_NAME}`).replaceAll("DOMAIN", `\${DOMAIN}`),
  );
  const isSaid = own.some((label) => label.startsWith("traefik.enable="));
  const lines = [...(isSaid ? [] : ["traefik.enable=true"]), ...own].map(
    (label) => `        - "${label}"
`,
  );
  return {
    ".env.sample": `TYPE=routed\nDOMAIN=routed.example.com\n${env}`,
    "abra.sh": `export CONF_VERSION=v1\n${shell}`,
    conf: `server { listen 80; ${serves} }\n`,
    "compose.yml": `version: "3.8"
services:
  app:
    image: nginx:1.26.3
    networks: [proxy]
    configs:
      - source: conf
        target: /etc/nginx/conf.d/default.conf
${more}    deploy:
${deploy}      labels:
${lines.join("")}networks:
  proxy:
    external: true
configs:
  conf:
    name: \${STACK_NAME}_conf_\${CONF_VERSION}
    file: conf
${below}`,
  };
}
