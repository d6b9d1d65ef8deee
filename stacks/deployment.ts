import { randomBytes } from "node:crypto";
import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { backupStore } from "../checks/backup/store.ts";
import { mailNameOf, mailServerOf } from "../checks/mail/server.ts";
import { probeNameOf } from "../checks/probe.ts";
import type { CheckRecorder } from "../checks/recorder.ts";
import { helperVolumes } from "../checks/volumes/backed-up.ts";
import { BackupRoundTrip } from "../components/backup-round-trip.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import { MailService } from "../components/mail-service.ts";
import { onlyOn } from "../components/place.ts";
import { ProbeService } from "../components/probe-service.ts";
import { SwarmApp, type SwarmAppArgs } from "../components/swarm-app.ts";
import type { AppSpec, Labels } from "../compose/app-spec.ts";
import { MAIL_IMAGE } from "../images/own.ts";
import { present } from "../lib/present.ts";
import { subjectOf } from "./deployments.ts";
import { exactServices } from "./exact-services.ts";
import type { RecipeStackArgs } from "./stack-args.ts";

/** What every deployment of a stack is given. */
export interface Common {
  args: RecipeStackArgs;
  runLabels: Labels;
  externalNetworks: SwarmAppArgs["externalNetworks"];
  options: pulumi.ComponentResourceOptions;
  /** Of the engine that has its volumes. */
  ofPlace: docker.Provider;
}

/** An app on the node, and what looks at it. */
export interface Standing {
  app: SwarmApp;
  /** As it is deployed. */
  spec: AppSpec;
  probe: ProbeService;
  probeName: string;
  /** What catches its mail. Default: nothing does. */
  mail?: MailService;
}

interface DeployArgs
  extends Common,
    Pick<SwarmAppArgs, "app" | "secretValues" | "textsToCome" | "exactServices" | "exactConfigs" | "after"> {
  /** Of its component: the subject is `app`, its second app `elsewhere`, and a dependency bears its recipe's name. */
  name: "app" | "elsewhere" | `needs:${string}`;
  /** Whether its mail is caught. Default: it is not. */
  mail?: boolean;
}

/** Deploys an app, and in its networks a probe and what catches its mail. */
export function deploy({
  args,
  options,
  runLabels,
  externalNetworks,
  name,
  mail: sendsMail,
  ...given
}: DeployArgs): Standing {
  const external = given.app.networks.filter((network) => network.external);
  const app = new SwarmApp(
    name,
    {
      ...given,
      runLabels,
      externalNetworks: Object.fromEntries(
        external.map((net) => [net.name, present(externalNetworks[net.name], `the id of network ${net.name}`)]),
      ),
      externalConfigs: args.externalConfigs,
      dockerHost: args.swarm.host,
      pinnedImages: args.pinnedImages,
    },
    options,
  );
  const probeName = probeNameOf(given.app.namespace);
  const constraints = args.place && [onlyOn(args.place)];
  const networks = Object.values(app.networks);
  const beside = { networks, constraints, runLabels };
  const own = (what: string) => (name === "app" ? what : `${what}-${name}`);
  const probe = new ProbeService(own("probe"), { ...beside, name: probeName, image: args.probeImage }, options);
  const { namespace } = given.app;
  const { host } = mailServerOf(namespace);
  const image = args.pinnedImages[MAIL_IMAGE] ?? MAIL_IMAGE;
  const mailArgs = { ...beside, name: mailNameOf(namespace), image, host };
  const mail = sendsMail ? new MailService(own("mail"), mailArgs, options) : undefined;
  return { app, spec: given.app, probe, probeName, mail };
}

interface ElsewhereArgs extends Common, Pick<DeployArgs, "app" | "textsToCome" | "after" | "mail"> {
  secret: GeneratedSecret;
  /** Values of the first app's secrets, by name: operators take them along. */
  secretValues: Record<string, pulumi.Output<string>>;
  /** As it is deployed. */
  first: AppSpec;
}

/** The same app on a new server, as far as one node goes: under other names, with nothing but the secrets. */
export function deployElsewhere(given: ElsewhereArgs): Standing & { helper: pulumi.Resource } {
  const { app, secretValues, textsToCome, first, secret, after, ...common } = given;
  const values = app.secrets.flatMap(({ key, name }) => {
    const same = first.secrets.find((one) => one.key === key);
    const value = same && secretValues[same.name];
    return value ? [[name, value] as const] : [];
  });
  const deployment = deploy({
    ...common,
    name: "elsewhere",
    app,
    after,
    secretValues: Object.fromEntries(values),
    textsToCome,
    exactServices: exactServices(undefined, app),
    exactConfigs: new Set(),
  });
  const inPlaceOf = Object.fromEntries(
    subjectOf(common.args.deployments).head.volumes.flatMap(({ key, name }) => {
      const same = app.volumes.find((volume) => volume.key === key);
      return same && helperVolumes(app).includes(same.name) ? [[name, same.name] as const] : [];
    }),
  );
  const { volumes } = deployment.app;
  const helper = makeHelper({ ...common, name: "backup-elsewhere", app, secret, volumes, inPlaceOf });
  return { ...deployment, helper };
}

/** Name of the container that backs an app up. */
export function helperName({ namespace }: AppSpec): string {
  return `${namespace}-backup`;
}

/** The password of the run's own repository. */
export function backupPassword({ recorder }: RecipeStackArgs, password: { value: string }): GeneratedSecret {
  const secret = new GeneratedSecret("backup-password", () => randomBytes(24).toString("base64url"));
  secret.value.apply((text) => {
    password.value = redacted(recorder, text);
  });
  return secret;
}

/** A value that must not be seen anywhere. */
export function redacted(recorder: CheckRecorder, text: string): string {
  recorder.redactor.add(text);
  return text;
}

interface HelperArgs extends Common {
  name: string;
  app: AppSpec;
  secret: GeneratedSecret;
  volumes: SwarmApp["volumes"];
  inPlaceOf?: Record<string, string>;
}

/** The container that backs an app up and restores it. */
export function makeHelper({ args, runLabels, ofPlace, name, app, secret, volumes, inPlaceOf }: HelperArgs) {
  return new BackupRoundTrip(
    name,
    {
      ...{ name: helperName(app), imageId: args.resticImageId, volumes: helperVolumes(app), inPlaceOf, runLabels },
      stored: backupStore() !== undefined,
    },
    { providers: [ofPlace], dependsOn: [...Object.values(volumes), secret] },
  );
}
