/** Stands for a value that is not shown. */
export const HIDDEN = "(hidden)";

/** Words that make a name sensitive wherever they stand in it. */
const STRONG = /passw|passphrase|secret|token|credential|api_?key|basicauth|digestauth/i;
/** Words that do so only as a word of their own. */
const WEAK = /(^|[^a-z])(pass|pw|pwd|key|private|salt|pepper|auth|dsn)($|[^a-z])/i;
/** Endings that make it a name, a place or a number instead of the secret itself. */
const HARMLESS = /[_.-](file|path|dir|version|length|size|ttl|url|uri|host|port|user|username|name|enabled)$/i;
const HARMLESS_VALUE = /^(|true|false|yes|no|on|off|\d{1,3}|\/run\/secrets\/\S*)$/i;
const KEY_MATERIAL = /-----BEGIN [A-Z ]*PRIVATE KEY|^eyJ[\w-]+\.[\w-]+\.|\$(apr1|2[aby]|5|6|argon2\w*)\$/;
const URL_PASSWORD = /(:\/\/[^\s/:@]*:)[^\s/@]+(@)/g;
const OPTION = /(--?[\w-]*(?:pass(?:word|wd)?|secret|token|api-?key)[= ]["']?)(?![$/])[^\s"']+/gi;

/** Whether a variable, label or option of this name usually carries a secret. */
export function isSensitive(name: string): boolean {
  if (HARMLESS.test(name)) return false;
  return STRONG.test(name) || WEAK.test(name);
}

/** A value as it may be shown: hidden as a whole where its name or its form says secret, else its passwords taken out. */
export function masked(name: string, value: string): string {
  if (HARMLESS_VALUE.test(value)) return value;
  return isSensitive(name) || KEY_MATERIAL.test(value) ? HIDDEN : maskedText(value);
}

/** A command or an address without the passwords in it. */
export function maskedText(text: string): string {
  return text.replace(URL_PASSWORD, `$1${HIDDEN}$2`).replace(OPTION, `$1${HIDDEN}`);
}
