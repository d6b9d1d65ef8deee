import type { AppSpec } from "../../compose/app-spec.ts";

/** What is looked through for the setting that says something. */
export type SettingsOf = Pick<AppSpec, "services"> & Partial<Pick<AppSpec, "configs">>;

/** The setting that leads to a URL, for the end of a sentence; empty where none is known. */
export function saidBy({ services }: SettingsOf, { origin }: URL): string {
  return variableWith({ services }, (value) => originsIn(value).includes(origin));
}

/** The setting whose text is such a one, for the end of a sentence: a variable, a label, or a config; empty where none is. */
export function settingWith({ services, configs = [] }: SettingsOf, isMeant: (text: string) => boolean): string {
  const variable = variableWith({ services }, isMeant);
  if (variable) return variable;
  for (const { key, labels } of services) {
    const found = Object.entries(labels).find(([, value]) => isMeant(value));
    if (found) return `, as label ${found[0]} of ${key} says`;
  }
  const config = configs.find(({ data }) => isMeant(Buffer.from(data, "base64").toString()));
  return config ? `, as config ${config.key} says` : "";
}

/** The same of variables alone. @param isMeant is given the name as well */
export function variableWith({ services }: SettingsOf, isMeant: (value: string, name: string) => boolean): string {
  for (const { key, env } of services) {
    const found = Object.entries(env).find(([name, value]) => value !== null && isMeant(value, name));
    if (found) return `, as ${found[0]} of ${key} says`;
  }
  return "";
}

function originsIn(value: string): string[] {
  const urls = value.match(/https?:\/\/[^\s"',;]+/gi) ?? [];
  return urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).origin);
}
